package mapping

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
)

// secondLooks is what deserves one in a file without mistakes, a bounded number
// of them.
func (r *reader) secondLooks() []string {
	s := shared{reader: r, next: make([]uint32, r.list.count)}
	for _, first := range s.groups() {
		if len(r.warnings) >= maxMistakes {
			return append(r.warnings[:maxMistakes:maxMistakes], r.file+": more may deserve a second look; mend these first")
		}
		r.warnings = append(r.warnings, s.warn(first)...)
	}
	return r.warnings
}

// shared finds user profiles that several people have in one domain. That can be
// meant: they share its files and apps.
type shared struct {
	*reader
	// next leads from a row to the next one with the same profile; 0 ends.
	next []uint32
}

// groups returns the first row of each profile that several rows have.
func (s *shared) groups() []uint32 {
	var profiles index
	l := s.list
	for i := l.count - 1; i >= 0; i-- { // backwards, so that next leads forwards
		breathe(i)
		r := l.row(uint32(i))
		if r.profileLen == 0 {
			continue
		}
		profile := l.read(r.profile, r.profileLen)
		sum := sumFold(l.seed, profile)
		same := profiles.find(sum, func(j uint32) bool {
			other := l.row(j)
			return strings.EqualFold(l.read(other.profile, other.profileLen), profile)
		})
		if same == nil {
			profiles.add(sum, uint32(i))
			continue
		}
		s.next[i], same.row = same.row-1, uint32(i)+1
	}
	var out []uint32
	for _, slot := range profiles.slots {
		if slot.row != 0 && s.next[slot.row-1] != 0 {
			out = append(out, slot.row-1)
		}
	}
	slices.Sort(out)
	return out
}

// sumFold is a hash of a profile's name in lower case, as SageMaker compares it.
func sumFold(seed maphash.Seed, profile string) uint32 {
	var room [maxProfile + 1]byte
	low := append(room[:0], profile...)
	for i, c := range low {
		if c >= 'A' && c <= 'Z' {
			low[i] = c + 'a' - 'A'
		}
	}
	return uint32(maphash.Bytes(seed, low))
}

// warn says who has the profile of a group, the same people once for all their
// domains.
func (s *shared) warn(first uint32) []string {
	l := s.list
	r := l.row(first)
	profile := strings.ToLower(l.read(r.profile, r.profileLen))
	groups := map[string][]string{}
	for _, d := range s.domains {
		if said := s.sharers(first, l.domains[d]); said != "" {
			groups[said] = append(groups[said], d)
		}
	}
	var out []string
	for said, domains := range groups {
		where := "in " + strings.Join(domains, ", ")
		if len(domains) == len(s.domains) {
			where = "in every domain"
		}
		out = append(out, fmt.Sprintf("%s:%d: the user profile %s belongs to %s %s; they share its files and apps", s.file, r.mark, profile, said, where))
	}
	slices.Sort(out)
	return out
}

// sharers lists those who have the profile in that domain with their lines, the
// first few of many, or is empty if they aren't several people. One person with
// two keys is one.
func (s *shared) sharers(first uint32, domain uint16) string {
	const most = 5
	l := s.list
	var shown [most]*row
	n, rows, several := 0, 0, false
	for i := first; ; i = s.next[i] {
		if r := l.row(i); r.domain == domain || r.domain == 0 && !l.sibling(i, domain) {
			if n < most {
				shown[n] = r
			}
			several = several || l.person(r).User != l.person(shown[0]).User
			n++
		}
		if s.next[i] == 0 {
			break
		}
		breathe(rows)
		rows++
	}
	if !several {
		return ""
	}
	var parts []string
	for _, r := range shown[:min(n, most)] {
		parts = append(parts, fmt.Sprintf("%s (line %d)", key(l.person(r)), r.mark))
	}
	if n > most {
		return fmt.Sprintf("%s and %d more", strings.Join(parts, ", "), n-most)
	}
	return strings.Join(parts, ", ")
}

// sibling says whether the person of a row has one of that domain.
func (l *roll) sibling(i uint32, domain uint16) bool {
	for j := l.row(i).next; j != i; j = l.row(j).next {
		if l.row(j).domain == domain {
			return true
		}
	}
	return false
}
