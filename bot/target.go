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
	spaces  bool // the list of spaces, in the domain if there is one
	target  studio.Target
	name    string // of something, as far as it isn't any other word; cut
	alone   bool   // there is no other word
	loose   bool   // a word counts by its beginning only, or not at all
	unknown string // cut to a size that can be repeated
	nearest string // what was probably meant; may be empty
}

const (
	// maxWord bounds what is repeated of a person's text.
	maxWord = 40
	// maxTyped is the length of the longest name that anything has.
	maxTyped = 256
)

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
	case studio.MLflow:
		return "MLflow"
	case studio.Notebook:
		return "notebook instance"
	case studio.NotebookLab:
		return "JupyterLab of the notebook instance"
	}
	return "Studio"
}

// words reads the text behind the command as far as nobody has to be asked: see
// read.
func (b *Bot) words(text string) word { return b.read(text, theirs{}) }

// read reads the text behind the command: nothing, "help", or a domain, a target
// and the name of something of theirs, in any order, each also by the beginning of
// its name where that is no other's. What means nothing else is taken for a name.
func (b *Bot) read(text string, t theirs) word {
	fields := strings.FieldsFunc(text, unicode.IsSpace)
	if len(fields) == 1 && slices.Contains([]string{"help", "?", "-h", "--help"}, strings.ToLower(fields[0])) {
		return word{help: true}
	}
	if _, all := t.begins(text); all && len(fields) > 1 { // a name of several words
		return word{name: cut(strings.Join(fields, " "), maxTyped)}
	}
	w := word{alone: len(fields) == 1}
	var rest []string
	for _, field := range fields {
		meant, exact := b.meant(field)
		begins, all := t.begins(field)
		switch {
		case !exact && all, meant == "":
			rest = append(rest, field)
		case !exact && begins, !w.take(meant, slices.Contains(b.domainNames(), meant)):
			return b.unknownWord(field, t)
		}
		w.loose = w.loose || !exact
	}
	if len(rest) > 0 {
		w.name = strings.TrimSpace(cut(strings.Join(rest, " "), maxTyped))
	}
	return w
}

// take takes in a word that means something, unless that makes no sense behind the
// others.
func (w *word) take(meant string, isDomain bool) bool {
	plain := !w.status && !w.spaces
	switch target := studio.Target(meant); {
	case isDomain:
		if w.domain != "" {
			return false
		}
		w.domain = meant
	case meant == "help":
		w.help = w.alone
		return w.alone
	case meant == "status", meant == "spaces":
		if !plain || w.target != "" {
			return false
		}
		w.status, w.spaces = meant == "status", meant == "spaces"
	case plain && (w.target == studio.Notebook && target == studio.Lab || w.target == studio.Lab && target == studio.Notebook):
		w.target = studio.NotebookLab
	case !plain || w.target != "":
		return false
	default:
		w.target = target
	}
	return true
}

// meant is the name that a word is, or that only it can be the beginning of.
func (b *Bot) meant(field string) (name string, exact bool) {
	field = strings.ToLower(field)
	if field == "notebooks" {
		field = string(studio.Notebook)
	}
	var found []string
	for _, name := range b.names() {
		if name == field {
			return name, true
		}
		if strings.HasPrefix(name, field) {
			found = append(found, name)
		}
	}
	if len(found) == 1 {
		return found[0], false
	}
	return "", false
}

// names are all words that mean something.
func (b *Bot) names() []string {
	words := []string{"help", "status"}
	if b.o.Places != nil {
		words = append(words, "spaces", string(studio.Notebook), string(studio.MLflow))
	}
	return append(append(words, b.domainNames()...), targets()...)
}

// unknownWord is a word that means nothing, with the name that it may have been:
// of what everybody has, or of something of theirs.
func (b *Bot) unknownWord(field string, t theirs) word {
	w := word{unknown: cut(field, maxWord)}
	names := b.names()
	for _, n := range t.of("") {
		names = append(names, n.option.Name)
	}
	best := 3 // more different than that is another word
	for _, name := range names {
		if d := distance(strings.ToLower(w.unknown), strings.ToLower(cut(name, maxWord))); d < best && d > 0 && 3*d <= len(name) {
			best, w.nearest = d, cut(name, maxWord)
		}
	}
	return w
}
