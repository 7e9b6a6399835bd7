package lambda_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/lambdasim"
	"github.com/studiobot/studiobot/lambda"
)

// seen is what a handler finds in a request.
type seen struct {
	Method, Path, Query, Host, Remote, Cookie, Forwarded, Body string
	Twice                                                      []string
}

func look(r *http.Request) seen {
	body, err := io.ReadAll(r.Body)
	if err != nil || int64(len(body)) != r.ContentLength {
		body = []byte(fmt.Sprint("broken: ", err, r.ContentLength))
	}
	return seen{
		r.Method, r.URL.Path, r.URL.RawQuery, r.Host, r.RemoteAddr, r.Header.Get("Cookie"), r.Header.Get("X-Forwarded-For"), string(body), r.Header.Values("X-Twice"),
	}
}

// event is what the simulator makes of a request.
func event(t *testing.T, o lambdasim.Options, r *http.Request) []byte {
	t.Helper()
	s, err := lambdasim.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	e, err := s.Event(r)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func request(t *testing.T, method, target, body string, header ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

func TestRequests(t *testing.T) {
	t.Parallel()
	const form, url = "application/x-www-form-urlencoded", "https://studio.example.com"
	base := seen{Method: "GET", Path: "/launch/abc.0", Host: "studio.example.com", Remote: "192.0.2.1:0"}
	for name, test := range map[string]struct {
		o      lambdasim.Options
		base   string
		r      *http.Request
		change func(*seen)
	}{
		"plain":       {r: request(t, "GET", url+"/launch/abc.0", "")},
		"head":        {r: request(t, "HEAD", url+"/launch/abc.0", ""), change: func(s *seen) { s.Method = "HEAD" }},
		"query":       {r: request(t, "GET", url+"/launch/abc.0?again", ""), change: func(s *seen) { s.Query = "again" }},
		"root":        {r: request(t, "GET", url, ""), change: func(s *seen) { s.Path = "/" }},
		"stage":       {o: lambdasim.Options{Stage: "prod"}, r: request(t, "GET", url+"/launch/abc.0", "")},
		"stage alone": {o: lambdasim.Options{Stage: "prod"}, r: request(t, "GET", url, ""), change: func(s *seen) { s.Path = "/" }},
		"a stage that browsers see": {o: lambdasim.Options{Stage: "prod"}, base: "/prod", r: request(t, "GET", url+"/launch/abc.0", ""),
			change: func(s *seen) { s.Path = "/prod/launch/abc.0" }},
		"a stage above the base": {o: lambdasim.Options{Stage: "prod"}, base: "/prod/bot", r: request(t, "GET", url+"/bot/launch/abc.0", ""),
			change: func(s *seen) { s.Path = "/prod/bot/launch/abc.0" }},
		"like the stage": {o: lambdasim.Options{Stage: "launch"}, r: request(t, "GET", url+"/launch/abc.0", "")},
		"form": {r: request(t, "POST", url+"/launch/abc.0", "nonce=%00&b=ü", "Content-Type", form),
			change: func(s *seen) { s.Method, s.Body = "POST", "nonce=%00&b=ü" }},
		"text": {r: request(t, "POST", url+"/launch/abc.0", "x", "Content-Type", "text/plain"), change: func(s *seen) { s.Method, s.Body = "POST", "x" }},
		"cookies": {r: request(t, "GET", url+"/launch/abc.0", "", "Cookie", "a=1; __Host-b=2", "Cookie", "c=3"),
			change: func(s *seen) { s.Cookie = "a=1; __Host-b=2; c=3" }},
		"twice":        {r: request(t, "GET", url+"/launch/abc.0", "", "X-Twice", "a", "X-Twice", "b"), change: func(s *seen) { s.Twice = []string{"a,b"} }},
		"IPv6":         {o: lambdasim.Options{SourceIP: "2001:db8::1"}, r: request(t, "GET", url+"/launch/abc.0", ""), change: func(s *seen) { s.Remote = "[2001:db8::1]:0" }},
		"what it says": {r: request(t, "GET", url+"/launch/abc.0", "", "X-Forwarded-For", "203.0.113.9"), change: func(s *seen) { s.Forwarded = "203.0.113.9" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := base
			if test.change != nil {
				test.change(&want)
			}
			var got seen
			f := lambda.New(lambda.Options{Base: test.base, Log: slog.New(slog.DiscardHandler), Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = look(r) })})
			if _, err := f.Invoke(t.Context(), event(t, test.o, test.r)); err != nil {
				t.Fatal(err)
			}
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	location := "https://x.studio.us-west-2.sagemaker.aws/auth?token=" + strings.Repeat("x", 4_380)
	for name, test := range map[string]struct {
		method string
		handle http.HandlerFunc
		want   string // as JSON
	}{
		"redirect": {handle: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.Header().Set("Content-Length", "0")
			w.WriteHeader(302)
			w.Header().Set("X-Late", "too late")
		}, want: `{"statusCode":302,"headers":{"Location":"` + location + `"},"multiValueHeaders":null,"body":"","cookies":[]}`},
		"page": {handle: func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
			http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
			w.Header().Add("Vary", "a")
			w.Header().Add("Vary", "b")
			_, _ = io.WriteString(w, "ü")
		}, want: `{"statusCode":200,"headers":{"Vary":"a, b"},"multiValueHeaders":null,"body":"ü","cookies":["a=1","b=2"]}`},
		"HEAD": {method: "HEAD", handle: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") },
			want: `{"statusCode":200,"headers":{},"multiValueHeaders":null,"body":"","cookies":[]}`},
		"bytes": {handle: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte{0xff, 0}) },
			want: `{"statusCode":200,"headers":{},"multiValueHeaders":null,"body":"/wA=","isBase64Encoded":true,"cookies":[]}`},
		"nothing": {handle: func(http.ResponseWriter, *http.Request) {}, want: `{"statusCode":200,"headers":{},"multiValueHeaders":null,"body":"","cookies":[]}`},
		"panic": {handle: func(http.ResponseWriter, *http.Request) { panic("no") },
			want: `{"statusCode":500,"headers":{"Cache-Control":"no-store","Content-Type":"text/plain; charset=utf-8","Referrer-Policy":"no-referrer","X-Content-Type-Options":"nosniff"},"multiValueHeaders":null,"body":"Internal Server Error\n","cookies":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.method == "" {
				test.method = "GET"
			}
			f := lambda.New(lambda.Options{Handler: test.handle, Log: slog.New(slog.DiscardHandler)})
			out, err := f.Invoke(t.Context(), event(t, lambdasim.Options{}, request(t, test.method, "https://studio.example.com/", "")))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(out)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.ReplaceAll(test.want, `"cookies":[]`, `"cookies":null`); strings.ReplaceAll(string(got), `"cookies":[]`, `"cookies":null`) != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// What isn't a request of an HTTP API never reaches the handler.
func TestOtherEvents(t *testing.T) {
	t.Parallel()
	f := lambda.New(lambda.Options{Log: slog.New(slog.DiscardHandler), Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was served", r.Method) })})
	for name, e := range map[string]string{
		"nothing": `null`, "a text": `"x"`, "a schedule": `{"source":"aws.events"}`, "format 1.0": `{"version":"1.0","httpMethod":"GET","path":"/"}`, "no method": `{"version":"2.0"}`,
	} {
		if _, err := f.Invoke(t.Context(), []byte(e)); err == nil || !strings.Contains(err.Error(), "PayloadFormatVersion to 2.0") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string][2]string{
		"a body that isn't base64": {`"isBase64Encoded":false`, `"body":"%%","isBase64Encoded":true`},
		"no address":               {`"192.0.2.1","userAgent"`, `"elsewhere","userAgent"`},
		"no method":                {`"method":"GET"`, `"method":"G ET"`},
	} {
		e := bytes.Replace(event(t, lambdasim.Options{}, request(t, "GET", "https://studio.example.com/", "")), []byte(change[0]), []byte(change[1]), 1)
		if !bytes.Contains(e, []byte(change[1])) {
			t.Fatalf("%s: not in %s", name, e)
		}
		if out, err := f.Invoke(t.Context(), e); err != nil || out.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d, %v", name, out.StatusCode, err)
		}
	}
}

// A request ends two seconds before its invocation would, so that there is time
// for an answer.
func TestDeadline(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	end, _ := ctx.Deadline()
	f := lambda.New(lambda.Options{Log: slog.New(slog.DiscardHandler), Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if its, ok := r.Context().Deadline(); !ok || !its.Equal(end.Add(-2*time.Second)) {
			t.Errorf("the request ends at %v, the invocation at %v", its, end)
		}
	})})
	if _, err := f.Invoke(ctx, event(t, lambdasim.Options{}, request(t, "GET", "https://studio.example.com/", ""))); err != nil {
		t.Error(err)
	}
}

// Whatever comes, Invoke answers.
func FuzzInvoke(f *testing.F) {
	f.Add([]byte(`{"version":"2.0","rawPath":"/prod/x","requestContext":{"stage":"prod","http":{"method":"GET","sourceIp":"192.0.2.1"}}}`))
	f.Add([]byte(`{"version":"2.0","body":"eA==","isBase64Encoded":true,"cookies":["a"],"headers":{"x":"y"},"requestContext":{"http":{"method":"POST","sourceIp":"::1"}}}`))
	function := lambda.New(lambda.Options{Log: slog.New(slog.DiscardHandler), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/") || r.RemoteAddr == "" {
			panic("no path or no address")
		}
		_, _ = fmt.Fprintf(w, "%+v", look(r))
	})})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if out, err := function.Invoke(t.Context(), raw); err == nil && out.StatusCode != http.StatusOK && out.StatusCode != http.StatusBadRequest {
			t.Errorf("status %d", out.StatusCode)
		}
	})
}
