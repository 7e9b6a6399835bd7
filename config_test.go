package studiobot_test

import (
	"errors"
	"flag"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/studio"
)

var update = flag.Bool("update", false, "write golden files and generated docs anew")

// golden compares got with a file, or writes it with -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s isn't up to date (go test -update writes it anew); got:\n%s", path, got)
	}
}

// The least that a config needs. Tests add to it.
const least = `public_url: https://studio.example.com
domains:
  - {name: research, id: d-abcdefghijkl, region: us-west-2}
mapping:
  - file: users.yaml
`

// tokens is an environment with both secrets.
func tokens(name string) string {
	return map[string]string{
		"SLACK_APP_TOKEN": "xapp-1-A0-1-abc", "SLACK_BOT_TOKEN": "xoxb-1-2-abc",
		"STUDIOBOT_CLIENT_SECRET": "hunter2", "STUDIOBOT_COOKIE_KEYS": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
	}[name]
}

// configFolder is a folder with a users file, and another folder.
func configFolder(t testing.TB) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "users.yaml"), []byte("U012AB3CD: jane-doe\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	return folder
}

// mistakes parses a config in a folder and returns the lines of its mistakes,
// without the folder.
func mistakes(t *testing.T, yaml string, getenv func(string) string) []string {
	t.Helper()
	folder := configFolder(t)
	_, err := studiobot.Parse(filepath.Join(folder, "studiobot.yaml"), []byte(yaml), getenv)
	return mistakeLines(t, folder, err)
}

func mistakeLines(t *testing.T, folder string, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var m studiobot.Mistakes
	if !errors.As(err, &m) || len(m) == 0 {
		t.Fatalf("the error is %T %v, not Mistakes", err, err)
	}
	return strings.Split(strings.ReplaceAll(err.Error(), folder+string(filepath.Separator), ""), "\n")
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	folder := configFolder(t)
	cfg, err := studiobot.Parse(filepath.Join(folder, "studiobot.yaml"), []byte(least), tokens)
	if err != nil {
		t.Fatal(err)
	}
	if got := cfg.PublicURL.String(); got != "https://studio.example.com" {
		t.Errorf("public_url is %s", got)
	}
	cfg.PublicURL, cfg.Secrets = nil, studiobot.Secrets{}
	want := studiobot.Config{
		Role: studiobot.RoleAll, Listen: ":8080", Command: "/studio",
		Domains: []studiobot.Domain{{
			Domain: studio.Domain{
				Name: "research", ID: "d-abcdefghijkl", Region: "us-west-2", Label: "research", Session: 12 * time.Hour, Open: studio.Home,
			},
			RoleSession: time.Hour,
		}},
		Mapping: []studiobot.Source{{Kind: studiobot.SourceFile, File: filepath.Join(folder, "users.yaml")}},
		Launch:  studiobot.Launch{LinkTTL: 2 * time.Minute, URLTTL: 5 * time.Second, Proof: "click", Delivery: "redirect", SessionPolicy: "none"},
		Prices:  studio.Prices{Currency: "USD"},
		SignIn:  studiobot.SignIn{Issuer: "https://slack.com", Session: 8 * time.Hour},
		Limits: studiobot.Limits{
			Person: studiobot.Rate{N: 30, Per: time.Minute}, Refused: studiobot.Rate{N: 30, Per: time.Minute}, Alarm: studiobot.Rate{N: 600, Per: time.Minute},
		},
		Store: studiobot.Store{Kind: studiobot.StoreMemory},
		Log:   studiobot.Log{Level: slog.LevelInfo, Format: "auto"},
	}
	if !reflect.DeepEqual(cfg, want) {
		t.Errorf("got  %+v\nwant %+v", cfg, want)
	}
}

// Every default passes the check of its own key, and no key is listed twice.
func TestTableIsSound(t *testing.T) {
	t.Parallel()
	refused, twice := studiobot.Defaults()
	if len(refused)+len(twice) > 0 {
		t.Errorf("defaults refused: %v; keys twice: %v", refused, twice)
	}
}

// whole is every key there is, in a version in which all of them are built.
const whole = `public_url: https://studio.example.com/bot/
listen: "[::1]:0"
tls: {cert: "", key: ""}
trusted_proxies: [10.1.2.3/8, "fd00::/8", 192.0.2.7, "::ffff:192.0.2.8"]
command: /ml_lab-2
metrics: 127.0.0.1:9464
domains:
  - name: research
    id: d-abcdefghijkl
    region: us-gov-west-1
    role_arn: arn:aws-us-gov:iam::111122223333:role/team/studiobot-launch
    label: "Research · dev account"
    session: 1h30m
    role_session: 15m
    open: lab
    user_groups: [S0123ABCE]
    create_profiles: true
    profile_tags: {studiobot: enabled, "cost center": "42 / ml"}
  - {name: prod, id: d-abcdefghijkl, region: eu-central-1}
mapping:
  - file: users.yaml
  - tag: slack-user-id
    max_age: 1h
  - email: "{{ .Local }}"
    domains: [example.com]
  - table: true
access:
  guests: allow
  user_groups: [S0123ABCD]
  teams: [T0123ABCD]
  help: "Ask in #ml-platform."
  admins: [U012AB3CD, S0123ABCF]
  approvals_channel: C0123ABCD
  self_approval: true
launch: {link_ttl: 10s, url_ttl: 300s, proof: sign_in, delivery: page, session_policy: profile}
sign_in: {issuer: "https://login.example.com/tenant/", client_id: studiobot, session: 1h, email_domains: [example.com], claims: {tid: abc}}
studio: {allow_stop: true}
notebooks: {allow_start: true}
prices: {currency: €, per_hour: {ml.t3.medium: 0.05, ml.p5.48xlarge: "63.296"}}
limits: {person: off, refused: 5/10s, alarm: 1/24h}
store: sqlite:studiobot.db
log: {level: debug, format: json}
`

