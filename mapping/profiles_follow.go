package mapping

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// followEvery is how often is looked for a copy of another process.
const followEvery = 20 * time.Second

// follow takes in the copies that other processes keep, until ctx ends.
func (p *Profiles) follow(ctx context.Context, d *domainProfiles) {
	tick := time.NewTicker(p.o.FollowEvery)
	defer tick.Stop()
	told := false
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		err := p.takeIn(ctx, d)
		if err != nil && ctx.Err() == nil && !told {
			p.o.Log.WarnContext(ctx, "the user profiles that another copy of studiobot read can't be taken in; what was known stays until it is too old",
				"domain", d.domain.Name, "max_age", p.o.MaxAge, "err", err)
		}
		told = err != nil
	}
}

// takeIn makes what is known that of a copy, if that is younger, and tells who
// lost something by it. What was read here since the copy's reading began stays.
func (p *Profiles) takeIn(ctx context.Context, d *domainProfiles) error {
	_, whole := d.times()
	data, taken, err := p.o.Copies.CopySince(ctx, p.copyName(d), whole)
	if err != nil || taken.IsZero() || !taken.After(whole) {
		return err
	}
	age := p.o.Now().Sub(taken)
	if age >= p.o.MaxAge {
		return nil
	}
	if age < -maxAhead {
		return fmt.Errorf("%w: taken %v in the future", errCopy, -age)
	}
	all, err := decodeProfiles(data, d.domain, p.o.Tag)
	if err != nil {
		return err
	}
	var n news
	there := make(map[string]bool, len(all))
	for _, c := range all {
		key := strings.ToLower(c.Name)
		there[key] = true
		if before, known := d.get(key); !known || before.read <= taken.UnixNano() {
			n.add(d.put(key, p.copiedProfile(d, c, taken)))
		}
	}
	for _, key := range d.missing(there, taken) {
		n.add(d.put(key, nil))
	}
	d.mu.Lock()
	if d.listed.Before(taken) {
		d.listed = taken
	}
	d.whole = taken
	d.mu.Unlock()
	p.publish(d, n)
	if whole.IsZero() {
		p.o.Log.InfoContext(ctx, "user profiles known by another copy's reading", "domain", d.domain.Name, "profiles", len(all), "age", age.Round(time.Second))
	}
	return nil
}

// maxAhead is how far the clocks of two processes may differ.
const maxAhead = time.Minute

// missing are the profiles that a reading, begun at a moment, didn't find, and of
// which nothing was heard since.
func (d *domainProfiles) missing(there map[string]bool, began time.Time) (keys []string) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.listed.After(began) {
		return nil
	}
	for key, t := range d.profiles {
		if !there[key] && t.read <= began.UnixNano() {
			keys = append(keys, key)
		}
	}
	return keys
}
