package studiobot_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

const (
	killLaunches = 2000
	killWorkers  = 24
	killPeople   = 60
)

// TestLaunchesWhileCopiesAreKilled drives launches through three processes of the
// program over one store while one after the other is killed, or asked to stop, and restarted.
//
// It has the machine for itself as far as this package goes: it is about processes
// that die, not about too few processors.
func TestLaunchesWhileCopiesAreKilled(t *testing.T) {
	s := inDynamo(t, "")
	l := newLoad(t, s)
	stop := make(chan struct{})
	var killer sync.WaitGroup
	killer.Go(func() { l.killThem(stop) })
	var workers sync.WaitGroup
	var next atomic.Int64
	for range killWorkers {
		workers.Go(func() {
			for n := next.Add(1); n <= killLaunches && !t.Failed(); n = next.Add(1) {
				l.launch(int(n))
			}
		})
	}
	workers.Wait()
	close(stop)
	killer.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	twice := 0
	for _, n := range l.delivered {
		if n > 1 {
			twice++
		}
	}
	if twice > 0 {
		t.Errorf("%d links delivered a Location twice", twice)
	}
	if l.opened != killLaunches && !t.Failed() {
		t.Errorf("%d of %d launches opened Studio", l.opened, killLaunches)
	}
	if l.kills < 4 || l.hit == 0 {
		t.Errorf("%d stops, %d browsers on a copy that was killed: that shows nothing", l.kills, l.hit)
	}
	t.Logf("%d launches, %d stops of a copy, %d browsers were on one that was killed, %d presses had to be repeated, %d people were told to try again", l.opened, l.kills, l.hit, l.pressedAgain, l.later)
}

// load is three processes, and what happened to launches on them.
type load struct {
	t      *testing.T
	r      *rig
	binary string
	dir    string
	env    []string
	addrs  []string

	procs []*exec.Cmd // the killer's own

	mu                        sync.Mutex // guards the rest
	delivered                 map[string]int
	opened, hit, pressedAgain int
	kills, later              int
}

func newLoad(t *testing.T, s sharing) *load {
	binary := buildBinary(t) // it may take a while, before the clock of the rig runs
	r := surroundings(t)
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	t.Cleanup(cancel)
	r.ctx = ctx
	l := &load{t: t, r: r, binary: binary, dir: t.TempDir(), delivered: map[string]int{}}
	var users strings.Builder
	for n := range killPeople {
		r.slack.AddPeople(slacksim.Person{ID: person(n), Name: person(n)})
		fmt.Fprintf(&users, "%s: {research: jane-doe}\n", person(n))
	}
	put(t, filepath.Join(l.dir, "users.yaml"), users.String())
	for k, v := range r.environment() {
		l.env = append(l.env, k+"="+v)
	}
	for k, v := range s.env {
		l.env = append(l.env, k+"="+v)
	}
	for n := range 3 {
		l.addrs = append(l.addrs, freeAddress(t))
		put(t, l.config(n), binaryConfig("http://127.0.0.1:9", l.addrs[n], s.line+"\nlimits: {person: off, refused: off, alarm: off}"))
	}
	l.initStore()
	for n := range 3 {
		l.procs = append(l.procs, nil)
		l.start(n)
	}
	t.Cleanup(func() {
		for _, p := range l.procs {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
	})
	r.sockets(6)
	return l
}

func (l *load) count(what *int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*what++
}

func person(n int) string { return fmt.Sprintf("U0P%03d", n) }

func (l *load) config(n int) string { return filepath.Join(l.dir, fmt.Sprintf("copy-%d.yaml", n)) }

func (l *load) start(n int) {
	p := exec.Command(l.binary, "serve", "--config", l.config(n))
	p.Dir, p.Env = l.dir, l.env
	p.Stderr = l.t.Output()
	if err := p.Start(); err != nil {
		l.t.Error(err)
	}
	l.procs[n] = p
}

// initStore is what an operator does first. The table is there already.
func (l *load) initStore() {
	l.t.Helper()
	cmd := exec.Command(l.binary, "store", "init", "--config", l.config(0))
	cmd.Dir, cmd.Env = l.dir, l.env
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "was there already") {
		l.t.Fatalf("store init: %v\n%s", err, out)
	}
}

