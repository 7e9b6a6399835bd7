package studiobot

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/studiobot/studiobot/mapping"
)

// checkSources checks each source of the mapping, and that none stands there
// twice.
func (r *reader) checkSources() {
	seen := map[string]int{}
	for i := range r.cfg.Mapping {
		s := &r.cfg.Mapping[i]
		key := fmt.Sprintf("mapping[%d]", i)
		// A kind counts where its key is written, right or wrong.
		var kinds []string
		for _, kind := range []string{SourceFile, SourceTag, SourceEmail, SourceTable} {
			if _, written := r.lines[key+"."+kind]; written {
				kinds = append(kinds, kind)
			}
		}
		if len(kinds) != 1 {
			if r.fine(key) {
				r.wrong(r.line(key), key, "has "+countOf(kinds)+" of file, tag, email and table", "write exactly one")
			}
			continue
		}
		s.Kind = kinds[0]
		r.checkSource(s, key)
		same := s.Kind + " " + s.File + s.Tag + s.Email + " " + strings.Join(s.Domains, " ")
		if first, twice := seen[same]; twice && r.fine(key+"."+s.Kind) {
			r.wrong(r.line(key), key+"."+s.Kind, fmt.Sprintf("is the source in line %d, too", first), "keep one")
		}
		seen[same] = r.line(key)
	}
}

// checkSource checks one source, of a known kind.
func (r *reader) checkSource(s *Source, key string) {
	at := key + "." + s.Kind
	line := r.line(at, key)
	if _, written := r.lines[key+".domains"]; written && s.Kind != SourceEmail {
		r.wrong(r.line(key+".domains"), key+".domains", "goes with email only", "leave it out")
	}
	if _, written := r.lines[key+".max_age"]; written && s.Kind == SourceFile {
		r.wrong(r.line(key+".max_age"), key+".max_age", "goes with tag, email and table only", "leave it out")
	}
	if !r.fine(at) {
		return
	}
	switch {
	case s.Kind == SourceEmail && len(s.Domains) == 0 && r.fine(key+".domains"):
		r.wrong(line, key+".domains", "is missing", "write the mail domains whose addresses count, like [example.com]")
	case s.Kind == SourceTable && !s.Table:
		r.wrong(line, at, "is false", "leave the source out")
	case s.Kind == SourceTable && r.cfg.Store.Kind == StoreMemory && r.fine("store"):
		r.wrong(line, at, "needs a store that lasts", "set store to sqlite:FILE or dynamodb:TABLE")
	}
	if s.Kind == SourceEmail {
		if err := mapping.CheckTemplate(s.Email); err != nil {
			r.wrong(line, at, err.Error(), `write a template like "{{ .Local }}"`)
		}
	}
}

func countOf(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, " and ")
}

const (
	// maxTags is how many tags a user profile takes, less the one with the
	// person's Slack ID.
	maxTags = 49
	// maxTagValue is AWS's limit.
	maxTagValue = 256
)

// tagValuePattern is of the API model.
var tagValuePattern = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]*$`)

// checkApprovals checks what asking for access needs.
func (r *reader) checkApprovals() {
	asking := r.cfg.Access.ApprovalsChannel != ""
	const key = "access.approvals_channel"
	if asking && len(r.cfg.Access.Admins) == 0 && r.fine("access.admins") {
		r.wrong(r.line(key), key, "needs access.admins: nobody could decide", "write who may, like admins: [U012AB3CD]")
	}
	if asking && !r.cfg.has(SourceTable) && !r.wrongIn("mapping") {
		r.wrong(r.line(key), key, "needs a table in mapping: an approved request is kept there", "add the source - table: true")
	}
	for i, d := range r.cfg.Domains {
		at := fmt.Sprintf("domains[%d]", i)
		if d.CreateProfiles && !asking && r.fine(key) {
			r.cfg.Warnings = append(r.cfg.Warnings, fmt.Sprintf("%s:%d: %s.create_profiles has no effect without access.approvals_channel", r.name, r.line(at+".create_profiles"), at))
		}
		if len(d.ProfileTags) > 0 && !d.CreateProfiles && r.fine(at+".create_profiles") {
			r.cfg.Warnings = append(r.cfg.Warnings, fmt.Sprintf("%s:%d: %s.profile_tags has no effect without create_profiles", r.name, r.line(at+".profile_tags"), at))
		}
		r.checkTags(at+".profile_tags", d.ProfileTags)
	}
}

// checkTags checks tags by AWS's rules.
func (r *reader) checkTags(at string, tags map[string]string) {
	if len(tags) > maxTags {
		r.wrong(r.line(at), at, fmt.Sprintf("are %d tags", len(tags)), fmt.Sprintf("write up to %d", maxTags))
	}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		value := tags[name]
		key := join(at, show(name))
		switch {
		case !tagPattern.MatchString(name) || strings.HasPrefix(strings.ToLower(name), "aws:"):
			r.wrong(r.line(key, at), key, "is no tag's key", "write up to 128 letters, digits, spaces and _.:/=+-@, not beginning with aws:")
		case utf8.RuneCountInString(value) > maxTagValue || !tagValuePattern.MatchString(value):
			r.wrong(r.line(key, at), key, "has a value that no tag can have", "write up to 256 letters, digits, spaces and _.:/=+-@")
		case slices.Contains(r.cfg.slackTags(), name):
			r.wrong(r.line(key, at), key, "is the tag with the Slack user ID, which comes by itself", "leave it out")
		}
	}
}

// wrongIn says whether there is a mistake in a key or below it.
func (r *reader) wrongIn(key string) bool {
	for _, m := range r.mistakes {
		if m.Key == key || strings.HasPrefix(m.Key, key+".") || strings.HasPrefix(m.Key, key+"[") {
			return true
		}
	}
	return false
}

// has says whether the mapping has a source of that kind.
func (c *Config) has(kind string) bool {
	for _, s := range c.Mapping {
		if s.Kind == kind {
			return true
		}
	}
	return false
}

// defaultTag is the key of the tag with the Slack user ID where no source names
// another.
const defaultTag = "slack-user-id"

// slackTags are the keys of the tags that say whose a profile is: those that the
// mapping reads, so that a profile we make is found by the first.
func (c *Config) slackTags() []string {
	var out []string
	for _, s := range c.Mapping {
		if s.Kind == SourceTag {
			out = append(out, s.Tag)
		}
	}
	if len(out) == 0 {
		return []string{defaultTag}
	}
	return out
}
