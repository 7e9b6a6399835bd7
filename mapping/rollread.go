package mapping

import (
	"hash/maphash"

	"github.com/studiobot/studiobot/studio"
)

func (l *roll) read(at uint32, size uint8) string {
	if size == 0 {
		return ""
	}
	return l.text[at/textPiece][at%textPiece:][:size]
}

func (l *roll) row(i uint32) *row { return &l.rows[i/rowPiece][i%rowPiece] }

// sum is the hash of a person.
func (l *roll) sum(p studio.Person) uint32 { return uint32(maphash.Comparable(l.seed, p)) }

// is says whether a row is about that person.
func (l *roll) is(i uint32, p studio.Person) bool {
	r := l.row(i)
	team := int(r.teamLen)
	if team != len(p.Team) {
		return false
	}
	text := l.read(r.key, r.keyLen)
	if team == 0 {
		return text == p.User
	}
	return text[:team] == p.Team && text[team+1:] == p.User
}

// person is whom a row is about. The key is as files write it: U… or T…/U….
func (l *roll) person(r *row) studio.Person {
	text := l.read(r.key, r.keyLen)
	if r.teamLen == 0 {
		return studio.Person{User: text}
	}
	return studio.Person{Team: text[:r.teamLen], User: text[r.teamLen+1:]}
}

// record is a row in full. Its text is the roll's own.
func (l *roll) record(r *row) record {
	return record{
		person: l.person(r), domain: l.names[r.domain], profile: l.read(r.profile, r.profileLen),
		denied: r.flags&rowDenied != 0, gone: r.flags&rowGone != 0, mark: r.mark, by: l.makers[r.by],
	}
}

// each calls yield with each row in the order in which they were added, until it
// returns false, and says whether it never did.
func (l *roll) each(yield func(i uint32, r *row) bool) bool {
	i := uint32(0)
	for _, piece := range l.rows {
		for j := range piece {
			if !yield(i, &piece[j]) {
				return false
			}
			i++
			breathe(int(i))
		}
	}
	return true
}

// head is the first row of a person, or nil.
func (l *roll) head(p studio.Person) *row {
	s := l.heads.find(l.sum(p), func(i uint32) bool { return l.is(i, p) })
	if s == nil {
		return nil
	}
	return l.row(s.row - 1)
}

// said is what stands there of a person in a domain: the row of that domain, and
// the one for every domain. Either may be nil.
func (l *roll) said(sum uint32, p studio.Person, domain uint16) (single, every *row) {
	s := l.heads.find(sum, func(i uint32) bool { return l.is(i, p) })
	if s == nil {
		return nil, nil
	}
	for at := l.row(s.row - 1); ; at = l.row(at.next) {
		switch at.domain {
		case domain:
			single = at
		case 0:
			every = at
		}
		if at.next == s.row-1 {
			return single, every
		}
	}
}