// killThem stops one copy after the other, every second time without warning, and
// starts it again.
func (l *load) killThem(stop <-chan struct{}) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-time.After(300 * time.Millisecond):
		}
		signal := os.Signal(syscall.SIGKILL)
		if n%2 == 1 {
			signal = syscall.SIGTERM
		}
		p := l.procs[n%3]
		_ = p.Process.Signal(signal) // it runs
		_ = p.Wait()
		l.count(&l.kills)
		l.start(n % 3)
		l.r.await("a copy to be ready again", func() bool { return l.ready(n%3) || l.t.Failed() })
	}
}

func (l *load) ready(n int) bool {
	a, err := fetch(l.r.ctx, http.DefaultClient, "http://"+l.addrs[n]+"/readyz")
	return err == nil && a.status == http.StatusOK
}

// launch is one person's way to Studio. They type the command once more only where
// their browser was on a copy that was killed.
func (l *load) launch(n int) {
	user := person(n % killPeople)
	for tries, busy := 0, 0; tries < 5 && busy < 20; tries++ {
		a, err := l.r.slack.Command(l.r.ctx, user, "/studio", "")
		if err != nil || a.Error != "" || a.Message == nil {
			l.t.Errorf("launch %d: a command was left unanswered: %+v, %v", n, a, err)
			return
		}
		if len(a.Message.Buttons()) == 0 { // the machine is so busy that the store is slow
			if !strings.Contains(a.Message.Text, "Try again") {
				l.t.Errorf("launch %d: the answer is %q", n, a.Message.Text)
			}
			l.count(&l.later)
			tries, busy = tries-1, busy+1
			continue
		}
		opened, killed := l.open(n, user, a.Message.ID)
		l.mu.Lock()
		if opened {
			l.opened++
		}
		if killed {
			l.hit++
		}
		l.mu.Unlock()
		if opened || l.t.Failed() {
			return
		}
		if !killed {
			l.t.Errorf("launch %d was lost, and its browser wasn't on a copy that was killed", n)
			return
		}
	}
	l.t.Errorf("launch %d didn't work on retry", n)
}

// open presses the button and opens the link, at every fourth time in two browsers
// at once. killed: a browser's connection broke.
func (l *load) open(n int, user, message string) (opened, killed bool) {
	link, ok := l.press(user, message)
	if !ok {
		l.t.Errorf("launch %d: a click wasn't acknowledged", n)
		return false, false
	}
	if n%4 != 0 {
		return l.browse(user, message, link)
	}
	var both sync.WaitGroup
	var a, b, killedA, killedB bool
	both.Go(func() { a, killedA = l.browse(user, message, link) })
	both.Go(func() { b, killedB = l.browse(user, message, link) })
	both.Wait()
	return a || b, killedA || killedB
}

func (l *load) press(user, message string) (path string, ok bool) {
	p, err := l.r.slack.Press(l.r.ctx, user, message, 0)
	if err != nil || !p.Acked {
		return "", false
	}
	_, path, _ = strings.Cut(p.URL, "/launch/")
	return "/launch/" + path, true
}

// browse is one browser. A balancer leads it to a copy that takes connections.
func (l *load) browse(user, message, path string) (opened, killed bool) {
	browser := browser()
	browser.Transport = &http.Transport{DisableKeepAlives: true}
	query := ""
	for began, pressed := time.Now(), false; time.Since(began) < 3*patience; {
		a, err := fetch(l.r.ctx, browser, "http://"+l.addrs[rand.IntN(3)]+path+query)
		switch {
		case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, context.Canceled):
			time.Sleep(time.Millisecond) // the balancer takes another one
		case err != nil:
			killed = true // it is reloaded
		case a.location != "":
			l.mu.Lock()
			l.delivered[path]++
			l.mu.Unlock()
			return true, killed
		case a.status == http.StatusOK: // waiting for the click
			query = "?again"
			time.Sleep(20 * time.Millisecond)
			if !pressed && time.Since(began) > 4*time.Second {
				pressed = true
				l.count(&l.pressedAgain)
				_, _ = l.press(user, message)
			}
		default: // opening elsewhere, or used
			return false, killed
		}
	}
	l.t.Error("a browser got nowhere")
	return false, killed
}
