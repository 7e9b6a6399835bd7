package studiobot

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/studiobot/studiobot/doctor"
)

// nonces are what a probe may carry: it comes back in a header.
var nonces = regexp.MustCompile(`^[a-z0-9]{16,64}$`)

// probed answers the doctor's question whether a launch's long Location gets
// through what stands in front: GET <public URL>/probe/<nonce>. It leads to the page
// that says what this is, whatever is asked, and there is nothing secret about it.
func probed(public *url.URL, next http.Handler) http.Handler {
	base := strings.TrimSuffix(public.Path, "/")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nonce, ours := strings.CutPrefix(r.URL.Path, base+doctor.ProbePath)
		nonce, short := strings.CutSuffix(nonce, "/short")
		if !ours || r.Method != http.MethodGet || !nonces.MatchString(nonce) {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set(doctor.ProbeHeader, nonce)
		if short {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		to := strings.TrimSuffix(public.String(), "/") + "/?probe="
		h.Set("Location", to+strings.Repeat("x", max(0, doctor.HeaderLength-len(to))))
		h.Set("Content-Length", "0")
		w.WriteHeader(http.StatusFound)
	})
}
