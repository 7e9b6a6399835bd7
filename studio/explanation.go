package studio

import "time"

// Explanation says what a person would get now, and why: for operators, who ask
// for it in Slack or on the command line. Its texts are never shown to others.
type Explanation struct {
	Person Person
	// Member is what Slack says of the person, if Known.
	Member Member
	Known  bool
	// Refused is why the person isn't let in at all; nil: let in. What the
	// domains say is there all the same.
	Refused error
	// Domains are in the order of the config.
	Domains []DomainExplanation
}

// DomainExplanation is what a person gets in one domain.
type DomainExplanation struct {
	// Domain is the Name of a configured Domain.
	Domain string
	// Profile is the user profile that they get; empty where Err isn't nil.
	Profile string
	// Err is why there is none: ErrNotMapped, ErrDenied, ErrConflict,
	// ErrNotInGroup, ErrUnsure.
	Err error
	// Source is the number of the source that decides, from 1; 0: none does.
	Source int
	// Words are what each source says, in the order of the config. What follows
	// the one that decides is what it shadows.
	Words []SourceWord
}

// SourceWord is what one source says of a person in a domain.
type SourceWord struct {
	// Source is its number in the config, from 1, and Name what it is: tag
	// slack-user-id.
	Source int
	Name   string
	// Profile is what it gives; empty where Err isn't nil, and where it is
	// silent.
	Profile string
	// Err is ErrDenied, ErrConflict, or ErrUnsure where it can't answer.
	Err error
	// Origin says where that stands: users.yaml:12.
	Origin string
	// Why says why it is silent, if it can tell.
	Why string
	// Age is how old what it answers from is, where Aged: it keeps a copy of what
	// somebody else owns.
	Age  time.Duration
	Aged bool
}

// Silent says that the source has no word on the person.
func (w SourceWord) Silent() bool { return w.Profile == "" && w.Err == nil }

// Decides is the word that counts, if there is one.
func (d DomainExplanation) Decides() (SourceWord, bool) {
	if d.Source < 1 || d.Source > len(d.Words) {
		return SourceWord{}, false
	}
	return d.Words[d.Source-1], true
}

// Shadowed are the words that would count if the source that decides were
// silent.
func (d DomainExplanation) Shadowed() []SourceWord {
	var out []SourceWord
	for _, w := range d.Words {
		if d.Source > 0 && w.Source > d.Source && !w.Silent() {
			out = append(out, w)
		}
	}
	return out
}
