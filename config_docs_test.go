package studiobot_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
)

// docs/config.md is what the program says of itself.
func TestReferenceIsUpToDate(t *testing.T) {
	t.Parallel()
	golden(t, filepath.Join("docs", "config.md"), studiobot.Reference())
}

// The example is a config without a mistake, and without anything that has no
// effect.
func TestExampleIsAConfig(t *testing.T) {
	t.Parallel()
	folder := configFolder(t)
	cfg, err := studiobot.Parse(filepath.Join(folder, "studiobot.yaml"), studiobot.Example(), tokens)
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Warnings) > 0 {
		t.Errorf("warnings: %q", cfg.Warnings)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(studiobot.Example())), "\n") {
		if line != "" && !strings.Contains(line, "#") {
			t.Errorf("line %d has no comment: %s", i+1, line)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(least, "xapp-1", "xoxb-1")
	f.Add(whole, "", "")
	f.Add(string(studiobot.Example()), "xoxb-1", "xapp-1")
	f.Add("a: &a [*a]\n<<: *a\n? [b]\n: c\n--- {}\n", "xapp-\n", " ")
	f.Add("domains: [{name: a, <<: {}}, [], 1]\nmapping: [{table: yes}]\nlimits: {person: 1/1/1}\n", "", "")
	f.Fuzz(func(t *testing.T, yaml, app, bot string) {
		getenv := func(name string) string {
			return map[string]string{"SLACK_APP_TOKEN": app, "SLACK_BOT_TOKEN": bot}[name]
		}
		cfg, err := studiobot.Parse("nowhere/studiobot.yaml", []byte(yaml), getenv)
		if err == nil {
			if cfg.PublicURL == nil || len(cfg.Domains) == 0 || len(cfg.Mapping) == 0 || cfg.Launch.LinkTTL == 0 {
				t.Errorf("accepted without what is required: %+v", cfg)
			}
			return
		}
		var m studiobot.Mistakes
		if !errors.As(err, &m) {
			t.Fatalf("the error is %T", err)
		}
		for _, one := range m {
			line := one.String()
			if one.Problem == "" || strings.ContainsAny(line, "\n\r\x00\x1b") || len(line) > 2000 {
				t.Errorf("a mistake that can't be read: %q", line)
			}
		}
	})
}
