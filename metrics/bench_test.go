package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/metrics"
)

// What a launch costs more with metrics: a command's and a click's envelope, five
// audit lines, eight questions to the store, one call, and the answer.
func BenchmarkLaunch(b *testing.B) {
	m := metrics.New("bench", []string{"research"})
	h := m.Redirect(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) }))
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/launch/x", nil)
	b.ReportAllocs()
	for b.Loop() {
		m.Envelope("command", time.Millisecond, true)
		m.Envelope("interactive", time.Millisecond, true)
		for _, s := range []audit.Step{audit.Issued, audit.Armed, audit.Opening, audit.Opened, audit.Refused} {
			m.Audit(audit.Entry{Step: s, Domain: "research", Reason: "guest"})
		}
		for range 8 {
			m.Stored("update ticket", false, time.Millisecond)
		}
		m.Call("CreatePresignedDomainUrl", "ok", time.Millisecond)
		m.Arrived(0)
		h.ServeHTTP(w, r)
	}
}
