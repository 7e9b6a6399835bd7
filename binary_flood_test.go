package studiobot_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// testFlood sends what an attacker would, from thousands of addresses, and then
// looks at what the process still holds: goroutines, files, memory, series. A
// person opens Studio in the middle of it.
func testFlood(t *testing.T, binary string) {
	r := surroundings(t)
	listen, private := freeAddress(t), freeAddress(t)
	r.url = "http://" + listen
	p := newFolder(t, binary, binaryConfig(r.url, listen, "metrics: "+private+"\ntrusted_proxies: [127.0.0.0/8]\n"))
	p.serve(t, r, r.environment())
	r.ready(2)
	gauge := func(name string) int {
		for line := range strings.Lines(scraped(t, private)) {
			if value, ok := strings.CutPrefix(line, name+" "); ok {
				n, _ := strconv.ParseFloat(strings.TrimSpace(value), 64)
				return int(n)
			}
		}
		t.Fatalf("no %s", name)
		return 0
	}
	goroutines, files := gauge("go_goroutines"), gauge("process_open_fds")
	held := slowly(t, listen, 300)
	var wait sync.WaitGroup
	for worker := range 16 {
		wait.Go(func() { flood(r.url, worker, 250) })
	}
	wait.Go(func() {
		for i := range 300 {
			r.slack.Command(r.within(), "U0SAM", "/studio", fmt.Sprint("zebra", i))
		}
	})
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
	wait.Wait()
	if n := gauge("go_memstats_heap_alloc_bytes"); n > 64<<20 {
		t.Errorf("%d MB of heap in the flood", n>>20)
	}
	r.await("what the flood took to be let go of", func() bool {
		return gauge("go_goroutines") < goroutines+40 && gauge("process_open_fds") < files+40
	})
	if n := held(); n != 0 {
		t.Errorf("%d connections that send nothing are still open", n)
	}
	if n := strings.Count(r.log.String(), "\n"); n > 5000 {
		t.Errorf("%d lines in the log", n)
	}
	if n := len(series(scraped(t, private))); n > 500 {
		t.Errorf("%d series", n)
	}
	r.launches(r.press("U0JANE", r.command("U0JANE", ""), 0), researchID, "jane-doe")
}

// scraped is what the private listener says.
func scraped(t *testing.T, private string) string {
	t.Helper()
	resp, err := http.Get("http://" + private + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// slowly opens connections that begin a request and go no further. held says how
// many the server hasn't closed.
func slowly(t *testing.T, address string, n int) (held func() int) {
	t.Helper()
	var open []net.Conn
	for range n {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		_, _ = io.WriteString(c, "GET /launch/x HTTP/1.1\r\nHost: x\r\n")
		open = append(open, c)
	}
	return func() int {
		left := 0
		for _, c := range open {
			_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			_, err := io.Copy(io.Discard, c)
			if e, ok := err.(net.Error); ok && e.Timeout() {
				left++
			}
		}
		return left
	}
}

// flood sends bad links, bodies and headers, each from an address of its own.
func flood(address string, worker, n int) {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: worker%2 == 0}}
	defer client.CloseIdleConnections()
	big := bytes.Repeat([]byte("x"), 256<<10)
	for i := range n {
		method, path, body := http.MethodGet, fmt.Sprintf("/launch/%043d.0", worker*n+i), []byte(nil)
		switch i % 10 {
		case 0:
			method, body = http.MethodPost, big
		case 1:
			path = "/" + strings.Repeat("p", 8<<10)
		case 2:
			path = "/probe/" + strings.Repeat("0", 80)
		}
		req, err := http.NewRequest(method, address+path, bytes.NewReader(body))
		if err != nil {
			continue
		}
		req.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", worker, i/250, i%250))
		if i%10 == 3 {
			req.Header.Set("Cookie", strings.Repeat("c", 48<<10))
		}
		if resp, err := client.Do(req); err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
			resp.Body.Close()
		}
	}
}
