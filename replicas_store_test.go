package studiobot_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
)

// meter stands between a copy and DynamoDB: it counts calls for launches and what
// they cost, and can be away.
type meter struct {
	to  string
	url string

	mu    sync.Mutex // guards the rest
	away  bool
	calls map[string]int
	units map[string]float64 // capacity units, by call
}

func newMeter(t *testing.T) *meter {
	t.Helper()
	m := &meter{}
	m.reset()
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	m.url = server.URL
	return m
}

// before is a store in DynamoDB behind the meter.
func (m *meter) before(t *testing.T) sharing {
	s := inDynamo(t, m.url)
	d, _ := theDynalite.get() // it is there
	m.to = d.URL
	return s
}

func (m *meter) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls, m.units = map[string]int{}, map[string]float64{}
}

func (m *meter) setAway(away bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = away
}

func (m *meter) read() (calls map[string]int, units map[string]float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.calls), maps.Clone(m.units)
}

func (m *meter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	away := m.away
	m.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil || away {
		panic(http.ErrAbortHandler)
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if bytes.HasPrefix(body, []byte("{\"")) {
		body = append([]byte(`{"ReturnConsumedCapacity":"TOTAL",`), body[1:]...)
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, m.to, bytes.NewReader(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	req.Header = r.Header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(resp.Body)
	var cost struct {
		ConsumedCapacity struct{ CapacityUnits float64 }
	}
	_ = json.Unmarshal(answer, &cost) // other calls have none
	if !bytes.Contains(body, []byte(`"ticket/`)) && !bytes.Contains(body, []byte(`"denial/`)) {
		operation = "in the background"
	}
	m.mu.Lock()
	m.calls[operation]++
	m.units[operation] += max(1, cost.ConsumedCapacity.CapacityUnits) // a query that finds nothing is one, too
	m.mu.Unlock()
	h := w.Header()
	maps.Copy(h, resp.Header)
	h.Del("Content-Length")
	h.Del("X-Amz-Crc32")
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(answer)
}

// A launch makes one write for each of its steps, and few reads. The page on the
// table says what that costs.
func TestWritesOfALaunch(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	s := m.before(t)
	r := start(t, s.on(setup{}))
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	step := func(what string, writes, reads int, do func()) {
		t.Helper()
		before, _ := m.read()
		do()
		after, _ := m.read()
		if got := after["UpdateItem"] - before["UpdateItem"]; got != writes {
			t.Errorf("%s: %d writes, not %d", what, got, writes)
		}
		if got := after["GetItem"] + after["Query"] - before["GetItem"] - before["Query"]; got > reads {
			t.Errorf("%s: %d reads, more than %d", what, got, reads)
		}
	}
	const launches = 20
	_, before := m.read()
	for range launches {
		var link string
		message := ""
		// A read of the command and one of the click are whether they are blocked.
		step("issue", 1, 1, func() { message = r.command("U0JANE", "").ID })
		step("arm", 1, 2, func() {
			p, err := r.slack.Press(r.within(), "U0JANE", message, 0)
			if err != nil || !p.Acked {
				t.Fatal(p, err)
			}
			link = p.URL
		})
		step("open and spend", 2, 3, func() { r.launches(link, researchID, "jane-doe") })
	}
	_, after := m.read()
	writes := (after["UpdateItem"] - before["UpdateItem"]) / launches
	reads := (after["GetItem"] + after["Query"] - before["GetItem"] - before["Query"]) / launches
	t.Logf("a launch takes %.1f write units and %.1f read units", writes, reads)
	// In the background there is one more write, of when it was opened last, and two
	// reads: whether they were promised to be told, and whether they are reminded.
	writes, reads = writes+1, reads+2
	page, err := os.ReadFile("docs/dynamodb.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		fmt.Sprintf("| write request units | %.0f |", math.Ceil(writes)), fmt.Sprintf("| read request units | %.0f |", math.Ceil(reads)),
		fmt.Sprintf("$%.2f", 100_000*(math.Ceil(writes)*0.625+math.Ceil(reads)*0.125)/1e6),
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("docs/dynamodb.md doesn't say %s", want)
		}
	}
}

// A copy whose store is away says so, tells people to try again, and recovers by
// itself.
func TestStoreThatIsAway(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	s := m.before(t)
	r := start(t, s.on(setup{}))
	link := r.press("U0JANE", r.command("U0JANE", ""), 0)
	if a := r.get(r.url + "/readyz"); a.status != http.StatusOK {
		t.Fatalf("/readyz: %d %s", a.status, a.body)
	}
	m.setAway(true)
	if a := r.get(r.url + "/readyz"); a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "store") {
		t.Errorf("/readyz: %d %s", a.status, a.body)
	}
	if m := r.command("U0JANE", ""); !strings.Contains(m.Text, "Try again") {
		t.Errorf("they are told %q", m.Text)
	}
	if a := r.get(link); a.status != http.StatusServiceUnavailable || a.location != "" {
		t.Errorf("the browser gets %d %q", a.status, a.title)
	}
	m.setAway(false)
	r.await("it to be ready again", func() bool { return r.get(r.url+"/readyz").status == http.StatusOK })
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
}
