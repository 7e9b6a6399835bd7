package metrics

import (
	"net/http"
	"time"
)

// Redirect measures the requests that next answers.
func (m *Metrics) Redirect(next http.Handler) http.Handler {
	redirected, page := m.requests.WithLabelValues("redirected"), m.requests.WithLabelValues("page")
	refused, limited, failed := m.requests.WithLabelValues("refused"), m.requests.WithLabelValues("limited"), m.requests.WithLabelValues("failed")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		kept := status{ResponseWriter: w}
		next.ServeHTTP(&kept, r)
		result := page
		switch {
		case kept.code == http.StatusTooManyRequests:
			result = limited
			m.Limited("refused")
		case kept.code >= http.StatusInternalServerError:
			result = failed
		case kept.code >= http.StatusBadRequest:
			result = refused
		case kept.code == http.StatusFound || kept.code == http.StatusSeeOther:
			result = redirected
		case kept.code == 0:
			return // the browser was gone, nobody was answered
		}
		result.Observe(time.Since(began).Seconds())
	})
}

// status remembers the status of an answer.
type status struct {
	http.ResponseWriter
	code int
}

// WriteHeader implements http.ResponseWriter.
func (s *status) WriteHeader(code int) {
	if s.code == 0 {
		s.code = code
	}
	s.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter.
func (s *status) Write(p []byte) (int, error) {
	if s.code == 0 {
		s.code = http.StatusOK
	}
	return s.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (s *status) Unwrap() http.ResponseWriter { return s.ResponseWriter }
