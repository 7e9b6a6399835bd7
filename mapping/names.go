package mapping

import (
	"strings"

	"github.com/studiobot/studiobot/studio"
)

const (
	// maxProfile is the length of a user profile's name by the SageMaker API.
	maxProfile = 63
	// maxID bounds a Slack ID. Slack documents no length; real ones have 9 to
	// 11 characters.
	maxID = 64
)

// hyphenated is how a name like jane.doe@example.com would look as a user
// profile's: jane-doe. It is empty where there is no good guess.
func hyphenated(name string) string {
	if local, _, isAddress := strings.Cut(name, "@"); isAddress && local != "" {
		name = local
	}
	var b strings.Builder
	gap := false
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 0x80:
			return ""
		case letter(c), digit(c):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteByte(c)
		default:
			gap = true
		}
	}
	if hint := b.String(); studio.ValidProfile(hint) && !strings.EqualFold(hint, denyWord) {
		return hint
	}
	return ""
}

// personKey takes a key of the file apart: U…, W…, or T…/U… for one workspace
// (E…/U… for one organisation).
func personKey(key string) (studio.Person, bool) {
	team, user, both := strings.Cut(key, "/")
	if !both {
		team, user = "", key
	}
	ok := slackID(user, "UW") && (!both || slackID(team, "TE"))
	return studio.Person{Team: team, User: user}, ok
}

// slackID says whether s looks like an ID that begins with one of these letters.
func slackID(s, first string) bool {
	if len(s) < 2 || len(s) > maxID || strings.IndexByte(first, s[0]) < 0 {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; !digit(c) && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func digit(c byte) bool { return c >= '0' && c <= '9' }

// nearest is the one of known that was probably meant, or "".
func nearest(word string, known []string) string {
	word = clip(strings.ToLower(word))
	best, found := 3, "" // what differs more is another word
	for _, k := range known {
		if d := edits(word, strings.ToLower(k)); d < best && d < len(k) {
			best, found = d, k
		}
	}
	return found
}

// edits is how many letters must be added, dropped or changed to get from a to b.
func edits(a, b string) int {
	from, to := []rune(a), []rune(b)
	above, here := make([]int, len(to)+1), make([]int, len(to)+1)
	for j := range above {
		above[j] = j
	}
	for i, x := range from {
		here[0] = i + 1
		for j, y := range to {
			change := above[j]
			if x != y {
				change++
			}
			here[j+1] = min(change, above[j+1]+1, here[j]+1)
		}
		above, here = here, above
	}
	return above[len(to)]
}

// clip bounds what is repeated of somebody's text.
func clip(s string) string {
	const most = 80 // letters
	r := []rune(s[:min(len(s), 4*most)])
	if len(s) <= 4*most && len(r) <= most {
		return s
	}
	return string(r[:min(len(r), most-1)]) + "…"
}
