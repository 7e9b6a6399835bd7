package bot

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

// views is every modal, and every answer to one, as Slack gets them.
func views() map[string]any {
	o := golden()
	decided := openRequest()
	decided.State, decided.Decider = studio.RequestApproved, ann
	many := make([]studio.Domain, maxOptions)
	for i := range many {
		many[i] = studio.Domain{Name: "d" + strings.Repeat("x", i%30), Label: strings.Repeat("é", 100)}
	}
	out := map[string]any{
		"ask":             askView(o, o.Domains, "prod", "jane-doe"),
		"ask_one":         askView(o, o.Domains[1:], "", ""),
		"ask_many":        askView(o, many, "", "jane-doe"),
		"deny":            denyView(openRequest()),
		"deny_decided":    notDenied(studio.ErrDecided, decided),
		"deny_unsure":     notDenied(studio.ErrUnsure, studio.Request{}),
		"sent":            nextView(sentView(openRequest(), true)),
		"sent_already":    nextView(sentView(openRequest(), false)),
		"wrong":           fieldErrors(map[string]string{fieldProfile: wordsNoProfileName.next}),
		"no_store":        fieldErrors(map[string]string{fieldProfile: requestRefusal(studio.ErrUnsure).next}),
		"too_many":        fieldErrors(map[string]string{fieldProfile: requestRefusal(studio.ErrBusy).next}),
		"denied":          fieldErrors(map[string]string{fieldProfile: requestRefusal(studio.ErrDenied).next}),
		"invalid_profile": fieldErrors(map[string]string{fieldProfile: requestRefusal(studio.ErrInvalid).next}),
	}
	maps.Copy(out, homeViews(o))
	return out
}

func TestGoldenViews(t *testing.T) {
	t.Parallel()
	for name, v := range views() {
		var got bytes.Buffer
		e := json.NewEncoder(&got)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "views", name+".golden.json")
		if *update {
			if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%s: %v (go test ./bot -update writes it)", name, err)
			continue
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s changed:\n%s", name, got.String())
		}
		if v, ok := v.(slack.ModalViewRequest); ok && (len([]rune(v.Title.Text)) > 24 || v.Submit != nil && len([]rune(v.Submit.Text)) > 24 || len([]rune(v.Close.Text)) > 24) {
			t.Errorf("%s: a title or button is longer than Slack takes", name)
		}
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	for key, ok := range map[string]bool{"A.S": true, "": false, "A": false, ".S": false, "A.": false, strings.Repeat("A", 300) + ".S": false} {
		if _, _, got := parseKey(key); got != ok {
			t.Errorf("%q: %v", key, got)
		}
	}
	if id, serial, _ := parseKey(requestKey(openRequest())); id != "ABCDEFGH" || serial != "S1" {
		t.Errorf("%s, %s", id, serial)
	}
}