func TestEveryKey(t *testing.T) {
	t.Parallel()
	folder := configFolder(t)
	cfg, err := studiobot.ParseWhole(filepath.Join(folder, "studiobot.yaml"), []byte(whole), tokens)
	if err != nil {
		t.Fatal(err)
	}
	if got := cfg.PublicURL.String(); got != "https://studio.example.com/bot" {
		t.Errorf("public_url is %s", got)
	}
	if len(cfg.Warnings) != 0 {
		t.Errorf("warnings: %q", cfg.Warnings)
	}
	cfg.PublicURL, cfg.Secrets, cfg.Warnings = nil, studiobot.Secrets{}, nil
	want := studiobot.Config{
		Role: studiobot.RoleAll, Listen: "[::1]:0", Command: "/ml_lab-2", Metrics: "127.0.0.1:9464",
		TrustedProxies: []netip.Prefix{
			netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("192.0.2.8/32"),
		},
		Domains: []studiobot.Domain{
			{
				Domain: studio.Domain{
					Name: "research", ID: "d-abcdefghijkl", Region: "us-gov-west-1", Label: "Research · dev account", Session: 90 * time.Minute, Open: "lab",
				},
				RoleARN: "arn:aws-us-gov:iam::111122223333:role/team/studiobot-launch", RoleSession: 15 * time.Minute,
				UserGroups: []string{"S0123ABCE"}, CreateProfiles: true, ProfileTags: map[string]string{"studiobot": "enabled", "cost center": "42 / ml"},
			},
			{
				Domain: studio.Domain{
					Name: "prod", ID: "d-abcdefghijkl", Region: "eu-central-1", Label: "prod", Session: 12 * time.Hour, Open: studio.Home,
				},
				RoleSession: time.Hour,
			},
		},
		Mapping: []studiobot.Source{
			{Kind: studiobot.SourceFile, File: filepath.Join(folder, "users.yaml")},
			{Kind: studiobot.SourceTag, Tag: "slack-user-id", MaxAge: time.Hour},
			{Kind: studiobot.SourceEmail, Email: "{{ .Local }}", Domains: []string{"example.com"}},
			{Kind: studiobot.SourceTable, Table: true},
		},
		Access: studiobot.Access{
			Guests: true, UserGroups: []string{"S0123ABCD"}, Teams: []string{"T0123ABCD"}, Help: "Ask in #ml-platform.",
			Admins: []string{"U012AB3CD", "S0123ABCF"}, ApprovalsChannel: "C0123ABCD", SelfApproval: true,
		},
		Launch: studiobot.Launch{LinkTTL: 10 * time.Second, URLTTL: 5 * time.Minute, Proof: "sign_in", Delivery: "page", SessionPolicy: "profile"},
		SignIn: studiobot.SignIn{
			Issuer: "https://login.example.com/tenant/", ClientID: "studiobot", Session: time.Hour, EmailDomains: []string{"example.com"}, Claims: map[string]string{"tid": "abc"},
		},
		Studio: studiobot.Studio{AllowStop: true}, Notebooks: studiobot.Notebooks{AllowStart: true},
		Prices: studio.Prices{Currency: "€", PerHour: map[string]studio.Price{"ml.t3.medium": 50_000, "ml.p5.48xlarge": 63_296_000}},
		Limits: studiobot.Limits{Refused: studiobot.Rate{N: 5, Per: 10 * time.Second}, Alarm: studiobot.Rate{N: 1, Per: 24 * time.Hour}},
		Store:  studiobot.Store{Kind: studiobot.StoreSQLite, Path: filepath.Join(folder, "studiobot.db")},
		Log:    studiobot.Log{Level: slog.LevelDebug, Format: "json"},
	}
	if !reflect.DeepEqual(cfg, want) {
		t.Errorf("got  %+v\nwant %+v", cfg, want)
	}
}

// What this version can't do is refused, never ignored.
func TestNotYet(t *testing.T) {
	t.Parallel()
	want := []string{}
	if got := mistakes(t, whole, tokens); !slices.Equal(got, want) {
		t.Errorf("got:\n%s", strings.Join(got, "\n"))
	}
}

// With no environment given, only the file itself counts.
func TestFileAlone(t *testing.T) {
	t.Parallel()
	cfg, err := studiobot.Parse("nowhere/studiobot.yaml", []byte(least+"tls: {cert: no.pem, key: no.pem}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Secrets.AppToken.Reveal() != "" || cfg.TLS.Cert != "nowhere/no.pem" {
		t.Errorf("got %+v", cfg)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	folder := configFolder(t)
	path := filepath.Join(folder, "studiobot.yaml")
	_, err := studiobot.Load(path, tokens)
	if got, want := mistakeLines(t, folder, err), "studiobot.yaml: there is no such file; `studiobot config init` writes one to start from"; !slices.Equal(got, []string{want}) {
		t.Errorf("no file: %q", got)
	}
	if _, err := studiobot.Load(folder, tokens); err == nil {
		t.Error("a folder was read as a config")
	}
	if err := os.WriteFile(path, []byte(least), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := studiobot.Load(path, tokens); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte(least+strings.Repeat("#", 1<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = studiobot.Load(path, tokens)
	if got, want := mistakeLines(t, folder, err), "studiobot.yaml: is larger than 1 MiB; it should be a few lines"; !slices.Equal(got, []string{want}) {
		t.Errorf("a large file: %q", got)
	}
}
