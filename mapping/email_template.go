package mapping

import (
	"errors"
	"fmt"
	"strings"
)

// maxTemplate bounds a template: what it makes has at most 63 characters.
const maxTemplate = 200

// The fields of a template.
const (
	fieldEmail  = ".Email"
	fieldLocal  = ".Local"
	fieldDomain = ".Domain"
)

// Template makes a user profile's name of an e-mail address. It is text with
// the fields {{ .Email }}, {{ .Local }} (what stands before the @) and
// {{ .Domain }} (what stands after it); the spaces may be left out. It knows
// nothing else of what a template of Go's could do.
type Template struct {
	text  string
	parts []templatePart
}

// templatePart is a field, or text.
type templatePart struct{ field, text string }

// String is the template as it was written.
func (t Template) String() string { return t.text }

// CheckTemplate says what is wrong with a template, or nil.
func CheckTemplate(s string) error {
	_, err := ParseTemplate(s)
	return err
}

// ParseTemplate reads a template. The error is for the operator: an unknown
// field, braces without their other half, no field that tells people apart, or
// text that is in no profile's name.
func ParseTemplate(s string) (Template, error) {
	if len(s) > maxTemplate {
		return Template{}, fmt.Errorf("the template has %d characters; at most %d make sense", len(s), maxTemplate)
	}
	t := Template{text: s}
	apart := false
	for rest := s; rest != ""; {
		text, after, field := strings.Cut(rest, "{{")
		if strings.ContainsAny(text, "{}") {
			return Template{}, fmt.Errorf("a brace without its other half in %q; a field is written {{ .Local }}", clip(text))
		}
		if text != "" {
			t.parts = append(t.parts, templatePart{text: text})
		}
		if rest = ""; !field {
			break
		}
		name, after, closed := strings.Cut(after, "}}")
		if !closed {
			return Template{}, fmt.Errorf("{{ without }} in %q", clip(s))
		}
		name, rest = strings.Trim(name, " "), after
		if name != fieldEmail && name != fieldLocal && name != fieldDomain {
			return Template{}, fmt.Errorf("unknown field %q; there are %s, %s and %s", clip(name), fieldEmail, fieldLocal, fieldDomain)
		}
		apart = apart || name != fieldDomain
		t.parts = append(t.parts, templatePart{field: name})
	}
	if !apart {
		return Template{}, fmt.Errorf("without {{ %s }} or {{ %s }} everybody would get the same user profile", fieldLocal, fieldEmail)
	}
	if _, err := t.Profile("a@b"); err != nil {
		return Template{}, fmt.Errorf("it makes no user profile's name of any address: %w", err)
	}
	return t, nil
}

var errNoAddress = errors.New("that is no e-mail address")

// Profile makes the name of an address: in lower case, with hyphens for dots,
// underscores and plus signs, and for the @ of {{ .Email }}. The error says why
// there is none; it doesn't repeat the address.
func (t Template) Profile(email string) (string, error) {
	local, domain, ok := cutAddress(email)
	if !ok {
		return "", errNoAddress
	}
	var b strings.Builder
	b.Grow(len(email))
	for _, part := range t.parts {
		bad := fine
		switch part.field {
		case fieldEmail:
			bad = max(hyphenate(&b, local), hyphenate(&b, "-"), hyphenate(&b, domain))
		case fieldLocal:
			bad = hyphenate(&b, local)
		case fieldDomain:
			bad = hyphenate(&b, domain)
		default:
			bad = hyphenate(&b, part.text)
		}
		if bad != fine {
			return "", fmt.Errorf("%q is in no user profile's name", bad)
		}
	}
	name := b.String()
	switch {
	case name == "":
		return "", errors.New("the name would be empty")
	case len(name) > maxProfile:
		return "", fmt.Errorf("the name would have %d characters, more than %d", len(name), maxProfile)
	case name[0] == '-':
		return "", errors.New("the name would begin with a hyphen")
	case name[len(name)-1] == '-':
		return "", errors.New("the name would end with a hyphen")
	}
	return name, nil
}

// cutAddress takes an address apart.
func cutAddress(email string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(email, '@')
	if at <= 0 || at == len(email)-1 || len(email) > maxEmail {
		return "", "", false
	}
	return email[:at], email[at+1:], true
}

// fine is no character.
const fine rune = -1

// hyphenate writes s as it is in a profile's name, and returns the first
// character that has no place there, or fine.
func hyphenate(b *strings.Builder, s string) (bad rune) {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			b.WriteByte(byte(r))
		case r >= 'A' && r <= 'Z':
			b.WriteByte(byte(r) + 'a' - 'A')
		case r == '.', r == '_', r == '+':
			b.WriteByte('-')
		default:
			return r
		}
	}
	return fine
}
