package sagemakersim

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// policy is an IAM policy, as far as it is understood: statements with Effect,
// Action, Resource or NotResource, Principal.AWS and the string conditions.
// Anything else in it is an error, so that nothing passes for being unknown.
type policy struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid, Effect                   string
	Action, Resource, NotResource texts
	Principal                     struct{ AWS texts }
	Condition                     map[string]map[string]texts
}

// texts is one text or a list of them.
type texts []string

func (t *texts) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

func parsePolicy(text string) (policy, error) {
	var p policy
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, err
	}
	if p.Version != "2012-10-17" || len(p.Statement) == 0 {
		return p, errors.New("a policy has Version 2012-10-17 and a Statement")
	}
	for _, s := range p.Statement {
		if s.Effect != "Allow" && s.Effect != "Deny" || len(s.Action) == 0 {
			return p, fmt.Errorf("statement %q has no Effect or no Action", s.Sid)
		}
		for operator := range s.Condition {
			if operator != "StringEquals" && operator != "StringLike" {
				return p, fmt.Errorf("statement %q: the condition %s isn't understood", s.Sid, operator)
			}
		}
	}
	return p, nil
}

// wish is what somebody wants to do, and what is known of it.
type wish struct {
	action, resource string
	keys             map[string]string // condition keys, lower case
}

// allows reports whether the policy allows it: one statement does, none denies.
func (p policy) allows(w wish) bool {
	allowed := false
	for _, s := range p.Statement {
		if !s.covers(w) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

func (s statement) covers(w wish) bool {
	action := slices.ContainsFunc(s.Action, func(a string) bool { return like(strings.ToLower(a), strings.ToLower(w.action)) })
	on := func(patterns texts) bool {
		return slices.ContainsFunc(patterns, func(r string) bool {
			r, known := fill(r, w.keys)
			return known && like(r, w.resource)
		})
	}
	if !action || len(s.Resource) > 0 && !on(s.Resource) || len(s.NotResource) > 0 && on(s.NotResource) {
		return false
	}
	for operator, keys := range s.Condition {
		for key, wanted := range keys {
			value, there := w.keys[strings.ToLower(key)]
			if !there || !slices.ContainsFunc(wanted, func(p string) bool {
				p, known := fill(p, w.keys)
				return known && (p == value || operator == "StringLike" && like(p, value))
			}) {
				return false
			}
		}
	}
	return true
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

// fill puts values in the place of ${variables}. One that has none makes the
// text match nothing.
func fill(text string, keys map[string]string) (string, bool) {
	known := true
	return variable.ReplaceAllStringFunc(text, func(v string) string {
		value, ok := keys[strings.ToLower(v[2:len(v)-1])]
		known = known && ok
		return value
	}), known
}

// like matches * and ? as IAM does: they stand for slashes, too.
func like(pattern, text string) bool {
	escape := strings.NewReplacer("[", `\[`, `\`, `\\`, "/", "\x00")
	ok, err := path.Match(escape.Replace(pattern), strings.ReplaceAll(text, "/", "\x00"))
	return err == nil && ok
}
