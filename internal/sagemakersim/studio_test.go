package sagemakersim_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

func TestOpensOnce(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	url := mint(t, s, "jane-doe")

	status, path, page := browse(t, url)
	if status != http.StatusOK || !strings.HasPrefix(path, "/studio/") {
		t.Fatalf("ended on %s with %d", path, status)
	}
	for _, want := range []string{"Simulated SageMaker Studio", ">Jane-Doe<", ">research<", ">" + domainID + "<", "0 h 29 min", "<time datetime="} {
		if !strings.Contains(page, want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	if again, _, _ := browse(t, s.URL()+path); again != http.StatusOK {
		t.Errorf("loading Studio again: %d", again)
	}
	if _, path, page = browse(t, url); path != "/signin/used" || !strings.Contains(page, "already used") {
		t.Errorf("the second use ended on %s", path)
	}
	got := s.Openings()
	if len(got) != 2 || !got[0].OK || got[0].Profile != "Jane-Doe" || got[1].OK || got[1].Reason != sagemakersim.ReasonUsed {
		t.Errorf("openings %+v", got)
	}
}

func TestTooLateOrForeign(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	late := mint(t, s, "jane-doe")
	s.ExpireURLs()
	changed := mint(t, s, "jane-doe")
	middle := len(changed) / 2
	other := "A"
	if changed[middle:middle+1] == other {
		other = "B"
	}
	changed = changed[:middle] + other + changed[middle+1:]
	foreign := mint(t, start(t, sagemakersim.Options{}), "jane-doe")
	foreign = s.URL() + "/auth?" + foreign[strings.Index(foreign, "token="):]
	for _, tt := range []struct{ name, url, path, says string }{
		{"late", late, "/signin/expired", "had expired"},
		{"changed", changed, "/signin/unknown", "not one of"},
		{"of another server", foreign, "/signin/unknown", "not one of"},
		{"without a token", s.URL() + "/auth", "/signin/unknown", "not one of"},
	} {
		status, path, page := browse(t, tt.url)
		if status != http.StatusOK || path != tt.path || !strings.Contains(page, tt.says) || !strings.Contains(page, "Simulated AWS sign-in page") {
			t.Errorf("%s: ended on %s with %d", tt.name, path, status)
		}
	}
	if status, _, _ := browse(t, s.URL()+"/studio/nobody"); status != http.StatusUnauthorized {
		t.Errorf("unknown session: %d", status)
	}
	if status, _, _ := browse(t, s.URL()+"/signin/else"); status != http.StatusNotFound {
		t.Errorf("unknown reason: %d", status)
	}
}

// A HEAD is a preview, not a person.
func TestHeadSpendsNothing(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	url := mint(t, s, "jane-doe")
	resp, err := http.Head(url)
	if err != nil {
		t.Fatal("HEAD failed")
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Errorf("HEAD: %d", resp.StatusCode)
	}
	if _, path, _ := browse(t, url); !strings.HasPrefix(path, "/studio/") {
		t.Errorf("after HEAD it ended on %s", path)
	}
}

func TestURLLength(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 2048, 4429, 4430, 4431, 4432, 16000} {
		s := start(t, sagemakersim.Options{URLLength: length})
		want := length
		if want == 0 {
			want = 4429
		}
		url := mint(t, s, "jane-doe")
		if len(url) != want || !strings.HasPrefix(url, s.URL()+"/auth?token=") {
			t.Errorf("length %d: got %d", want, len(url))
		}
		if _, path, _ := browse(t, url); !strings.HasPrefix(path, "/studio/") {
			t.Errorf("length %d ended on %s", want, path)
		}
	}
	tiny := mint(t, start(t, sagemakersim.Options{URLLength: 10}), "jane-doe")
	if len(tiny) < 300 {
		t.Errorf("a token can't have %d characters", len(tiny))
	}
}

func TestOneBrowserWins(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	url := mint(t, s, "jane-doe")
	var winners atomic.Int32
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			if _, path, _ := browse(t, url); strings.HasPrefix(path, "/studio/") {
				winners.Add(1)
			}
		})
	}
	wait.Wait()
	if winners.Load() != 1 {
		t.Errorf("%d browsers got in", winners.Load())
	}
}

func TestPageIsClosed(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	resp, err := http.Get(mint(t, s, "jane-doe"))
	if err != nil {
		t.Fatal("GET failed")
	}
	resp.Body.Close()
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
		t.Errorf("CSP %q", csp)
	}
}
