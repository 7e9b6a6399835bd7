package bot

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/studio"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden() Options {
	return Options{
		Command: "/studio", Help: "Ask in <#C0ML|ml-platform>.", LinkTTL: 2 * time.Minute,
		Domains: []studio.Domain{
			{Name: "research", Label: "Research · dev account", ID: "d-research", Region: "us-west-2"},
			{Name: "prod", Label: "Prod & <live>", ID: "d-prod", Region: "us-west-2"},
		},
		Log: slog.New(slog.DiscardHandler), Reminders: nobody{}, Machines: struct{ Machines }{},
	}
}

func issuedLinks(n int) studio.Issued {
	is := studio.Issued{Ref: "7K3F-9QXD", Expires: time.Unix(1763980000, 0)}
	for i := range n {
		o := studio.Option{Domain: "research", Label: "Research · dev account", Profile: "jane-doe"}
		if i > 0 {
			o = studio.Option{Domain: "prod", Label: fmt.Sprintf("Prod %d & <live>", i), Profile: "jdoe"}
		}
		is.Links = append(is.Links, studio.Link{Option: o, URL: fmt.Sprintf("https://studio.example.com/launch/TOKEN.%d", i), Handle: fmt.Sprintf("HANDLE.%d", i)})
	}
	return is
}

func aimedLinks(n int, target studio.Target) studio.Issued {
	is := issuedLinks(n)
	for i := range is.Links {
		is.Links[i].Option.Target = target
	}
	return is
}

// Every message that studiobot can send, as Slack gets it.
func messages() map[string]message {
	o := golden()
	p := studio.Person{Team: "T0ACME", User: "U0JANE"}
	own := []signIn{{o.Domains[1], "https://d-prod.studio.us-west-2.sagemaker.aws"}}
	opened := openedMessage(studio.Opened{Ref: "7K3F-9QXD", Person: p, At: time.Unix(1763980000, 0), Ends: time.Unix(1763980000, 0).Add(8 * time.Hour),
		Option: studio.Option{Domain: "research", Label: "Research · dev account", Profile: "jane-doe"}})
	opened.ReplaceOriginal = true
	out := map[string]message{
		"ready_one":         readyMessage(o, issuedLinks(1), nil, nil),
		"ready_two":         readyMessage(o, issuedLinks(2), nil, []string{"Prod & <live>"}),
		"ready_many":        readyMessage(o, issuedLinks(25), nil, nil),
		"ready_and_sign_in": readyMessage(o, issuedLinks(1), own, nil),
		"ready_lab":         readyMessage(o, aimedLinks(1, studio.Lab), nil, nil),
		"ready_canvas_two":  readyMessage(o, aimedLinks(2, studio.Canvas), nil, nil),
		"sign_in":           signInMessage(own),
		"sign_in_unknown":   signInMessage([]signIn{{o.Domains[1], ""}}),
		"opened":            opened,
		"help":              helpMessage(o, false),
		"help_of_admins":    helpMessage(o, true),
		"ready_one_unsure":  readyMessage(o, issuedLinks(1), nil, []string{"A", "B", "C", "D", "E", "F"}),
		"unknown_word":      unknownWordMessage(o, "<!here>reserch", "research"),
		"busy":              notice(wordsBusy),
		"too_many":          notice(tooMany(30 * time.Second)),
		"broken":            notice(wordsBroken),
		"press_again":       notice(wordsPressAgain),
		"internal_error":    refusalMessage(o, refusal(os.ErrInvalid), request{person: p}),
	}
	maps.Copy(out, adminMessages(o))
	maps.Copy(out, placesMessages(o))
	maps.Copy(out, requestMessages(o))
	maps.Copy(out, noticeMessages(o))
	maps.Copy(out, statusMessages(o))
	for _, known := range refusals() {
		name := "refused_" + strings.NewReplacer(" ", "_", "'", "").Replace(known.words.reason)
		if known.words.fresh {
			out[name] = deadLinkMessage(known.words)
		} else {
			out[name] = refusalMessage(o, known.words, request{person: p})
		}
	}
	return out
}

func TestGoldenMessages(t *testing.T) {
	t.Parallel()
	for name, m := range messages() {
		got, err := encode(m)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", name+".golden.json")
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%s: %v (go test ./bot -update writes it)", name, err)
			continue
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s changed:\n%s\nwant\n%s", name, got, want)
		}
	}
	files, err := filepath.Glob("testdata/*.golden.json")
	if err != nil || len(files) != len(messages()) {
		t.Errorf("%d golden files for %d messages (%v)", len(files), len(messages()), err)
	}
}

