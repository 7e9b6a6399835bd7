package studiobot_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
)

// mistakeCase is a change to the least config and what is said about it: one
// line each, without "studiobot.yaml:".
type mistakeCase struct {
	name string
	// add is appended as line 6; old is replaced by change.
	add, old, change string
	want             []string
}

func runMistakes(t *testing.T, cases []mistakeCase) {
	t.Parallel()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.old != "" && !strings.Contains(least, c.old) {
				t.Fatalf("%q isn't there to be replaced", c.old)
			}
			got := mistakes(t, strings.Replace(least, c.old, c.change, 1)+c.add, tokens)
			for i := range got {
				got[i] = strings.TrimPrefix(got[i], "studiobot.yaml:")
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

const (
	wantDomains = "write at least one domain, with name, id and region"
	wantMapping = "write at least one source, like - file: users.yaml"
	wantURL     = "write an https address like https://studio.example.com (http on a loopback host only)"
	wantAddress = "write host:port, like 127.0.0.1:8080, or :8080 for every address"
)

func TestMistakesOfForm(t *testing.T) {
	runMistakes(t, []mistakeCase{
		{name: "fine"},
		{name: "an unknown key, far from any", add: "colour: red\n", want: []string{
			"6: colour: is no key of the config; the keys here are public_url, listen, tls, trusted_proxies, command, metrics, domains, mapping, access, launch, sign_in, studio, notebooks, prices, limits, store, log"}},
		{name: "an unknown key, near one", add: "comand: /x\n", want: []string{"6: comand: is no key of the config; did you mean command?"}},
		{name: "a key of another group", add: "link_ttl: 2m\n", want: []string{"6: link_ttl: is no key of the config; did you mean launch.link_ttl?"}},
		{name: "nearly a key of another group", add: "urlttl: 2m\n", want: []string{"6: urlttl: is no key of the config; did you mean launch.url_ttl?"}},
		{name: "an unknown key below", add: "launch: {prof: click}\n", want: []string{"6: launch.prof: is no key of the config; did you mean launch.proof?"}},
		{name: "an unknown key in a list", old: "name:", change: "nam: a, name:", want: []string{"3: domains[0].nam: is no key of the config; did you mean domains[0].name?"}},
		{name: "a key that isn't printable", add: "\"a\\nb\": 1\n", want: []string{
			`6: "a\nb": is no key of the config; the keys here are public_url, listen, tls, trusted_proxies, command, metrics, domains, mapping, access, launch, sign_in, studio, notebooks, prices, limits, store, log`}},
		{name: "a token as a key isn't repeated", add: "xoxb-1-2-abc: 1\n", want: []string{
			"6: [secret]: is no key of the config; the keys here are public_url, listen, tls, trusted_proxies, command, metrics, domains, mapping, access, launch, sign_in, studio, notebooks, prices, limits, store, log"}},
		{name: "a key twice", add: "listen: :1\nlisten: :2\n", want: []string{"7: listen: stands here twice, first in line 6; keep one"}},
		{name: "a key that is a list", add: "[a]: 1\n", want: []string{"6: a key can't be a list, a group, an alias or a merge; write each key out"}},
		{name: "a merge key", add: "<<: {listen: a}\n", want: []string{"6: a key can't be a list, a group, an alias or a merge; write each key out"}},
		{name: "an anchor", add: "command: &c /studio\n", want: []string{"6: command: is an anchor or an alias, which a config can't have; write the value out"}},
		{name: "an alias", add: "access: {help: &h text}\ncommand: *h\n", want: []string{
			"6: access.help: is an anchor or an alias, which a config can't have; write the value out",
			"7: command: is an anchor or an alias, which a config can't have; write the value out"}},
		{name: "a group that is text", add: "launch: 2m\n", want: []string{"6: launch: is text, not a group; write keys below it: link_ttl, url_ttl, proof, delivery or session_policy"}},
		{name: "a group that is a list", add: "log: [info]\n", want: []string{"6: log: is a list, not a group; write keys below it: level or format"}},
		{name: "a list that is text", add: "trusted_proxies: 10.0.0.0/8\n", want: []string{"6: trusted_proxies: is text, not a list; write a list, like [a, b], or [] for none"}},
		{name: "a list of groups that is a group", old: "  - file", change: "  file", want: []string{`5: mapping: is a group of keys, not a list; write a list, each item beginning with "- "`}},
		{name: "an item that is text", old: "- file: users.yaml", change: "- users.yaml", want: []string{
			"5: mapping[0]: is text, not a group; write keys below it: file, tag, email, domains, table or max_age"}},
		{name: "text that is a number", add: "command: 7\n", want: []string{"6: command: 7 is a number, not text; write a slash and up to 31 of a-z, 0-9, - and _, like /studio"}},
		{name: "text that is a date", add: "access: {help: 2026-01-02}\n", want: []string{"6: access.help: 2026-01-02 is a date, not text; write text in quotes, up to 300 characters on one line"}},
		{name: "text that is a group", add: "command: {a: b}\n", want: []string{"6: command: is a group of keys, not a value; write a slash and up to 31 of a-z, 0-9, - and _, like /studio"}},
		{name: "a value with a tag", add: "command: !secret /studio\n", want: []string{"6: command: /studio is a value with a tag of its own, not text; write a slash and up to 31 of a-z, 0-9, - and _, like /studio"}},
		{name: "no value", add: "command:\n", want: []string{"6: command: has no value; write a slash and up to 31 of a-z, 0-9, - and _, like /studio"}},
		{name: "a group without anything", add: "launch:\ntrusted_proxies:\n"},
		{name: "an unclosed bracket", add: "tls: [\n", want: []string{"6: this is no YAML (did not find expected node content)"}},
		{name: "a tab", add: "tls:\n\tcert: a\n", want: []string{"7: this is no YAML (found character that cannot start any token)"}},
		{name: "an unknown alias", add: "tls: *nothing\n", want: []string{"1: this is no YAML (unknown anchor 'nothing' referenced)"}},
		{name: "another document", add: "---\na: b\n", want: []string{"6: a second document begins here; write one"}},
		{name: "another document that is no YAML", add: "---\na: [\n", want: []string{"7: this is no YAML (did not find expected node content)"}},
		{name: "much too deep", add: "tls: " + strings.Repeat("[", 20_000) + "\n", want: []string{"6: this is no YAML (exceeded max depth of 10000)"}},
	})
}

// A whole file that is something else.
func TestMistakesOfTheFile(t *testing.T) {
	t.Parallel()
	empty := []string{
		"studiobot.yaml:1: public_url: is missing; " + wantURL,
		"studiobot.yaml:1: domains: is missing; " + wantDomains,
		"studiobot.yaml:1: mapping: is missing; " + wantMapping,
	}
	for name, c := range map[string]struct {
		yaml string
		want []string
	}{
		"empty":    {"", empty},
		"comments": {"# nothing\n", empty},
		"null":     {"~\n", empty},
		"text":     {"hello\n", []string{"studiobot.yaml:1: this is no config; write keys and values, like public_url: https://studio.example.com"}},
		"a list":   {"\n- a\n", []string{"studiobot.yaml:2: this is no config; write keys and values, like public_url: https://studio.example.com"}},
		"bytes":    {"\x00\x01", []string{"studiobot.yaml:1: this is no YAML (control characters are not allowed)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := mistakes(t, c.yaml, tokens); !slices.Equal(got, c.want) {
				t.Errorf("got:\n%s", strings.Join(got, "\n"))
			}
		})
	}
}

// Several mistakes of every sort at once, in the order of the file.
func TestMistakesAllAtOnce(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	data, err := os.ReadFile(filepath.Join("testdata", "mistakes.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "users.yaml"), []byte("U012AB3CD: jane-doe\nU012AB3CD: john\njane: doe\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = studiobot.Parse(filepath.Join(folder, "studiobot.yaml"), data, func(name string) string {
		return map[string]string{"SLACK_APP_TOKEN": "xoxb-1-2-abc", "SLACK_API_URL": "http://slack.example.com", "AWS_ENDPOINT_URL": "http://aws.example.com"}[name]
	})
	golden(t, filepath.Join("testdata", "mistakes.golden.txt"), []byte(strings.Join(mistakeLines(t, folder, err), "\n")+"\n"))
}
