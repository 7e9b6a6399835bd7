package mapping

import (
	"hash/maphash"
	"math"
	"strings"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// roll is a list of who has which profile where, a million people long if need
// be: 28 bytes a row and some 17 a person, beside the text. Once it is shared it
// doesn't change any more, and any number of readers need no lock. While it is
// built nothing large is moved or copied in one go, which would hold up the
// garbage collector, and everybody with it.
type roll struct {
	seed maphash.Seed
	// names are the domains by number: 0 is every domain without a row of its
	// own, then come the configured ones, then those that only rows speak of.
	names      []string
	domains    map[string]uint16
	configured uint16
	makers     []string // by number; 0 is nobody
	numbers    map[string]uint32

	text  []string        // in pieces of about textPiece
	last  strings.Builder // of which the last piece is the beginning
	rows  [][]row         // in pieces of rowPiece
	count int
	// heads finds the first row of each person.
	heads  index
	people int
	// notebooks are the notebook instances that a users file gives to people, who
	// are few.
	notebooks map[studio.Person][]studio.NotebookGrant
	// teams are the workspaces that rows are about; most lists have none.
	teams map[string]struct{}
}

// row is what the roll says of a person in one domain, or in every domain.
type row struct {
	key, profile uint32 // where in the text; of key see roll.person
	next         uint32 // the next row of the same person; the last one leads to the first
	mark         uint32 // where or when it was made: a line, or Unix seconds
	by           uint32 // who made it
	domain       uint16
	keyLen       uint8
	teamLen      uint8
	profileLen   uint8
	flags        uint8
}

// The flags of a row.
const (
	rowDenied = 1 << iota
	// rowGone hides the row below: see view.
	rowGone
	// rowFirst: the first of its person.
	rowFirst
)

const (
	textPiece = 1 << 20
	rowPiece  = 1 << 12
	// maxDomains bounds the domains that rows speak of.
	maxDomains = 10_000
)

// record is a row in full.
type record struct {
	person       studio.Person
	domain       string // empty: every domain without a row of its own
	profile      string
	denied, gone bool
	mark         uint32
	by           string
}

func newRoll(seed maphash.Seed, domains []string) *roll {
	l := &roll{seed: seed, names: []string{""}, domains: map[string]uint16{}, makers: []string{""}, numbers: map[string]uint32{}}
	for _, d := range domains {
		l.domain(d)
	}
	l.configured = uint16(len(l.names) - 1)
	return l
}

// domain is the number of a domain, a new one if need be.
func (l *roll) domain(name string) uint16 {
	if name == "" {
		return 0
	}
	i, known := l.domains[name]
	if !known {
		i = uint16(len(l.names))
		name = strings.Clone(name)
		l.domains[name] = i
		l.names = append(l.names, name)
	}
	return i
}

// full says whether there is no room for one more row.
func (l *roll) full(rows int) bool { return l.count >= rows || len(l.names) > maxDomains }

// add takes in a row, unless there is one of that person and domain: it returns
// that one then, and nil otherwise. What is too long for an ID is nobody's, and
// is left out; what is too long for a profile's name is cut, and is none still.
func (l *roll) add(e record) (earlier *row) {
	if len(e.person.User) > maxID || len(e.person.Team) > maxID {
		return nil
	}
	domain, sum, number := l.domain(e.domain), l.sum(e.person), uint32(l.count)
	r := row{next: number, mark: e.mark, domain: domain, teamLen: uint8(len(e.person.Team))}
	if s := l.heads.find(sum, func(i uint32) bool { return l.is(i, e.person) }); s != nil {
		first := l.row(s.row - 1)
		for at := first; ; at = l.row(at.next) {
			if at.domain == domain {
				return at
			}
			if at.next == s.row-1 {
				r.next, at.next = at.next, number
				break
			}
		}
		r.key, r.keyLen = first.key, first.keyLen
	} else {
		l.heads.add(sum, number)
		l.people++
		l.team(e.person.Team)
		r.key, r.keyLen = l.keep(key(e.person))
		r.flags = rowFirst
	}
	l.say(&r, e)
	if l.count%rowPiece == 0 {
		size := rowPiece
		if l.count == 0 {
			size = 0 // most lists are short
		}
		l.rows = append(l.rows, make([]row, 0, size))
	}
	piece := &l.rows[len(l.rows)-1]
	*piece = append(*piece, r)
	l.count++
	return nil
}

// put is add, in place of an earlier row of that person and domain.
func (l *roll) put(e record) {
	if r := l.add(e); r != nil {
		l.say(r, e)
	}
}

func (l *roll) team(id string) {
	if _, known := l.teams[id]; known || id == "" {
		return
	}
	if l.teams == nil {
		l.teams = map[string]struct{}{}
	}
	l.teams[strings.Clone(id)] = struct{}{}
}

// say writes what a row says.
func (l *roll) say(r *row, e record) {
	r.profile, r.profileLen = l.keep(e.profile[:min(len(e.profile), maxProfile+1)])
	r.mark, r.by = e.mark, l.maker(e.by)
	r.flags &= rowFirst
	if e.denied {
		r.flags |= rowDenied
	}
	if e.gone {
		r.flags |= rowGone
	}
}

// maker is the number of somebody who made rows, a new one if need be.
func (l *roll) maker(by string) uint32 {
	if by == "" {
		return 0
	}
	i, known := l.numbers[by]
	if !known {
		i = uint32(len(l.makers))
		by = strings.Clone(by)
		l.numbers[by] = i
		l.makers = append(l.makers, by)
	}
	return i
}

// done says that nothing more comes.
func (l *roll) done() { l.numbers = nil }

// keep takes in up to 255 bytes of text.
func (l *roll) keep(s string) (at uint32, size uint8) {
	if s == "" {
		return 0, 0
	}
	if len(l.text) == 0 || l.last.Len()+len(s) > textPiece {
		l.last = strings.Builder{}
		if len(l.text) > 0 {
			l.last.Grow(textPiece)
		}
		l.text = append(l.text, "")
	}
	piece, from := len(l.text)-1, l.last.Len()
	l.last.WriteString(s)
	l.text[piece] = l.last.String()
	return uint32(piece*textPiece + from), uint8(len(s))
}

// seconds is a moment as a row keeps it.
func seconds(t time.Time) uint32 { return uint32(min(max(t.Unix(), 0), math.MaxUint32)) }

// breathe is called in long loops with a count: now and then it lets whoever
// waits for this processor go first, be it the network, which a busy loop keeps
// from being looked at.
func breathe(i int) {
	if i%4096 == 4095 {
		time.Sleep(10 * time.Microsecond)
	}
}
