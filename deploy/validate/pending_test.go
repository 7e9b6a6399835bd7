package validate

import "strings"

// pending is a warning of a key that the templates use and that this version
// doesn't serve yet. It goes when it is served.
func pending(line string) bool {
	return strings.Contains(line, "metrics has no effect in this version yet")
}
