package sagemakersim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

func TestLanding(t *testing.T) {
	t.Parallel()
	s := startBusy(t, sagemakersim.Options{})
	s.SetApp(domainID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "janes"})
	s.SetApp(domainID, sagemakersim.App{Type: sagemakersim.CodeEditor, Space: "team"})
	s.SetApp(domainID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "old-team", Status: sagemakersim.Pending})
	for _, tt := range []struct {
		name, uri, space string
		want             sagemakersim.Opening // of which App, Name, Path, OK and Reason count
		status           int                  // of the page; 0: no page at all
		says             string
	}{
		{"nothing", "", "", sagemakersim.Opening{App: sagemakersim.Portal, OK: true}, 200, "Studio&#39;s home"},
		{"the portal", "studio::", "", sagemakersim.Opening{App: sagemakersim.Portal, OK: true}, 200, "Studio&#39;s home"},
		{"all JupyterLab spaces", "studio::jupyterlab", "", sagemakersim.Opening{App: sagemakersim.Portal, Path: "jupyterlab", OK: true}, 200, "A page of Studio (jupyterlab)"},
		{"a space's page", "studio::jupyterlab/janes", "", sagemakersim.Opening{App: sagemakersim.Portal, Name: "janes", Path: "jupyterlab/janes", OK: true}, 200, "The page of the space janes: press Run"},
		{"a leading slash", "studio::/jupyterlab/janes", "", sagemakersim.Opening{App: sagemakersim.Portal, Path: "/jupyterlab/janes", Reason: sagemakersim.ReasonBroken}, 0, ""},
		{"a space that runs", "", "JANES", sagemakersim.Opening{App: sagemakersim.JupyterLab, Name: "JANES", OK: true}, 200, "JupyterLab of the space JANES"},
		{"a space that is starting", "", "old-team", sagemakersim.Opening{App: sagemakersim.JupyterLab, Name: "old-team", Reason: sagemakersim.ReasonNoApp}, 404, ""},
		{"a space with another app", "", "team", sagemakersim.Opening{App: sagemakersim.JupyterLab, Name: "team", Reason: sagemakersim.ReasonNoApp}, 404, ""},
		{"its own app", "app:CodeEditor:", "team", sagemakersim.Opening{App: sagemakersim.CodeEditor, Name: "team", OK: true}, 200, "Code Editor of the space team"},
		{"an app that doesn't run", "app:CodeEditor:", "janes", sagemakersim.Opening{App: sagemakersim.CodeEditor, Name: "janes", Reason: sagemakersim.ReasonNoApp}, 404, ""},
		{"canvas", "app:Canvas:", "", sagemakersim.Opening{App: sagemakersim.Canvas, OK: true}, 200, ">Canvas<"},
		{"rstudio", "app:RStudioServerPro:", "", sagemakersim.Opening{App: sagemakersim.RStudio, OK: true}, 200, ">RStudio<"},
		{"classic", "app:JupyterServer:lab", "", sagemakersim.Opening{App: sagemakersim.JupyterServer, Path: "lab", OK: true}, 200, ">Studio Classic<"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := &api.CreatePresignedDomainUrlInput{DomainId: aws.String(domainID), UserProfileName: aws.String("jane")}
			if tt.uri != "" {
				in.LandingUri = &tt.uri
			}
			if tt.space != "" {
				in.SpaceName = &tt.space
			}
			out, err := sdk(s).CreatePresignedDomainUrl(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if tt.status == 0 {
				resp, err := http.DefaultTransport.RoundTrip(request(t, *out.AuthorizedUrl))
				if err != nil {
					t.Fatal("no answer")
				}
				resp.Body.Close()
				if to := resp.Header.Get("Location"); to != "//jupyterlab/janes" {
					t.Errorf("redirected to %q", to)
				}
			} else if status, _, page := browse(t, *out.AuthorizedUrl); status != tt.status || !strings.Contains(page, tt.says) || tt.says == "" && page != "" {
				t.Errorf("%d, %q", status, page)
			}
			all := s.Openings()
			got := all[len(all)-1]
			if got.App != tt.want.App || got.Name != tt.want.Name || got.Path != tt.want.Path || got.OK != tt.want.OK || got.Reason != tt.want.Reason || got.Profile != "jane" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func request(t testing.TB, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal("not a URL")
	}
	return r
}

func TestLandingIsRefused(t *testing.T) {
	t.Parallel()
	s := startBusy(t, sagemakersim.Options{})
	s.SetSpace(domainID, sagemakersim.Space{Name: "broken", Owner: "jane", Status: sagemakersim.Failed})
	for _, tt := range []struct{ uri, space, code string }{
		{"", "none", "ResourceNotFound"},
		{"", "johns", "ValidationException"},
		{"", "broken", "ValidationException"},
		{"app:Emacs:", "", "ValidationException"},
		{"app:JupyterLab", "janes", "ValidationException"},
		{"https://evil.example", "", "ValidationException"},
	} {
		in := &api.CreatePresignedDomainUrlInput{DomainId: aws.String(domainID), UserProfileName: aws.String("jane")}
		if tt.uri != "" {
			in.LandingUri = &tt.uri
		}
		if tt.space != "" {
			in.SpaceName = &tt.space
		}
		if _, err := sdk(s).CreatePresignedDomainUrl(t.Context(), in); code(err) != tt.code {
			t.Errorf("%q in %q: %v", tt.uri, tt.space, err)
		}
	}
}
