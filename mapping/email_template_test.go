package mapping_test

import (
	"strings"
	"testing"

	"github.com/studiobot/studiobot/mapping"
)

func TestTemplate(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63)
	for _, c := range []struct{ template, email, want, why string }{
		{"{{ .Local }}", "jane@example.com", "jane", ""},
		{"{{.Local}}", "jane.doe@example.com", "jane-doe", ""},
		{"{{  .Local}}", "Jane_Doe+x@example.com", "jane-doe-x", ""},
		{"{{ .Email }}", "jane@example.com", "jane-example-com", ""},
		{"{{ .Domain }}-{{ .Local }}", "jane@eu.example.com", "eu-example-com-jane", ""},
		{"Team.{{ .Local }}_1", "jane@example.com", "team-jane-1", ""},
		{"{{ .Local }}", "jane..doe@example.com", "jane--doe", ""},
		{"{{ .Local }}", long + "@example.com", long, ""},
		{"{{ .Local }}", long + "a@example.com", "", "the name would have 64 characters"},
		{"{{ .Local }}", ".jane@example.com", "", "begin with a hyphen"},
		{"{{ .Local }}", "jane+@example.com", "", "end with a hyphen"},
		{"{{ .Local }}", "jané@example.com", "", `'é' is in no`},
		{"{{ .Local }}", "jane'doe@example.com", "", "is in no user profile's name"},
		{"{{ .Local }}", `"jane@home"@example.com`, "", "is in no"},
		{"{{ .Local }}", "{{ .Domain }}@example.com", "", `'{' is in no`},
		{"{{ .Local }}", "jane\x00@example.com", "", "is in no"},
		{"{{ .Local }}", "jane\xff@example.com", "", "is in no"},
		{"{{ .Local }}", "@example.com", "", "no e-mail address"},
		{"{{ .Local }}", "jane@", "", "no e-mail address"},
		{"{{ .Local }}", "jane", "", "no e-mail address"},
		{"{{ .Local }}", "", "", "no e-mail address"},
		{"{{ .Local }}", "jane@" + strings.Repeat("x", 300), "", "no e-mail address"},
	} {
		tm, err := mapping.ParseTemplate(c.template)
		if err != nil {
			t.Errorf("%s: %v", c.template, err)
			continue
		}
		got, err := tm.Profile(c.email)
		if got != c.want || (err == nil) != (c.why == "") || err != nil && !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s of %q: %q, %v; want %q, %q", c.template, c.email, got, err, c.want, c.why)
		}
		if err != nil && c.email != "" && strings.Contains(err.Error(), c.email) {
			t.Errorf("the address is repeated: %v", err)
		}
	}
}

func TestTemplateMistakes(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"":                               "everybody would get the same",
		"studio":                         "everybody would get the same",
		"{{ .Domain }}":                  "everybody would get the same",
		"{{ .Name }}":                    `unknown field ".Name"; there are .Email, .Local and .Domain`,
		"{{ .local }}":                   "unknown field",
		"{{ Local }}":                    "unknown field",
		"{{- .Local -}}":                 "unknown field",
		"{{ .Local | lower }}":           "unknown field",
		"{{ .Local":                      "{{ without }}",
		".Local }}":                      "a brace without its other half",
		"{ .Local }":                     "a brace without its other half",
		"{{{ .Local }}}":                 "unknown field",
		"{{ .Local }}}":                  "a brace without its other half",
		"{{ .Local }}{{":                 "{{ without }}",
		"{{ .Local }}@x":                 `'@' is in no user profile's name`,
		"jane doe {{ .Local }}":          "no user profile's name",
		"-{{ .Local }}":                  "begin with a hyphen",
		"{{ .Local }}.":                  "end with a hyphen",
		strings.Repeat("x", 201):         "at most 200",
		"{{.Local}}" + long63 + "x":      "more than 63",
		"{{\t.Local }}":                  "unknown field",
		"{{ .Local }}{{ .Local }}{{ . }": "{{ without }}",
	} {
		if err := mapping.CheckTemplate(template); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", template, err, want)
		}
	}
}

const long63 = "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbccc"

// Whatever is written: no panic, and what a template makes is a profile's name,
// the same for the same address in whatever case.
func FuzzTemplate(f *testing.F) {
	f.Add("{{ .Local }}", "jane.doe@example.com")
	f.Add("x-{{.Email}}", "Jane+1@EXAMPLE.com")
	f.Add("{{ .Domain }}_{{ .Local }}", "ſ@K.com")
	f.Add("{{{ .Local }}", "@")
	f.Fuzz(func(t *testing.T, template, email string) {
		tm, err := mapping.ParseTemplate(template)
		if err != nil {
			return
		}
		if tm.String() != template || !strings.Contains(template, ".Local") && !strings.Contains(template, ".Email") {
			t.Errorf("took %q", template)
		}
		name, err := tm.Profile(email)
		if (name == "") != (err != nil) {
			t.Errorf("%q and %v", name, err)
		}
		if name == "" {
			return
		}
		if len(name) > 63 || strings.Trim(name, "-") != name || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("%q is no profile's name", name)
		}
		if again, err := tm.Profile(strings.ToUpper(email)); again != name && len(strings.ToUpper(email)) == len(email) {
			t.Errorf("%q in capitals makes %q, %v", email, again, err)
		}
	})
}
