package studiobot_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"regexp"
)

type answer struct {
	status   int
	title    string
	body     string
	location string
}

func browser() *http.Client {
	jar, _ := cookiejar.New(nil) // fails for no options
	return &http.Client{Jar: jar, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

var titleTag = regexp.MustCompile(`<title>(.*?)</title>`)

func (r *rig) get(address string) answer {
	r.t.Helper()
	a, err := fetch(r.within(), browser(), address)
	if err != nil {
		r.t.Fatalf("GET: %v", err)
	}
	return a
}

func fetch(ctx context.Context, client *http.Client, address string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 Firefox/140")
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	a := answer{status: resp.StatusCode, body: string(body), location: resp.Header.Get("Location")}
	if m := titleTag.FindStringSubmatch(a.body); m != nil {
		a.title = m[1]
	}
	return a, err
}

func (r *rig) launches(link, domain, profile string) {
	r.t.Helper()
	a := r.get(link)
	if a.status != http.StatusFound || a.body != "" {
		r.t.Fatalf("the link gave %d %q, want a redirect\n%s", a.status, a.title, r.log)
	}
	before := len(r.sagemaker.Openings())
	r.get(a.location)
	openings := r.sagemaker.Openings()
	if len(openings) != before+1 {
		r.t.Fatalf("%d browsers in Studio, want one more than %d", len(openings), before)
	}
	if o := openings[len(openings)-1]; !o.OK || o.Domain != domain || o.Profile != profile {
		r.t.Errorf("Studio opened %+v, want %s in %s", o, profile, domain)
	}
}
