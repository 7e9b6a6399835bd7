package mapping

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/studiobot/studiobot/studio"
)

const (
	profilesVersion = 1
	// maxProfilesCopy bounds a copy that is read back: 100,000 profiles take
	// less than a third of it.
	maxProfilesCopy = 64 << 20
)

// errCopy: a copy that isn't what was kept, or isn't about this.
var errCopy = errors.New("not a copy that counts here")

// profilesCopy is the record of a complete reading. ID and Region say whose it
// is: the name of a domain may by now stand for another.
type profilesCopy struct {
	Version  int           `json:"version"`
	ID       string        `json:"id"`
	Region   string        `json:"region"`
	Tag      string        `json:"tag,omitempty"`
	Profiles []profileCopy `json:"profiles"`
}

type profileCopy struct {
	Name     string `json:"n"`
	Status   string `json:"s"`
	Modified int64  `json:"m"`
	Tag      string `json:"t,omitempty"`
}

// copyName is the name that a domain's copy has.
func (p *Profiles) copyName(d *domainProfiles) string {
	if p.o.Tag == "" {
		return "profiles/" + d.domain.Name
	}
	return "profiles/" + d.domain.Name + "/" + p.o.Tag
}

// keep writes a copy of a complete reading.
func (p *Profiles) keep(ctx context.Context, d *domainProfiles, began time.Time) {
	if p.o.Copies == nil {
		return
	}
	data, err := encodeProfiles(d, p.o.Tag)
	if err == nil {
		err = p.o.Copies.KeepCopy(ctx, p.copyName(d), began, data)
	}
	if err != nil {
		p.o.Log.WarnContext(ctx, "the user profiles weren't kept; a restart reads them again", "domain", d.domain.Name, "err", err)
	}
}

// Load takes in the copies that are young enough, of domains that nothing is
// known of yet. Watch begins with it.
func (p *Profiles) Load(ctx context.Context) {
	for _, name := range p.order {
		p.load(ctx, p.domains[name])
	}
}

func (p *Profiles) load(ctx context.Context, d *domainProfiles) {
	if listed, _ := d.times(); p.o.Copies == nil || !listed.IsZero() {
		return
	}
	data, taken, err := p.o.Copies.Copy(ctx, p.copyName(d))
	if err != nil {
		p.o.Log.WarnContext(ctx, "the kept user profiles can't be read", "domain", d.domain.Name, "err", err)
		return
	}
	age := p.o.Now().Sub(taken)
	if taken.IsZero() || age >= p.o.MaxAge {
		return
	}
	var all []profileCopy
	if age < 0 {
		err = fmt.Errorf("%w: taken in the future", errCopy)
	} else {
		all, err = decodeProfiles(data, d.domain, p.o.Tag)
	}
	if err != nil {
		p.o.Log.WarnContext(ctx, "the kept user profiles are of no use", "domain", d.domain.Name, "err", err)
		return
	}
	var n news
	for _, c := range all {
		n.add(d.put(strings.ToLower(c.Name), p.copiedProfile(d, c, taken)))
	}
	d.mu.Lock()
	d.listed, d.whole = taken, taken
	d.mu.Unlock()
	p.publish(d, n)
	p.o.Log.InfoContext(ctx, "user profiles known from an earlier reading", "domain", d.domain.Name, "profiles", len(all), "age", age.Round(time.Second))
}

// copiedProfile is a profile of a copy.
func (p *Profiles) copiedProfile(d *domainProfiles, c profileCopy, taken time.Time) *tagged {
	t := &tagged{name: c.Name, status: c.Status, modified: c.Modified, read: taken.UnixNano()}
	p.claim(d, t, c.Tag)
	return t
}

func encodeProfiles(d *domainProfiles, tag string) ([]byte, error) {
	all := d.all()
	c := profilesCopy{Version: profilesVersion, ID: d.domain.ID, Region: d.domain.Region, Tag: tag, Profiles: make([]profileCopy, len(all))}
	for i, t := range all {
		c.Profiles[i] = profileCopy{t.name, t.status, t.modified, t.tag}
	}
	return json.Marshal(c)
}

// decodeProfiles reads a copy strictly: others may have had the file it was in.
func decodeProfiles(data []byte, d studio.Domain, tag string) ([]profileCopy, error) {
	if len(data) > maxProfilesCopy {
		return nil, fmt.Errorf("%w: %d bytes", errCopy, len(data))
	}
	var c profilesCopy
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return nil, fmt.Errorf("%w: %v", errCopy, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: more than one document", errCopy)
	}
	switch {
	case c.Version != profilesVersion:
		return nil, fmt.Errorf("%w: version %d", errCopy, c.Version)
	case c.ID != d.ID || c.Region != d.Region || c.Tag != tag:
		return nil, fmt.Errorf("%w: of another domain or tag", errCopy)
	case len(c.Profiles) > maxProfiles:
		return nil, fmt.Errorf("%w: %d profiles", errCopy, len(c.Profiles))
	}
	seen := make(map[string]bool, len(c.Profiles))
	for i := range c.Profiles {
		t := &c.Profiles[i]
		key := strings.ToLower(t.Name)
		if !studio.ValidProfile(t.Name) || !validStatus(t.Status) || seen[key] || t.Tag != clip(t.Tag) && !claims(t.Tag) {
			return nil, fmt.Errorf("%w: profile %d", errCopy, i)
		}
		seen[key] = true
	}
	return c.Profiles, nil
}

// claims says whether a tag's value names a person.
func claims(value string) bool {
	_, ok := personKey(value)
	return ok
}
