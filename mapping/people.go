package mapping

import (
	"hash/maphash"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/studiobot/studiobot/studio"
)

// shards is how many parts the people are kept in, by user ID: a writer holds up
// the readers of one part, and no more of the workspace is ever copied at once.
const shards = 64

// people keeps members in few bytes: an ID, and an entry of 16; and the e-mail
// addresses beside them, of those who come with one.
type people struct {
	limit   int
	observe func(before, after studio.Member) // see DirectoryOptions.Observe; may be nil
	seed    maphash.Seed
	count   atomic.Int64
	names   names
	parts   [shards]part
}

type part struct {
	mu      sync.RWMutex
	entries map[string]entry
	emails  map[string]string // nil until there is one
}

// entry is a person as of a moment.
type entry struct {
	asOf             int64 // see Directory.moment
	team, enterprise uint16
	flags            uint8
}

// The flags of an entry, in the order in which pack lists them.
const (
	flagDeleted = 1 << iota
	flagBot
	flagGuest
	flagStranger
	flagInvited
)

func newPeople(limit int, observe func(before, after studio.Member)) *people {
	p := &people{limit: limit, observe: observe, seed: maphash.MakeSeed()}
	p.names.keep("", elsewhere)
	for i := range p.parts {
		p.parts[i].entries = map[string]entry{}
	}
	return p
}

func (p *people) part(user string) *part {
	return &p.parts[maphash.String(p.seed, user)%shards]
}

// get returns a person and the moment of which that is true.
func (p *people) get(user string) (m studio.Member, asOf int64, known bool) {
	part := p.part(user)
	part.mu.RLock()
	e, known := part.entries[user]
	email := part.emails[user]
	part.mu.RUnlock()
	if !known {
		return studio.Member{}, 0, false
	}
	return p.unpack(user, e, email), e.asOf, true
}

// put keeps a person unless something younger is known, or there is no room for
// one more. before is what was known, if known.
func (p *people) put(m studio.Member, asOf int64) (before studio.Member, known, kept bool) {
	fresh := p.pack(m, asOf)
	part := p.part(m.User)
	part.mu.Lock()
	defer part.mu.Unlock()
	e, known := part.entries[m.User]
	if known {
		before = p.unpack(m.User, e, part.emails[m.User])
		if e.asOf > asOf {
			return before, true, false
		}
		part.entries[m.User] = fresh // keeps the key that is there
		part.email(m.User, before.Email, m.Email)
		p.tell(before, m)
		return before, true, true
	}
	if p.count.Add(1) > int64(p.limit) {
		p.count.Add(-1)
		return before, false, false
	}
	user := strings.Clone(m.User) // the caller's may be a piece of a whole page
	part.entries[user] = fresh
	part.email(user, "", m.Email)
	p.tell(before, m)
	return before, false, true
}

// email keeps an address in place of another. Called with mu held.
func (part *part) email(user, before, after string) {
	switch {
	case before == after:
	case after == "":
		delete(part.emails, user)
	default:
		if part.emails == nil {
			part.emails = map[string]string{}
		}
		part.emails[strings.Clone(user)] = strings.Clone(after)
	}
}

func (p *people) tell(before, after studio.Member) {
	if p.observe != nil {
		p.observe(before, after)
	}
}

// drop forgets a person unless something younger is known.
func (p *people) drop(user string, asOf int64) {
	part := p.part(user)
	part.mu.Lock()
	defer part.mu.Unlock()
	if e, known := part.entries[user]; known && e.asOf <= asOf {
		p.forget(part, user, e)
		p.count.Add(-1)
	}
}

// dropBefore forgets everybody of whom nothing was said since a moment.
func (p *people) dropBefore(moment int64) {
	for i := range p.parts {
		part := &p.parts[i]
		part.mu.Lock()
		n := len(part.entries)
		for user, e := range part.entries {
			if e.asOf < moment {
				p.forget(part, user, e)
			}
		}
		if len(part.entries) < n/2 {
			part.entries, part.emails = smaller(part.entries), smaller(part.emails)
		}
		p.count.Add(int64(len(part.entries) - n))
		part.mu.Unlock()
	}
}

// forget takes out somebody who is there. Called with mu held.
func (p *people) forget(part *part, user string, e entry) {
	before := p.unpack(user, e, part.emails[user])
	delete(part.entries, user)
	delete(part.emails, user)
	p.tell(before, studio.Member{})
}

// smaller is a copy: a map never gives its memory back.
func smaller[V any](m map[string]V) map[string]V {
	out := make(map[string]V, len(m))
	maps.Copy(out, m)
	return out
}

func (p *people) pack(m studio.Member, asOf int64) entry {
	e := entry{asOf: asOf, team: p.names.index(m.Team), enterprise: p.names.index(m.Enterprise)}
	for bit, on := range [...]bool{m.Deleted, m.Bot, m.Guest, m.Stranger, m.Invited} {
		if on {
			e.flags |= 1 << bit
		}
	}
	return e
}

func (p *people) unpack(user string, e entry, email string) studio.Member {
	return studio.Member{
		Person: studio.Person{Team: p.names.name(e.team), User: user}, Enterprise: p.names.name(e.enterprise),
		Deleted: e.flags&flagDeleted != 0, Bot: e.flags&flagBot != 0, Guest: e.flags&flagGuest != 0,
		Stranger: e.flags&flagStranger != 0, Invited: e.flags&flagInvited != 0,
		Email: email,
	}
}
