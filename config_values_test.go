package studiobot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
)

func TestMistakesOfValues(t *testing.T) {
	const (
		url      = "1: public_url: "
		domainID = "write the domain's ID, like d-abcdefghijkl"
		network  = "write a network like 10.0.0.0/8, or one address"
		aRate    = "write a number and a duration like 30/1m, or off"
		command  = "write a slash and up to 31 of a-z, 0-9, - and _, like /studio"
	)
	public := func(name, value, problem string) mistakeCase {
		c := mistakeCase{name: "public_url: " + name, old: "https://studio.example.com", change: value}
		if problem != "" {
			c.want = []string{url + problem + "; " + wantURL}
		}
		return c
	}
	domain := func(key, value, problem string) mistakeCase {
		c := mistakeCase{name: "domain: " + key + " " + value, old: "region: us-west-2", change: "region: us-west-2, " + key + ": " + value}
		if problem != "" {
			c.want = []string{"3: domains[0]." + key + ": " + problem}
		}
		return c
	}
	line := func(yaml string, want ...string) mistakeCase {
		c := mistakeCase{name: yaml, add: yaml + "\n"}
		for _, w := range want {
			c.want = append(c.want, "6: "+w)
		}
		return c
	}
	cases := []mistakeCase{
		public("http on loopback", "http://127.0.0.1:8080", ""),
		public("http on localhost", "http://localhost/bot", ""),
		public("http on IPv6 loopback", `"http://[::1]:1"`, ""),
		public("http", "http://studio.example.com", "is http, and not on a loopback host"),
		public("nothing", `""`, "is empty"),
		public("no scheme", "studio.example.com", "isn't an absolute https address"),
		public("no host", "https:///x", "isn't an absolute https address"),
		public("another scheme", "ftp://a", "isn't an absolute https address"),
		public("opaque", "https:a", "isn't an absolute https address"),
		public("not one", `"https://a b"`, "isn't a URL"),
		public("password", "https://u:hunter2@a.example.com", "holds a user name or a password"),
		public("query", "https://a.example.com?", "has a query or a fragment"),
		public("fragment", `"https://a.example.com/#"`, "has a query or a fragment"),
		public("port", "https://a.example.com:99999", "has a port that isn't one from 1 to 65535"),
		public("no port", `"https://a.example.com:"`, "has a port that isn't one from 1 to 65535"),
		public("dots", "https://a.example.com/b/../c", "has a path with empty or relative parts"),
		public("empty parts", "https://a.example.com/b//c", "has a path with empty or relative parts"),
		public("escapes", "https://a.example.com/b%2Fc", "has a path with other characters than letters, digits and . _ ~ - /"),
		public("long", "https://a.example.com/"+strings.Repeat("b", 1000), "is too long"),

		line("listen: 0.0.0.0:65535"),
		line("listen: localhost:80"),
		line(`listen: ""`, "listen: is empty; "+wantAddress),
		line("listen: 8080", "listen: 8080 isn't host:port; "+wantAddress),
		line("listen: :65536", "listen: :65536 has no port from 0 to 65535; "+wantAddress),
		line("listen: a:http", "listen: a:http has no port from 0 to 65535; "+wantAddress),
		line(`listen: "a b:80"`, `listen: "a b:80" has no host that could be listened on; `+wantAddress),
		line("metrics: nowhere", "metrics: nowhere isn't host:port; "+wantAddress),
		line("trusted_proxies: []"),
		line("trusted_proxies: [2001:db8::1]"),
		line("trusted_proxies: [10.0.0.0/33]", "trusted_proxies[0]: 10.0.0.0/33 isn't a network; "+network),
		line(`trusted_proxies: ["fe80::1%eth0"]`, "trusted_proxies[0]: fe80::1%eth0 isn't a network; "+network),
		line(`trusted_proxies: ["::ffff:10.0.0.0/104"]`, "trusted_proxies[0]: ::ffff:10.0.0.0/104 isn't a network; "+network),
		line(`trusted_proxies: ["::/0"]`, "trusted_proxies[0]: ::/0 is everybody: each client could claim any address; "+network),
		line(`trusted_proxies: [""]`, "trusted_proxies[0]: is empty; "+network),
		line("command: /" + strings.Repeat("a", 31)),
		line("command: studio", "command: studio doesn't fit; "+command),
		line("command: /Studio", "command: /Studio doesn't fit; "+command),
		line("command: /"+strings.Repeat("a", 32), "command: /"+strings.Repeat("a", 32)+" doesn't fit; "+command),
		line("tls: {cert: a}", "tls: has only one of cert and key; write both, or neither"),
		line("tls: {key: a}", "tls: has only one of cert and key; write both, or neither"),

		domain("label", `"Prod · Ümläut 🚀"`, ""),
		domain("label", strings.Repeat("ä", 60), ""),
		domain("label", strings.Repeat("ä", 61), "is longer than 60 characters; write text in quotes, up to 60 characters on one line"),
		domain("label", `"a\nb"`, "has a line break or another control character; write text in quotes, up to 60 characters on one line"),
		domain("label", `" "`, "is blank; write text in quotes, up to 60 characters on one line"),
		domain("session", "12h", ""),
		domain("session", "12h1s", "12h1s is too long; write a duration from 30m to 12h in whole seconds"),
		domain("session", "29m59s", "29m59s is too short; write a duration from 30m to 12h in whole seconds"),
		domain("session", "1h0.5s", "1h0.5s has a fraction of a second; write a duration from 30m to 12h in whole seconds"),
		domain("session", "1d", "1d isn't a duration; write a duration from 30m to 12h in whole seconds"),
		domain("session", "[]", "is a list, not a value; write a duration from 30m to 12h in whole seconds"),
		domain("role_session", "14m", "14m is too short; write a duration from 15m to 12h in whole seconds"),
		domain("role_arn", `""`, ""),
		domain("role_arn", "arn:aws:iam::1:role/x", "arn:aws:iam::1:role/x doesn't fit; write a role's ARN, like arn:aws:iam::111122223333:role/studiobot-launch"),
		domain("open", "studio", ""),
		domain("open", "vscode", "vscode isn't one of the choices; write studio, lab, code, canvas, rstudio, classic or mlflow"),
		domain("mlflow", "[team-tracking]", ""),
		{name: "a tracking server's name", old: "region: us-west-2", change: "region: us-west-2, mlflow: [-tracking]", want: []string{
			"3: domains[0].mlflow[0]: -tracking doesn't fit; write the name of a tracking server, like team-tracking"}},
		domain("open", "mlflow", "is mlflow, and the domain has no tracking server; list its tracking servers under mlflow"),
		domain("open", "mlflow, mlflow: [team-tracking]", ""),
		line("notebooks: {tag: slack-user-id}"),
		line("notebooks: {tag: a*b}", "notebooks.tag: a*b doesn't fit; write the key of a tag, like slack-user-id"),
		{name: "domain ID with upper case", old: "d-abcdefghijkl", change: "d-ABC", want: []string{"3: domains[0].id: d-ABC doesn't fit; " + domainID}},
		{name: "domain ID that ends with a hyphen", old: "d-abcdefghijkl", change: "d-abc-", want: []string{"3: domains[0].id: d-abc- doesn't fit; " + domainID}},
		{name: "long domain ID", old: "d-abcdefghijkl", change: "d--" + strings.Repeat("a", 61), want: []string{"3: domains[0].id: is longer than 63 characters; " + domainID}},
		{name: "longest domain ID", old: "d-abcdefghijkl", change: "d-" + strings.Repeat("a", 61)},
		{name: "domain ID with a line break", old: "d-abcdefghijkl", change: `"d-abc\n"`, want: []string{"3: domains[0].id: has a line break or another control character; " + domainID}},
		{name: "region", old: "us-west-2", change: "us-west-2a", want: []string{"3: domains[0].region: us-west-2a doesn't fit; write an AWS Region, like us-west-2"}},
		{name: "region of China", old: "us-west-2", change: "cn-northwest-1"},
		{name: "name", old: "name: research", change: "name: Research", want: []string{"3: domains[0].name: Research doesn't fit; write up to 31 of a-z, 0-9 and -, like research"}},
		{name: "no domain", old: "  - {name: research, id: d-abcdefghijkl, region: us-west-2}\n", change: "  []\n", want: []string{"2: domains: is empty; " + wantDomains}},
		{name: "a domain of another Region with the same ID", old: "us-west-2}", change: "us-west-2}\n  - {name: b, id: d-abcdefghijkl, region: us-west-1}"},
		{name: "a domain twice", old: "us-west-2}", change: "us-west-2}\n  - {name: b, id: d-abcdefghijkl, region: us-west-2}",
			want: []string{"4: domains[1].id: d-abcdefghijkl in us-west-2 is the domain in line 3, too; keep one"}},

		{name: "no source", old: "  - file: users.yaml\n", change: "", want: []string{"4: mapping: is empty; " + wantMapping}},
		{name: "a source of no kind", old: "- file: users.yaml", change: "- {}", want: []string{"5: mapping[0]: has none of file, tag, email and table; write exactly one"}},
		{name: "a source of two kinds", old: "- file: users.yaml", change: "- {file: users.yaml, table: false}", want: []string{
			"5: mapping[0]: has file and table of file, tag, email and table; write exactly one"}},
		{name: "a file that isn't there", old: "users.yaml", change: "nobody.yaml", want: []string{
			"5: mapping[0].file: nobody.yaml can't be read (no such file or directory); write it with a line for each person: U012AB3CD: jane-doe"}},
		{name: "a file that is a folder", old: "users.yaml", change: "folder", want: []string{
			"5: mapping[0].file: folder is no regular file; write it with a line for each person: U012AB3CD: jane-doe"}},
		{name: "a file twice", old: "- file: users.yaml", change: "- file: users.yaml\n  - file: ./users.yaml", want: []string{"6: mapping[1].file: is the source in line 5, too; keep one"}},
		{name: "an empty file name", old: "users.yaml", change: `""`, want: []string{"5: mapping[0].file: is empty; write the path of a file"}},
		{name: "domains without email", old: "- file: users.yaml", change: "- file: users.yaml\n    domains: [example.com]", want: []string{"6: mapping[0].domains: goes with email only; leave it out"}},
		{name: "table that isn't true or false", old: "file: users.yaml", change: "table: maybe", want: []string{"5: mapping[0].table: maybe is neither true nor false; write true or false"}},
		{name: "table: false", old: "file: users.yaml", change: "table: false", want: []string{"5: mapping[0].table: is false; leave the source out"}},

		line("access: {guests: allow}"),
		line("access: {guests: false}", "access.guests: false is a boolean, not text; write deny or allow"),
		line("access: {guests: nobody}", "access.guests: nobody isn't one of the choices; write deny or allow"),
		line(`access: {guests: ""}`, "access.guests: is empty; write deny or allow"),
		line("access: {user_groups: []}"),
		line("access: {user_groups: [ml]}", "access.user_groups[0]: ml doesn't fit; write a Slack user group's ID, like S0123ABCD"),
		line("access: {help: "+strings.Repeat("x", 301)+"}", "access.help: is longer than 300 characters; write text in quotes, up to 300 characters on one line"),
		line("launch: {link_ttl: 9s}", "launch.link_ttl: 9s is too short; write a duration from 10s to 15m"),
		line("launch: {link_ttl: 20m}", "launch.link_ttl: 20m is too long; write a duration from 10s to 15m"),
		line("launch: {link_ttl: -2m}", "launch.link_ttl: -2m is too short; write a duration from 10s to 15m"),
		line("launch: {link_ttl: 120}", "launch.link_ttl: 120 has no unit; write a duration from 10s to 15m"),
		line("launch: {link_ttl: two minutes}", `launch.link_ttl: "two minutes" isn't a duration; write a duration from 10s to 15m`),
		line("launch: {url_ttl: 4s}", "launch.url_ttl: 4s is too short; write a duration from 5s to 5m in whole seconds"),
		line("launch: {url_ttl: 301s}", "launch.url_ttl: 301s is too long; write a duration from 5s to 5m in whole seconds"),
		line("launch: {url_ttl: 5500ms}", "launch.url_ttl: 5500ms has a fraction of a second; write a duration from 5s to 5m in whole seconds"),
		line("launch: {proof: confirm}"),
		line("launch: {proof: none}", "launch.proof: none isn't one of the choices; write click, confirm or sign_in"),
		line("limits: {person: off, refused: 1/1s, alarm: 1000000/24h}"),
		line("limits: {person: 30}", "limits.person: 30 isn't a rate; "+aRate),
		line("limits: {person: 0/1m}", "limits.person: 0/1m: the number isn't one from 1 to 1000000; "+aRate),
		line("limits: {person: 1/25h}", "limits.person: 1/25h: the duration isn't one from 1s to 24h; "+aRate),
		line("limits: {person: 1/m}", "limits.person: 1/m: the duration isn't one from 1s to 24h; "+aRate),
		line("store: memory"),
		line("store: sqlite:studiobot.db"),
		line("store: memory:x", "store: memory:x is no store; write memory, sqlite:FILE or dynamodb:TABLE"),
		line(`store: "sqlite:"`, "store: sqlite: is no store; write memory, sqlite:FILE or dynamodb:TABLE"),
		line("store: dynamodb:t", "store: dynamodb:t is no store; write memory, sqlite:FILE or dynamodb:TABLE"),
		line("log: {level: WARN}", "log.level: WARN isn't one of the choices; write debug, info, warn or error"),
		line("log: {format: xml}", "log.format: xml isn't one of the choices; write auto, text or json"),
		line("log: {format: xoxb-1-2-abc}", "log.format: [secret] isn't one of the choices; write auto, text or json"),
		line("log: {format: "+strings.Repeat("y", 70)+"}", "log.format: "+strings.Repeat("y", 59)+"… isn't one of the choices; write auto, text or json"),
	}
	for _, word := range []string{"help", "admin", "status", "spaces", "notebook", "notebooks", "remind", "lab", "code", "canvas", "rstudio", "classic", "mlflow", "studio"} {
		cases = append(cases, mistakeCase{name: "reserved: " + word, old: "name: research", change: "name: " + word, want: []string{
			"3: domains[0].name: " + word + " is a word of the command itself; choose another name"}})
	}
	runMistakes(t, cases)
}

