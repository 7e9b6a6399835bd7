package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/demo"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// begin starts a demo without a browser.
func begin(t *testing.T, o demo.Options) (context.Context, *demo.Demo) {
	t.Helper()
	d, err := demo.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx, d
}

// call is what the page does. It returns the status and the answer.
func call(t *testing.T, ctx context.Context, d *demo.Demo, method, path, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(d.URL, "/")+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// Whoever types first after the start gets the answer that everybody gets.
func TestStartWaitsForTheSources(t *testing.T) {
	t.Parallel()
	ctx, d := begin(t, demo.Options{})
	for user, want := range map[string]string{
		"U0TOM": "as forecast-tom", "U0MIA": "as mia-larsen", "U0SAM": "Which one do you want", "U0UMA": "You aren't linked", "U0KIM": "Several Studio profiles",
	} {
		a, err := d.Slack.Command(ctx, user, "/studio", "")
		if err != nil || a.Message == nil || !strings.Contains(string(a.Message.Blocks), want) {
			t.Errorf("%s: %+v, %v; want %q", user, a, err, want)
		}
	}
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	d, err := demo.Start(context.Background(), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if found, _ := filepath.Glob(filepath.Join(folder, "*", "studiobot.db")); len(found) != 1 {
		t.Errorf("databases: %v, want one", found)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A name that is typed arrives as Slack's own form of it, and nothing else does.
func TestTypedNamesAreEscaped(t *testing.T) {
	t.Parallel()
	ctx, d := begin(t, demo.Options{})
	for typed, want := range map[string]string{
		"admin who @uma": "admin who <@U0UMA|uma>", "admin who @UMA prod": "admin who <@U0UMA|uma> prod", "@jane @sam": "<@U0JANE|jane> <@U0SAM|sam>",
		"admin who @nobody": "admin who @nobody", "mail uma@jane": "mail uma@jane", "<@U0UMA> & <b>": "&lt;@U0UMA&gt; &amp; &lt;b&gt;", "@umag @": "@umag @",
	} {
		mark := d.Slack.Mark()
		body, _ := json.Marshal(map[string]string{"Person": "U0JANE", "Text": "/studio " + typed})
		if status, answer := call(t, ctx, d, "POST", "/api/command", string(body)); status != http.StatusOK || answer != "{}\n" {
			t.Errorf("%s: %d %s", typed, status, answer)
		}
		r, err := d.Slack.WaitForAfter(ctx, mark, func(r slacksim.Record) bool {
			return r.Kind == slacksim.KindEnvelope && r.EnvelopeType == "slash_commands"
		})
		var got struct{ Text string }
		if err != nil || json.Unmarshal(r.Body, &got) != nil || got.Text != want {
			t.Errorf("%s arrives as %q (%v), want %q", typed, got.Text, err, want)
		}
	}
}

func TestFormsThatArentOpen(t *testing.T) {
	t.Parallel()
	ctx, d := begin(t, demo.Options{})
	for _, c := range []struct {
		path, body string
		status     int
		answer     string
	}{
		{"/api/submit", `{"Person": "U0UMA", "Values": {"reason": "x"}}`, 200, "That form isn't open any more."},
		{"/api/close", `{"Person": "U0UMA"}`, 200, "{}"},
		{"/api/submit", `{"Person": "U0UMA", "Values": 3}`, 400, ""},
		{"/api/close", `{"Who": "U0UMA"}`, 400, ""},
	} {
		if status, answer := call(t, ctx, d, "POST", c.path, c.body); status != c.status || !strings.Contains(answer, c.answer) {
			t.Errorf("%s %s: %d %s", c.path, c.body, status, answer)
		}
	}
	if status, answer := call(t, ctx, d, "GET", "/api/screen?person=U0NOBODY", ""); status != 200 || strings.TrimSpace(answer) != `{"messages":[],"modal":null,"home":null}` {
		t.Errorf("the screen of nobody: %d %s", status, answer)
	}
}

// What nobody may copy isn't in the panel either.
func TestPanelHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	ctx, d := begin(t, demo.Options{})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.URL+"api/feed", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	hello := make([]byte, len(": hello\n\n"))
	if _, err := io.ReadFull(resp.Body, hello); err != nil {
		t.Fatal(err)
	}
	a, err := d.Slack.Command(ctx, "U0JANE", "/studio", "")
	if err != nil || a.Message == nil {
		t.Fatalf("%+v, %v", a, err)
	}
	e, err := d.Slack.WaitFor(ctx, func(r slacksim.Record) bool {
		return r.Kind == slacksim.KindEnvelope && r.EnvelopeType == "slash_commands"
	})
	var secrets struct {
		Trigger  string `json:"trigger_id"`
		Response string `json:"response_url"`
	}
	if err != nil || json.Unmarshal(e.Body, &secrets) != nil {
		t.Fatal(err)
	}
	var seen bytes.Buffer
	for part := make([]byte, 4096); !strings.Contains(seen.String(), "acknowledgement with the message"); {
		n, err := resp.Body.Read(part)
		if err != nil {
			t.Fatalf("%v after\n%s", err, &seen)
		}
		seen.Write(part[:n])
	}
	for name, secret := range map[string]string{"trigger": secrets.Trigger, "response URL": secrets.Response, "link": a.Message.Buttons()[0].URL} {
		if secret == "" || strings.Contains(seen.String(), secret) {
			t.Errorf("the panel holds the %s (%d characters)", name, len(secret))
		}
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if d, err := demo.Start(ctx, demo.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
		if err == nil {
			_ = d.Close()
		}
	}
}

// Several copies are one bot: whatever copy a command, a click and a browser come
// to, Studio opens.
func TestSeveralCopies(t *testing.T) {
	t.Parallel()
	ctx, d := begin(t, demo.Options{Copies: 3})
	if err := d.Slack.WaitConnections(ctx, 6); err != nil {
		t.Fatal(err)
	}
	if status, text := call(t, ctx, d, http.MethodGet, "/api/world", ""); status != http.StatusOK || !strings.Contains(text, "3 copies") {
		t.Errorf("the page is told %d %s", status, text)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for n := range 7 {
		a, err := d.Slack.Command(ctx, "U0JANE", "/studio", "")
		if err != nil || a.Message == nil || len(a.Message.Buttons()) != 1 {
			t.Fatalf("%+v, %v", a, err)
		}
		p, err := d.Slack.Press(ctx, "U0JANE", a.Message.ID, 0)
		if err != nil || !p.Acked {
			t.Fatalf("%+v, %v", p, err)
		}
		resp, err := browser.Get(p.URL)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusFound {
			t.Errorf("launch %d: HTTP %d", n, resp.StatusCode)
		}
	}
	if _, err := demo.Start(ctx, demo.Options{Copies: 6}); err == nil {
		t.Error("more copies than Slack has sockets for")
	}
}
