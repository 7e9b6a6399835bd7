package mapping

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	// DirectoryCopy is the name under which Copies keep the directory.
	DirectoryCopy = "directory"
	// directoryMagic begins a copy; its last byte is the version.
	directoryMagic = "sbdir\x01"
	// maxDirectoryCopy bounds a copy that is read back: a million people with
	// addresses take about half of it.
	maxDirectoryCopy = 128 << 20
	// allFlags are those that a copy may have.
	allFlags = flagDeleted | flagBot | flagGuest | flagStranger | flagInvited
)

// Copy returns the directory as it is, and the moment of which it is complete:
// the beginning of the latest complete reading. Without one there is no copy.
//
// The format: directoryMagic; home's team and enterprise; 1 with e-mail
// addresses, else 0; then each person: user, team, enterprise, e-mail, flags (one
// byte), and how many nanoseconds after that moment this was true (a varint). A
// text is its length (a varint) and its bytes.
func (d *Directory) Copy() (data []byte, taken time.Time, ok bool) {
	home, known := d.Home()
	whole := d.whole.Load()
	if !known || whole == noReading || d.over.Load() >= whole {
		return nil, time.Time{}, false
	}
	data = make([]byte, 0, 64*(d.Len()+1))
	data = append(data, directoryMagic...)
	data = appendText(appendText(data, home.Team), home.Enterprise)
	if d.o.Emails {
		data = append(data, 1)
	} else {
		data = append(data, 0)
	}
	for i := range d.people.parts {
		if data, ok = d.people.copyPart(&d.people.parts[i], data, whole); !ok {
			return nil, time.Time{}, false
		}
	}
	return data, d.born.Add(time.Duration(whole)), true
}

// copyPart appends the people of one part of whom something is known as of a
// moment or since: who isn't is about to be dropped. It fails for somebody whom
// Restore would refuse: no copy is better than one that lacks somebody.
func (p *people) copyPart(part *part, data []byte, since int64) ([]byte, bool) {
	part.mu.RLock()
	defer part.mu.RUnlock()
	for user, e := range part.entries {
		team, enterprise := p.names.name(e.team), p.names.name(e.enterprise)
		if e.asOf < since {
			continue
		}
		if !plainID(user) || !ourKindOfID(team) || !ourKindOfID(enterprise) {
			return nil, false
		}
		data = appendText(appendText(appendText(data, user), team), enterprise)
		data = append(appendText(data, part.emails[user]), e.flags)
		data = binary.AppendUvarint(data, uint64(e.asOf-since))
	}
	return data, true
}

// Restore takes in a copy that was taken at a moment, after SetHome: people
// count as of when they were read, so who is too old by now is asked for by name,
// and whatever is younger stays. The reading counts as the latest complete one as
// of its own beginning. A copy of another workspace, from the future, without the
// addresses that this directory keeps, or that isn't one, is refused as a whole.
func (d *Directory) Restore(data []byte, taken time.Time) error {
	asOf, all, err := d.decode(data, taken)
	if err != nil {
		return err
	}
	for i := range all {
		d.restore(all[i])
	}
	d.completed(asOf)
	return nil
}

// decode reads a copy, and returns the moment of which it is complete.
func (d *Directory) decode(data []byte, taken time.Time) (asOf int64, all []restored, err error) {
	home, known := d.Home()
	if !known {
		return 0, nil, errNoHome
	}
	now := d.now()
	age := d.o.Now().Sub(taken)
	if age < 0 || age > math.MaxInt64/4 || len(data) > maxDirectoryCopy {
		return 0, nil, fmt.Errorf("%w: taken %v ago, %d bytes", errCopy, age, len(data))
	}
	r := copyReader{rest: data}
	if r.bytes(len(directoryMagic)) != directoryMagic {
		return 0, nil, fmt.Errorf("%w: of another version, or something else", errCopy)
	}
	if team, enterprise := r.text(maxID), r.text(maxID); team != home.Team || enterprise != home.Enterprise {
		return 0, nil, fmt.Errorf("%w: of another workspace", errCopy)
	}
	if emails := r.byte(); emails > 1 || emails == 0 && d.o.Emails {
		return 0, nil, fmt.Errorf("%w: without e-mail addresses", errCopy)
	}
	asOf = now - int64(age)
	all, err = r.people(asOf, now)
	return asOf, all, err
}

// completed notes a complete reading, unless a later one was.
func (d *Directory) completed(asOf int64) {
	for {
		last := d.whole.Load()
		if asOf <= last || d.whole.CompareAndSwap(last, asOf) {
			return
		}
	}
}

// restored is a person as of a moment.
type restored struct {
	m    studio.Member
	asOf int64
}

// restore keeps somebody, unless something younger is known; nobody is told of
// a change by it.
func (d *Directory) restore(r restored) {
	if !d.o.Emails {
		r.m.Email = ""
	}
	if _, known, kept := d.people.put(r.m, r.asOf); !known && !kept {
		d.over.Store(d.moment())
	}
}

// people reads all people of a copy strictly: others may have had the file it
// was in.
func (r *copyReader) people(taken, now int64) ([]restored, error) {
	var all []restored
	for len(r.rest) > 0 && !r.broken {
		m := studio.Member{Person: studio.Person{User: r.text(maxID)}}
		m.Team, m.Enterprise, m.Email = r.text(maxID), r.text(maxID), r.text(maxEmail)
		flags := r.byte()
		after := r.number()
		if r.broken || !plainID(m.User) || !ourKindOfID(m.Team) || !ourKindOfID(m.Enterprise) || flags&^allFlags != 0 || len(all) >= maxPeople {
			return nil, fmt.Errorf("%w: person %d", errCopy, len(all))
		}
		m.Deleted, m.Bot, m.Guest = flags&flagDeleted != 0, flags&flagBot != 0, flags&flagGuest != 0
		m.Stranger, m.Invited = flags&flagStranger != 0, flags&flagInvited != 0
		// Nothing is true of the future, whatever the clocks of two processes say.
		all = append(all, restored{m, taken + int64(min(after, uint64(now-taken)))})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: nobody is in it", errCopy)
	}
	return all, nil
}

func plainID(s string) bool {
	if s == "" || len(s) > maxID {
		return false
	}
	for i := range len(s) {
		if !letter(s[i]) && !digit(s[i]) {
			return false
		}
	}
	return true
}

// ourKindOfID says whether a team's or enterprise's ID may be in a copy: there
// may be none, and elsewhere stands for those that are too many.
func ourKindOfID(s string) bool { return s == "" || s == elsewhere || plainID(s) }

func appendText(data []byte, s string) []byte {
	return append(binary.AppendUvarint(data, uint64(len(s))), s...)
}

// copyReader reads what appendText and its like wrote. After a mistake it is
// broken, and everything else reads as zero.
type copyReader struct {
	rest   []byte
	broken bool
}

func (r *copyReader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.rest, r.broken = nil, true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *copyReader) bytes(n int) string {
	if n > len(r.rest) {
		r.rest, r.broken = nil, true
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func (r *copyReader) text(most int) string {
	n := r.number()
	if n > uint64(most) {
		r.rest, r.broken = nil, true
		return ""
	}
	return r.bytes(int(n))
}

func (r *copyReader) byte() byte {
	s := r.bytes(1)
	if s == "" {
		return 0
	}
	return s[0]
}