// A table in Slack needs a store that lasts, once both are built.
func TestTableNeedsAStoreThatLasts(t *testing.T) {
	t.Parallel()
	for store, want := range map[string][]string{
		"memory":         {"studiobot.yaml:5: mapping[0].table: needs a store that lasts; set store to sqlite:FILE or dynamodb:TABLE"},
		"sqlite:a.db":    nil,
		"dynamodb:links": nil,
	} {
		folder := configFolder(t)
		yaml := strings.Replace(least, "file: users.yaml", "table: true", 1) + "store: " + store + "\n"
		_, err := studiobot.ParseWhole(filepath.Join(folder, "studiobot.yaml"), []byte(yaml), tokens)
		if got := mistakeLines(t, folder, err); !slices.Equal(got, want) {
			t.Errorf("%s: got %q", store, got)
		}
	}
}

func TestUnservedIsAWarning(t *testing.T) {
	t.Parallel()
	folder := configFolder(t)
	for yaml, want := range map[string][]string{
		"metrics: \"\"\nlimits: {person: off}\n": nil,
		"metrics: 127.0.0.1:9464\n":              nil,
		"limits: {alarm: 600/1m}\n":              nil,
	} {
		cfg, err := studiobot.Parse(filepath.Join(folder, "studiobot.yaml"), []byte(least+yaml), tokens)
		if err != nil {
			t.Error(err)
		}
		for i := range cfg.Warnings {
			cfg.Warnings[i] = strings.TrimPrefix(cfg.Warnings[i], folder+string(filepath.Separator))
		}
		if !slices.Equal(cfg.Warnings, want) {
			t.Errorf("%q: got %q", yaml, cfg.Warnings)
		}
	}
}

