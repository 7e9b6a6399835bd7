package mapping

import (
	"fmt"
	"strings"
)

// Mistake is something wrong in a users file, and what would be right.
type Mistake struct {
	File string
	// Line counts from 1; 0 where the whole file is meant.
	Line    int
	Problem string
}

// Error names the file and the line: users.yaml:7: ….
func (m Mistake) Error() string {
	if m.Line == 0 {
		return m.File + ": " + m.Problem
	}
	return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Problem)
}

// String is Error.
func (m Mistake) String() string { return m.Error() }

// Mistakes is everything that is wrong with a users file, in its order.
type Mistakes []Mistake

// Error lists them all, one a line.
func (m Mistakes) Error() string { return m.first(len(m)) }

// first lists n of them.
func (m Mistakes) first(n int) string {
	var b strings.Builder
	for i := range m[:min(n, len(m))] {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(m[i].Error())
	}
	return b.String()
}
