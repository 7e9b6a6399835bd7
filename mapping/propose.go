package mapping

import "strings"

// Propose guesses the name of a user profile from an e-mail address: jane-doe
// of jane.doe@example.com. It is empty where there is no good guess, and nothing
// but a proposal: whoever decides looks at it.
func Propose(email string) string { return hyphenated(strings.ToLower(email)) }
