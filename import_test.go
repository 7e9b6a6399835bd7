package studiobot_test

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/internal/slacksim"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

func TestImport(t *testing.T) {
	t.Parallel()
	d := sit(t, slacksim.Options{})
	cfg := d.config(fileAndTable)
	r := d.open(cfg, true)
	d.write("new.csv", "slack_id,profile,domain,note\nU0ONE,one,,x\nU0TWO,two,prod,\nU0TWO,DENY,research,\nT0ACME/U0TWO,three,,\n")
	for _, c := range []struct {
		file string
		dry  bool
		want studiobot.Imported
	}{
		{"new.csv", true, studiobot.Imported{New: 4}},
		{"new.csv", true, studiobot.Imported{New: 4}},
		{"new.csv", false, studiobot.Imported{New: 4}},
		{"new.csv", false, studiobot.Imported{Same: 4}},
	} {
		if got, err := r.Import(t.Context(), d.path(c.file), c.dry); err != nil || got != c.want {
			t.Errorf("%+v: %+v, %v", c, got, err)
		}
	}
	// Other reviews see it, and what the file doesn't have stays.
	d.write("next.yaml", "U0TWO: {prod: Two, research: deny}\nU0NEW: deny\n")
	other := d.open(cfg, true)
	if got, err := other.Import(t.Context(), d.path("next.yaml"), false); err != nil || got != (studiobot.Imported{New: 1, Changed: 1, Same: 1}) {
		t.Errorf("%+v, %v", got, err)
	}
	var rows []string
	_ = d.open(cfg, true).List(t.Context(), "", func(l studiobot.Listed) bool {
		if l.Source == "table" {
			rows = append(rows, strings.Join([]string{l.Person.String(), l.Domain, l.Profile}, " "))
		}
		return true
	})
	sameLines(t, rows, []string{"/U0ONE  one", "/U0TWO research ", "T0ACME/U0TWO  three", "/U0TWO prod Two", "/U0NEW  "})
	sameLines(t, audited(d.log), []string{
		`"step":"linked","user":"U0ONE","profile":"one","actor":"import","after":"one"}`,
		`"step":"linked","user":"U0TWO","domain":"prod","profile":"two","actor":"import","after":"two"}`,
		`"step":"linked","user":"U0TWO","domain":"research","actor":"import","after":"deny"}`,
		`"step":"linked","team":"T0ACME","user":"U0TWO","profile":"three","actor":"import","after":"three"}`,
		`"step":"linked","user":"U0TWO","domain":"prod","profile":"Two","actor":"import","before":"two","after":"Two"}`,
		`"step":"linked","user":"U0NEW","actor":"import","after":"deny"}`,
	})
	if d.asked() > 0 {
		t.Error("somebody was asked")
	}
}

// audited are the audit lines of a log, from the step on.
func audited(log *logBuffer) (out []string) {
	for line := range strings.Lines(log.String()) {
		if at := strings.Index(line, `"step"`); at >= 0 {
			out = append(out, strings.TrimSpace(line[at:]))
		}
	}
	return out
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	d := sit(t, slacksim.Options{})
	r := d.open(d.config(fileAndTable), true)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a.csv":     {"U0ONE,one\nu0two,two\nU0THREE,a b\nU0ONE,other\nU0FOUR,four,prd\n", []string{":2: ", ":3: ", ":4: ", ":5: "}},
		"b.yaml":    {"U0ONE: one\nU0TWO: {prd: two}\n", []string{":2: "}},
		"empty.csv": {"", []string{": names nobody; "}},
		"big.yaml":  {strings.Repeat("# much of nothing\n", 1<<19), []string{": is larger than 8 MiB; "}},
	} {
		d.write(name, c.text)
		var mistakes mapping.Mistakes
		if _, err := r.Import(t.Context(), d.path(name), false); !errors.As(err, &mistakes) || len(mistakes) != len(c.want) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, want := range c.want {
			if !strings.HasPrefix(mistakes[i].Error(), d.path(name)+want) {
				t.Errorf("%s: %s", name, mistakes[i])
			}
		}
	}
	for _, name := range []string{"nowhere.csv", "."} {
		if _, err := r.Import(t.Context(), d.path(name), false); !errors.As(err, new(mapping.Mistakes)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if lines := audited(d.log); len(lines) > 0 {
		t.Errorf("something was written: %q", lines)
	}
	d.write("good.csv", "U0ONE,one\n")
	if _, err := d.open(d.config("mapping: [{file: users.yaml}]\n"), true).Import(t.Context(), d.path("good.csv"), false); !errors.Is(err, studio.ErrNoTable) {
		t.Errorf("without a table: %v", err)
	}
	r.Close()
	if _, err := r.Import(t.Context(), d.path("good.csv"), false); err == nil || errors.As(err, new(mapping.Mistakes)) {
		t.Errorf("without a store: %v", err)
	}
}

// A bot that runs on the same file follows an import, and whose link changed
// loses the one that was out there.
func TestImportReachesARunningBot(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	r := start(t, setup{sources: ", {table: true}", config: fmt.Sprintf("store: %q", "sqlite:"+path)})
	d := &desk{t: t, slack: r.slack, sagemaker: r.sagemaker, folder: t.TempDir(), log: &logBuffer{}}
	cfg := d.config(fmt.Sprintf("mapping: [{table: true}]\nstore: %q\n", "sqlite:"+path))
	review := d.open(cfg, true)
	r.sagemaker.AddProfile(researchID, "uma-lind")
	d.into(review, "first.csv", "U0UMA,uma-lind,research\nU0EVE,eve,research\n")
	var m *slacksim.Message
	r.await("the bot to follow", func() bool {
		m = r.command("U0UMA", "")
		return strings.Contains(m.Text+unescaped(m.Blocks), "uma-lind")
	})
	kept := r.press("U0UMA", m, 0)
	r.launches(kept, researchID, "uma-lind")
	m = r.command("U0UMA", "")
	armed := r.press("U0UMA", m, 0)
	if got := d.into(review, "second.csv", "U0UMA,somebody-else,research\nU0EVE,eve,research\n"); got != (studiobot.Imported{Changed: 1, Same: 1}) {
		t.Errorf("%+v", got)
	}
	r.await("the bot to kill the link", func() bool {
		return strings.Contains(r.log.String(), `"step":"denied"`) && strings.Contains(r.log.String(), "changed in the mapping")
	})
	if a := r.get(armed); a.status == http.StatusFound {
		t.Errorf("the link still opens: %d %q", a.status, a.title)
	}
	r.await("the bot to offer the other profile", func() bool {
		m = r.command("U0UMA", "")
		return strings.Contains(unescaped(m.Blocks), "somebody-else")
	})
}
