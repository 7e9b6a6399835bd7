package sagemakersim_test

import (
	"io"
	"net/http"
	"testing"
	"time"
)

func now() time.Time { return time.Now() }

func send(t testing.TB, r *http.Request) (int, http.Header, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

// until polls for a condition that is about to become true.
func until(t testing.TB, ok func() bool) {
	t.Helper()
	end := time.After(10 * time.Second)
	for tick := time.Tick(time.Millisecond); !ok(); {
		select {
		case <-tick:
		case <-end:
			t.Fatal("it didn't happen")
		}
	}
}