// What package mapping finds worth a second look reaches the operator.
func TestUsersFileWarnings(t *testing.T) {
	t.Parallel()
	folder := configFolder(t)
	if err := os.WriteFile(filepath.Join(folder, "users.yaml"), []byte("U012AB3CD: jane-doe\nU045EF6GH: jane-doe\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := studiobot.Parse(filepath.Join(folder, "studiobot.yaml"), []byte(least), tokens)
	if err != nil || len(cfg.Warnings) != 1 || !strings.Contains(cfg.Warnings[0], "jane-doe") {
		t.Errorf("got %q, %v", cfg.Warnings, err)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	words := []string{"serve", "check", "manifest", "link_ttl", "id"}
	for word, want := range map[string]string{
		"serve": "serve", "sreve": "serve", "chek": "check", "manifesto": "manifest", "linkttl": "link_ttl",
		"": "", "dance": "", "if": "", "xx": "", strings.Repeat("serve", 20): "", "prüfe": "",
	} {
		if got := studiobot.Nearest(word, words); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func ExampleMistake() {
	fmt.Println(studiobot.Mistake{File: "studiobot.yaml", Line: 12, Key: "launch.link_ttl", Problem: "20m is too long", Want: "write a duration from 10s to 15m"})
	// Output: studiobot.yaml:12: launch.link_ttl: 20m is too long; write a duration from 10s to 15m
}
