package bot

import (
	"slices"
	"strings"
	"unicode"

	"github.com/studiobot/studiobot/studio"
)

// word is what the text behind the command means.
type word struct {
	help    bool
	status  bool // what runs, in the domain if there is one
	domain  string
	target  studio.Target
	unknown string // cut to a size that can be repeated
	nearest string // what was probably meant; may be empty
}

// maxWord bounds what is repeated of a person's text.
const maxWord = 40

// targets are those that need no name beside them, as people type them.
func targets() []string {
	return []string{string(studio.Home), string(studio.Lab), string(studio.Code), string(studio.Canvas), string(studio.RStudio), string(studio.Classic)}
}

// thing is what a target is called.
func thing(t studio.Target) string {
	switch t {
	case studio.Lab:
		return "JupyterLab"
	case studio.Code:
		return "Code Editor"
	case studio.Canvas:
		return "Canvas"
	case studio.RStudio:
		return "RStudio"
	case studio.Classic:
		return "Studio Classic"
	}
	return "Studio"
}

// words reads the text behind the command: nothing, "help", or a domain and a
// target in any order, each also by the beginning of its name where that is no
// other's.
func (b *Bot) words(text string) word {
	fields := strings.FieldsFunc(text, unicode.IsSpace)
	if len(fields) == 1 && slices.Contains([]string{"help", "?", "-h", "--help"}, strings.ToLower(fields[0])) {
		return word{help: true}
	}
	w := word{}
	for _, field := range fields {
		meant := b.meant(field)
		isDomain := slices.Contains(b.domainNames(), meant)
		switch {
		case meant == "help" && len(fields) == 1:
			w.help = true
		case meant == "status" && !w.status && w.target == "":
			w.status = true
		case isDomain && w.domain == "":
			w.domain = meant
		case !isDomain && meant != "" && meant != "help" && meant != "status" && w.target == "" && !w.status:
			w.target = studio.Target(meant)
		default:
			return b.unknownWord(field)
		}
	}
	return w
}

// meant is the name that a word is, or that only it can be the beginning of.
func (b *Bot) meant(field string) string {
	field = strings.ToLower(field)
	var found []string
	for _, name := range b.names() {
		if name == field {
			return name
		}
		if strings.HasPrefix(name, field) {
			found = append(found, name)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return ""
}

// names are all words that mean something.
func (b *Bot) names() []string {
	return append(append([]string{"help", "status"}, b.domainNames()...), targets()...)
}

// unknownWord is a word that means nothing, with the name that it may have been.
func (b *Bot) unknownWord(field string) word {
	w := word{unknown: cut(field, maxWord)}
	best := 3 // more different than that is another word
	for _, name := range b.names() {
		if d := distance(strings.ToLower(w.unknown), name); d < best && d > 0 && 3*d <= len(name) {
			best, w.nearest = d, name
		}
	}
	return w
}
