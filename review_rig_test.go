package studiobot_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// desk is a folder with a config, between the two simulators, in which nothing
// runs.
type desk struct {
	t         testing.TB
	slack     *slacksim.Server
	sagemaker *sagemakersim.Server
	folder    string
	log       *logBuffer
}

// sit starts the simulators with the usual cast.
func sit(t testing.TB, o slacksim.Options) *desk {
	t.Helper()
	d := &desk{t: t, folder: t.TempDir(), log: &logBuffer{}}
	var err error
	if d.slack, err = slacksim.Start(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.slack.Close)
	d.slack.AddPeople(cast()...)
	d.slack.AddPeople(
		slacksim.Person{ID: "U0UMA", Name: "uma", Email: "Uma.Lind@example.com", EmailConfirmed: true},
		slacksim.Person{ID: "U0TAG", Name: "tag"}, slacksim.Person{ID: "U0TWO", Name: "two"}, slacksim.Person{ID: "U0TAB", Name: "tab"},
	)
	d.slack.AddUserGroup("S0RESEARCH", "U0JANE", "U0SAM", "U0UMA", "U0TAG", "U0TWO", "U0TAB", "U0DEE", "U0GUS")
	d.sagemaker, err = sagemakersim.Start(sagemakersim.Options{Domains: []sagemakersim.Domain{
		{ID: researchID, Name: "research", Profiles: []sagemakersim.Profile{
			{Name: "jane-doe"}, {Name: "sam-research"}, {Name: "uma-lind"}, {Name: "tab"},
			{Name: "tagged", Tags: map[string]string{"slack-user-id": "U0TAG"}},
			{Name: "one", Tags: map[string]string{"slack-user-id": "U0TWO"}}, {Name: "two", Tags: map[string]string{"slack-user-id": "T0ACME/U0TWO"}},
			{Name: "odd", Tags: map[string]string{"slack-user-id": "jane@example.com"}},
		}},
		{ID: prodID, Name: "prod", Profiles: []sagemakersim.Profile{{Name: "sam-prod"}, {Name: "jane-doe"}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.sagemaker.Close)
	d.write("users.yaml", usersYAML)
	return d
}

func (d *desk) path(name string) string { return filepath.Join(d.folder, name) }

func (d *desk) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(d.path(name), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// everySource is a mapping of all kinds, over a store that lasts.
const everySource = `mapping: [{file: users.yaml}, {tag: slack-user-id}, {email: "{{ .Local }}", domains: [example.com]}, {table: true}]
store: "sqlite:bot.db"
`

const fileAndTable = `mapping: [{file: users.yaml}, {table: true}]
store: "sqlite:bot.db"
`

// config reads a studiobot.yaml whose end is rest.
func (d *desk) config(rest string) studiobot.Config {
	d.t.Helper()
	yaml := fmt.Sprintf(`public_url: https://studio.example.com
domains:
  - {name: research, id: %s, region: us-west-2, user_groups: [S0RESEARCH]}
  - {name: prod, id: %s, region: us-west-2}
%s`, researchID, prodID, rest)
	env := map[string]string{"SLACK_APP_TOKEN": d.slack.AppToken(), "SLACK_BOT_TOKEN": d.slack.BotToken(), "SLACK_API_URL": d.slack.APIURL()}
	cfg, err := studiobot.Parse(d.path("studiobot.yaml"), []byte(yaml), func(k string) string { return env[k] })
	if err != nil {
		d.t.Fatal(err)
	}
	return cfg
}

// open opens a review of that config.
func (d *desk) open(cfg studiobot.Config, offline bool) *studiobot.Review {
	d.t.Helper()
	r, err := studiobot.OpenReview(d.t.Context(), cfg, d.options(offline))
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(r.Close)
	return r
}

func (d *desk) options(offline bool) studiobot.ReviewOptions {
	return studiobot.ReviewOptions{Offline: offline, Options: studiobot.Options{
		Log: slog.New(slog.NewJSONHandler(d.log, nil)), Version: "test", ListCalls: 1000,
		AWS: []sagemaker.LoadOption{
			config.WithBaseEndpoint(d.sagemaker.URL()),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIATEST", "secret", "")),
		},
	}}
}

// asked is how often Slack and SageMaker were asked for anything.
func (d *desk) asked() int { return len(d.slack.History()) + len(d.sagemaker.Calls()) }

// found is what lint finds, a line each.
func (d *desk) found(r *studiobot.Review) []string {
	d.t.Helper()
	var lines []string
	err := r.Lint(d.t.Context(), func(f studiobot.Finding) bool {
		lines = append(lines, f.Kind+" | "+f.String())
		return true
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return lines
}

// exported is what export writes.
func (d *desk) exported(r *studiobot.Review) string {
	d.t.Helper()
	var out bytes.Buffer
	if err := r.Export(d.t.Context(), &out); err != nil {
		d.t.Fatal(err)
	}
	return out.String()
}

// into imports a file that is written before.
func (d *desk) into(r *studiobot.Review, name, text string) studiobot.Imported {
	d.t.Helper()
	d.write(name, text)
	done, err := r.Import(d.t.Context(), d.path(name), false)
	if err != nil {
		d.t.Fatal(err)
	}
	return done
}

func sameLines(t *testing.T, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