func encode(m message) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(m)
	return b.Bytes(), err
}

// The link stands in a button's url and nowhere else, and every message is
// private, has a text for screen readers and fits into an acknowledgement.
func TestMessagesKeepTheRules(t *testing.T) {
	t.Parallel()
	for name, m := range messages() {
		if m.ResponseType != "ephemeral" || m.Text == "" || len(m.Blocks) == 0 || m.UnfurlLinks || m.UnfurlMedia {
			t.Errorf("%s: %+v", name, m)
		}
		if strings.Contains(m.Text, "http") || strings.Contains(m.Text, "TOKEN") {
			t.Errorf("%s: the text holds a link: %s", name, m.Text)
		}
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) > 18_000 {
			t.Errorf("%s: %d bytes don't fit into an acknowledgement", name, len(raw))
		}
		links := strings.Count(string(raw), "https://studio.example.com/launch/")
		if links != strings.Count(string(raw), `"url":"https://studio.example.com/launch/`) {
			t.Errorf("%s: a link outside of a button", name)
		}
		if strings.Contains(string(raw), "\\u003c!here") || strings.Contains(string(raw), "<!here") {
			t.Errorf("%s: a mention came through", name)
		}
		primary := strings.Count(string(raw), `"style":"primary"`)
		if primary > 1 || links > 0 && primary == 0 {
			t.Errorf("%s: %d primary buttons", name, primary)
		}
		if links > maxShown {
			t.Errorf("%s: %d buttons", name, links)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	b := &Bot{o: golden()}
	for text, want := range map[string]word{
		"": {}, "  \t ": {}, "status": {status: true}, "STAT prod": {status: true, domain: "prod"}, "res status": {status: true, domain: "research"}, "status lab": {unknown: "lab"}, "lab status": {unknown: "status"}, "status status": {unknown: "status"}, "st": {unknown: "st"}, "help": {help: true}, "HELP": {help: true}, "?": {help: true},
		"research": {domain: "research"}, " Prod ": {domain: "prod"},
		"reserch": {unknown: "reserch", nearest: "research"}, "prd": {unknown: "prd", nearest: "prod"}, "halp": {unknown: "halp", nearest: "help"},
		"resea": {domain: "research"}, "lab": {target: studio.Lab}, "JUP": {unknown: "JUP"}, "can": {target: studio.Canvas}, "rs": {target: studio.RStudio},
		"r": {unknown: "r"}, "c": {unknown: "c"}, "prod code": {domain: "prod", target: studio.Code}, "classic res": {domain: "research", target: studio.Classic},
		"lab code": {unknown: "code"}, "prod research": {unknown: "research"}, "research help": {unknown: "help"}, "studio": {target: studio.Home}, "h": {help: true},
		"labs": {unknown: "labs", nearest: "lab"}, "mlflow": {unknown: "mlflow"},
		"zebra": {unknown: "zebra"}, "research now": {unknown: "now"}, "open research": {unknown: "open"},
		"admin": {unknown: "admin"}, "<@U1|x>": {unknown: "<@U1|x>"},
		strings.Repeat("é", 500): {unknown: strings.Repeat("é", 39) + "…"},
		"a\x00b\u202ec":          {unknown: "abc"},
	} {
		got := b.words(text)
		if got.name != "" { // without anything of theirs a name is an unknown word
			got = b.unknownWord(strings.Fields(got.name)[0], theirs{})
		}
		got.alone, got.loose = false, false
		if got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

func FuzzCommandText(f *testing.F) {
	for _, seed := range []string{"", "help", "research", "reserch", "<!channel>", "prod prod", "\xff\xfe", strings.Repeat("a", 5000), "💥", "\u202e"} {
		f.Add(seed)
	}
	b := &Bot{o: golden()}
	f.Fuzz(func(t *testing.T, text string) {
		w := b.words(text)
		if len([]rune(w.name)) > maxTyped {
			t.Errorf("%d runes of a name", len([]rune(w.name)))
		}
		if w.name != "" {
			w = b.unknownWord(w.name, theirs{})
		}
		if len([]rune(w.unknown)) > maxWord {
			t.Errorf("%d runes are repeated", len([]rune(w.unknown)))
		}
		m := unknownWordMessage(b.o, w.unknown, w.nearest)
		raw, err := json.Marshal(m)
		if err != nil || len(raw) > 18_000 {
			t.Errorf("%d bytes, %v", len(raw), err)
		}
		for _, bl := range m.Blocks {
			s, err := json.Marshal(bl)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(s), `\u003c`) {
				t.Errorf("markup came through: %s", s)
			}
		}
	})
}
