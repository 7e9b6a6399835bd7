package studiobot

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Mistake is one thing wrong with the config.
type Mistake struct {
	// File is the config file, a file that it names, or "environment".
	File string
	// Line counts from 1; 0 where there is none.
	Line int
	// Key is the key as a path (domains[1].id), or the variable's name.
	Key string
	// Problem says what is wrong, Want what would be right. Neither ever holds
	// a secret.
	Problem, Want string
}

// String is the line that an operator reads:
//
//	studiobot.yaml:12: launch.link_ttl: 20m is too long; write a duration from 10s to 15m
func (m Mistake) String() string {
	var b strings.Builder
	b.WriteString(m.File)
	if m.Line > 0 {
		fmt.Fprintf(&b, ":%d", m.Line)
	}
	if m.Key != "" {
		b.WriteString(": " + m.Key)
	}
	b.WriteString(": " + m.Problem)
	if m.Want != "" {
		b.WriteString("; " + m.Want)
	}
	return b.String()
}

// Mistakes are all that are in a config, in the order of the file. It is never
// empty when returned as an error.
type Mistakes []Mistake

// Error has one line for each.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i := range m {
		lines[i] = m[i].String()
	}
	return strings.Join(lines, "\n")
}

// environmentFile stands for the environment in a Mistake.
const environmentFile = "environment"

// sort brings the mistakes into the order of the config file, then of the files
// that it names; those of the environment come last.
func (r *reader) sort() {
	rank := func(m Mistake) int {
		switch m.File {
		case r.name:
			return 0
		case environmentFile:
			return 2
		}
		return 1
	}
	slices.SortStableFunc(r.mistakes, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
}

// maxShown and maxPath bound what is repeated of the operator's text.
const (
	maxShown = 60
	maxPath  = 400
)

// tokenLike finds Slack's tokens of every kind.
var tokenLike = regexp.MustCompile(`(?i)xox[a-z]|xapp-`)

// show repeats a value of the file: short, printable, and no Slack token, which
// somebody may have put in the wrong place.
func show(s string) string { return showUpTo(maxShown, s) }

// showPath is show for a path, of which every part counts.
func showPath(s string) string { return showUpTo(maxPath, s) }

func showUpTo(n int, s string) string {
	if tokenLike.MatchString(s) {
		return hidden
	}
	if s == "" {
		return `""`
	}
	runes := []rune(s)
	if len(runes) > n {
		s = string(runes[:n-1]) + "…"
	}
	plain := func(r rune) bool { return r != ' ' && r != '"' && unicode.IsPrint(r) }
	if strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) >= 0 {
		return fmt.Sprintf("%q", s)
	}
	return s
}
