package sagemaker_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

const describe = "DescribeDomain"

// logged is a log to look into.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// take returns the lines at info level and above since the last time.
func (l *logged) take(t *testing.T) []map[string]any {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []map[string]any
	for line := range strings.Lines(l.buf.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	l.buf.Reset()
	return out
}

func lookAt(t *testing.T, d studio.Domain) (*sagemakersim.Server, *sagemaker.Client, *logged) {
	t.Helper()
	sim := startSim(t, sagemakersim.Options{})
	lines := &logged{}
	c, err := sagemaker.New(t.Context(), sagemaker.Config{
		Domains: []studio.Domain{d}, URLTTL: 5 * time.Second, Log: slog.New(slog.NewJSONHandler(lines, nil)), AppID: "studiobot/test", Load: load(sim.URL(), nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	return sim, c, lines
}

func TestLook(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*sagemakersim.Server)
		level  string // empty: nothing is logged
		says   string
	}{
		{"all right", func(*sagemakersim.Server) {}, "", ""},
		{"identity center", func(s *sagemakersim.Server) {
			s.SetDomain(sagemakersim.Domain{ID: research.ID, AuthMode: sagemakersim.AuthModeSSO})
		}, "WARN", "Identity Center mode (AuthMode SSO)"},
		{"not in service", func(s *sagemakersim.Server) {
			s.SetDomain(sagemakersim.Domain{ID: research.ID, Status: "Update_Failed"})
		}, "WARN", "isn't in service"},
		{"not permitted", func(s *sagemakersim.Server) {
			s.Fail(sagemakersim.Fault{Operation: describe, N: 2, Code: "AccessDeniedException"})
		}, "WARN", "doesn't permit"},
		{"not there", func(s *sagemakersim.Server) {
			s.Fail(sagemakersim.Fault{Operation: describe, N: 2, Code: "ResourceNotFound"})
		}, "ERROR", "doesn't exist"},
		{"throttled", func(s *sagemakersim.Server) {
			s.Fail(sagemakersim.Fault{Operation: describe, N: 6, Code: "ThrottlingException"})
		}, "WARN", "throttling"},
		{"away", func(s *sagemakersim.Server) {
			s.Fail(sagemakersim.Fault{Operation: describe, N: 6, Status: 500})
		}, "WARN", "can't be reached"},
		{"refused", func(s *sagemakersim.Server) {
			s.Fail(sagemakersim.Fault{Operation: describe, N: 2, Code: "ValidationException"})
		}, "WARN", "refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sim, c, lines := lookAt(t, research)
			tt.change(sim)
			c.Look(t.Context())
			got := lines.take(t)
			if tt.level == "" {
				if len(got) != 0 {
					t.Errorf("logged %v", got)
				}
				return
			}
			if len(got) != 1 || got[0]["level"] != tt.level || !strings.Contains(got[0]["msg"].(string), tt.says) || got[0]["domain"] != "research" {
				t.Fatalf("logged %v", got)
			}
			c.Look(t.Context())
			if again := lines.take(t); len(again) != 0 {
				t.Errorf("said twice: %v", again)
			}
			sim.ClearFaults()
			sim.SetDomain(sagemakersim.Domain{ID: research.ID, Name: "research"})
			c.Look(t.Context())
			if now := lines.take(t); len(now) != 1 || now[0]["level"] != "INFO" {
				t.Errorf("after it was mended: %v", now)
			}
		})
	}
}

func TestIdentityCenter(t *testing.T) {
	t.Parallel()
	sim, c, _ := lookAt(t, center)
	o := studio.Option{Domain: "center", Profile: "jane-doe"}

	_, err := c.Open(t.Context(), me, o) // nobody has looked yet
	wantKind(t, err, studio.ErrRefused)
	if url, sso := c.SignIn("center"); url != "" || sso {
		t.Errorf("before the look: %q %v", url, sso)
	}
	calls := sim.CallCount(presign)

	c.Look(t.Context())
	if url, sso := c.SignIn("center"); url != "https://d-sso.studio.us-west-2.sagemaker.aws" || !sso {
		t.Errorf("SignIn: %q %v", url, sso)
	}
	_, err = c.Open(t.Context(), me, o)
	wantKind(t, err, studio.ErrIdentityCenter)
	if n := sim.CallCount(presign); n != calls {
		t.Errorf("SageMaker was asked all the same")
	}

	// Nothing that is known is lost while SageMaker is away.
	sim.Fail(sagemakersim.Fault{Operation: describe, N: -1, Code: "AccessDeniedException"})
	c.Look(t.Context())
	if _, sso := c.SignIn("center"); !sso {
		t.Error("forgotten")
	}
	if url, sso := c.SignIn("nobody"); url != "" || sso {
		t.Errorf("unknown domain: %q %v", url, sso)
	}
}

func TestSignInHostile(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"https://evil.example/", "http://d-sso.studio.us-west-2.sagemaker.aws", "javascript:alert(1)",
		"https://d-sso.studio.us-west-2.sagemaker.aws/" + strings.Repeat("x", 1024),
	} {
		sim, c, lines := lookAt(t, center)
		sim.SetDomain(sagemakersim.Domain{ID: center.ID, AuthMode: sagemakersim.AuthModeSSO, URL: url})
		c.Look(t.Context())
		if got, sso := c.SignIn("center"); got != "" || !sso {
			t.Errorf("%.40q: got %q %v", url, got, sso)
		}
		if got := lines.take(t); len(got) != 1 || strings.Contains(got[0]["sign_in"].(string), url) {
			t.Errorf("%.40q: logged %v", url, got)
		}
	}
}

// Everything at the same time, for the race detector.
func TestTogether(t *testing.T) {
	t.Parallel()
	sim := startSim(t, sagemakersim.Options{})
	c := newClient(t, sim.URL(), nil)
	var wait sync.WaitGroup
	for n := range 16 {
		wait.Go(func() {
			for range 10 {
				switch n {
				case 0:
					c.Look(t.Context())
				case 1:
					c.SignIn("center")
				default:
					c.Warm(t.Context())
					if _, err := c.Open(t.Context(), me, jane); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wait.Wait()
	if n := sim.Minted(); n != 140 {
		t.Errorf("%d URLs", n)
	}
}
