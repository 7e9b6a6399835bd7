package mapping

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	// failuresInRow is how many tags in a row can't be read before a reading
	// gives up. A single one leaves the reading incomplete, and the others are
	// read all the same.
	failuresInRow = 5
	// maxStatus bounds SageMaker's word for a profile's state.
	maxStatus = 40
)

// errDoubt: a listing that doesn't count yet.
var errDoubt = errors.New("SageMaker lists less than half of the user profiles that there were; that counts if the next list says so too")

// pass reads one domain: its list, then the tags, of new and changed profiles
// first, then of those that were read longest ago, so that readings that break
// off get round all the same.
func (p *Profiles) pass(ctx context.Context, d *domainProfiles) error {
	began := p.o.Now()
	if _, err := p.list(ctx, d); err != nil {
		return err
	}
	if p.o.Tag != "" {
		if err := p.readTags(ctx, d, began); err != nil {
			return err
		}
	}
	d.mu.Lock()
	first := d.whole.IsZero()
	d.whole = began
	d.mu.Unlock()
	if first {
		profiles, claiming := d.count()
		p.o.Log.InfoContext(ctx, "user profiles read", "domain", d.domain.Name, "profiles", profiles, "tagged", claiming)
	}
	p.keep(ctx, d, began)
	return nil
}

// list reads the list of profiles, and returns which of them are new or changed.
//
// A list that lacks more than half of what was known is believed only when the
// next one, without an error between them, lacks it too: an answer that was cut
// short must not lock everybody out.
func (p *Profiles) list(ctx context.Context, d *domainProfiles) (changed []string, err error) {
	began := p.o.Now()
	known, _ := d.count()
	seen := make(map[string]bool, known)
	err = p.o.Lister.Profiles(ctx, d.domain.Name, func(listed studio.Profile) error {
		if !studio.ValidProfile(listed.Name) || !validStatus(listed.Status) {
			return nil // nothing that could be opened
		}
		key := strings.ToLower(listed.Name)
		if seen[key] = true; len(seen) > maxProfiles {
			return fmt.Errorf("more than %d user profiles in one domain", maxProfiles)
		}
		n, fresh := d.saw(key, listed)
		p.publish(d, n)
		if fresh {
			changed = append(changed, key)
		}
		return nil
	})
	d.mu.Lock()
	var gone []string
	for key := range d.profiles {
		if !seen[key] {
			gone = append(gone, key)
		}
	}
	doubt := err == nil && 2*len(gone) > known && !d.doubted
	d.doubted = doubt
	d.mu.Unlock()
	switch {
	case err != nil:
		return changed, err
	case doubt:
		return changed, fmt.Errorf("%w (%d of %d)", errDoubt, known-len(gone), known)
	}
	var n news
	for _, key := range gone {
		n.add(d.put(key, nil))
	}
	d.mu.Lock()
	d.listed = began
	d.mu.Unlock()
	p.publish(d, n)
	return changed, nil
}

// saw keeps what a list says of a profile, and says whether its tags are to be
// read before those of others.
func (d *domainProfiles) saw(key string, listed studio.Profile) (n news, fresh bool) {
	before, known := d.get(key)
	after := before
	after.name, after.status, after.modified = listed.Name, listed.Status, listed.Modified.UnixNano()
	if known && after == before {
		return news{}, false
	}
	after.stale = true
	after.name, after.status = strings.Clone(listed.Name), strings.Clone(listed.Status)
	return d.put(key, &after), true
}

func validStatus(s string) bool {
	return s != "" && len(s) <= maxStatus && strings.IndexFunc(s, func(r rune) bool { return r != '_' && (r > 0x7f || !letter(byte(r))) }) < 0
}

// readTags reads the tags of everybody whom the list named, and of those who
// come meanwhile: at twenty thousand profiles it takes so long that the list is
// read again in between.
func (p *Profiles) readTags(ctx context.Context, d *domainProfiles, began time.Time) error {
	rest, listed := d.queue(), p.o.Now()
	var urgent []string
	var failed error
	for inRow := 0; len(rest)+len(urgent) > 0; {
		var key string
		if len(urgent) > 0 {
			key, urgent = urgent[0], urgent[1:]
		} else {
			key, rest = rest[0], rest[1:]
			if t, ok := d.get(key); !ok || t.status == deleting || !t.stale && t.read > began.UnixNano() {
				continue
			}
		}
		err := p.readTag(ctx, d, key)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			if failed == nil {
				failed = err
			}
			if inRow++; inRow >= failuresInRow {
				return failed
			}
		default:
			inRow = 0
		}
		if p.o.Now().Sub(listed) >= p.o.Every {
			listed = p.o.Now()
			more, err := p.list(ctx, d)
			if err != nil { // the list that this reading began with was complete
				p.o.Log.DebugContext(ctx, "the user profiles couldn't be listed again", "domain", d.domain.Name, "err", err)
			}
			urgent = append(urgent, more...)
		}
	}
	return failed
}

// queue is the order in which tags are read.
func (d *domainProfiles) queue() []string {
	all := d.all()
	slices.SortStableFunc(all, func(a, b *tagged) int {
		if a.stale != b.stale {
			if a.stale {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.read, b.read)
	})
	keys := make([]string, len(all))
	for i, t := range all {
		keys[i] = strings.ToLower(t.name)
	}
	return keys
}

// readTag reads the tags of one profile.
func (p *Profiles) readTag(ctx context.Context, d *domainProfiles, key string) error {
	before, ok := d.get(key)
	if !ok {
		return nil
	}
	at := p.o.Now().UnixNano()
	tags, err := p.o.Lister.ProfileTags(ctx, d.domain.Name, before.name)
	switch {
	case errors.Is(err, studio.ErrNoProfile):
		p.publish(d, d.put(key, nil))
		return nil
	case err != nil:
		return fmt.Errorf("tags of %s: %w", before.name, err)
	}
	after := before
	after.read, after.stale = at, false
	p.claim(d, &after, tags[p.o.Tag])
	p.publish(d, d.put(key, &after))
	return nil
}

// claim takes in a tag's value. One that names nobody is told once.
func (p *Profiles) claim(d *domainProfiles, t *tagged, value string) {
	ok := claims(value)
	if !ok {
		value = clip(value)
	}
	if value == t.tag {
		return
	}
	t.tag, t.claim = strings.Clone(value), studio.Person{}
	if ok {
		t.claim, _ = personKey(t.tag)
		return
	}
	if value != "" {
		p.o.Log.Warn("a user profile's tag is no Slack user ID and counts for nobody",
			"domain", d.domain.Name, "profile", t.name, "tag", p.o.Tag, "value", value)
	}
}
