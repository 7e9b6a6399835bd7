package sagemaker

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// warmEvery is how often a Region is warmed at most, whether or not it worked.
const warmEvery = 20 * time.Second

// warmDeadline ends a Warm: who clicks later than that doesn't gain by it.
const warmDeadline = 5 * time.Second

// Warm makes sure that the first click doesn't pay for credentials and
// handshakes: it retrieves credentials and opens one connection to each Region
// of the named domains (all Regions where none is named). Call it when /studio
// was answered, in a goroutine of its own: it takes up to 5 s where there is
// something to do, and nothing where a Region was warmed or used within the last
// 20 s. However many call it, one does the work. It says nothing of failures:
// Open will.
func (c *Client) Warm(ctx context.Context, domains ...string) {
	var cold []*region
	for _, r := range c.regions {
		if c.wanted(r, domains) && r.claim(c.now()) {
			cold = append(cold, r)
		}
	}
	if len(cold) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, warmDeadline)
	defer cancel()
	if err := retrieve(ctx, c.creds); err != nil {
		c.log.DebugContext(ctx, "couldn't warm up", "err", err)
		return // a signed request couldn't be sent either
	}
	done := make(chan struct{}, len(cold))
	for _, r := range cold {
		go func() {
			defer func() { done <- struct{}{} }()
			if err := r.ping(ctx); err != nil {
				c.log.DebugContext(ctx, "couldn't warm up", "region", r.name, "err", err)
			}
		}()
	}
	for range cold {
		<-done
	}
}

// aheadAtOnce bounds how many sessions are asked for ahead of a click at a time.
// Who comes when there is no room pays for the question at the click, as do the
// options behind the first few.
const (
	aheadAtOnce  = 8
	aheadOptions = 3
)

// Prepare asks ahead for the role sessions that p's launches of these options
// will be made in, so that the click doesn't pay for it. It is Warm's companion:
// call it in a goroutine of its own. It does nothing where there is no role,
// where the sessions are there and fresh, or where too many others are being
// prepared: on a Monday at nine STS is asked for what people click, not for what
// they might. It says nothing of failures: Open will.
func (c *Client) Prepare(ctx context.Context, p studio.Person, options []studio.Option) {
	ctx, cancel := context.WithTimeout(ctx, warmDeadline)
	defer cancel()
	for _, o := range options[:min(len(options), aheadOptions)] {
		d, err := c.openable(o)
		if err != nil || d.actor == nil || p.User == "" {
			continue
		}
		select {
		case c.ahead <- struct{}{}:
		default:
			return
		}
		_, _, err = c.people.get(ctx, d, d.sessionOf(p, o, c.limited))
		<-c.ahead
		if err != nil {
			c.log.DebugContext(ctx, "couldn't prepare a role session", "domain", d.Name, "err", err)
		}
	}
}

func (c *Client) wanted(r *region, domains []string) bool {
	if len(domains) == 0 {
		return true
	}
	for _, name := range domains {
		if d, ok := c.domains[name]; ok && d.region == r {
			return true
		}
	}
	return false
}

// claim reports whether the Region has to be warmed, and to one caller only.
func (r *region) claim(now time.Duration) bool {
	last := r.used.Load()
	return int64(now)-last >= int64(warmEvery) && r.used.CompareAndSwap(last, int64(now))
}

// spoke notes that the endpoint was spoken to.
func (r *region) spoke(now time.Duration) { r.used.Store(int64(now)) }

// ping opens a connection where there is none and leaves it in the pool. Any
// answer will do. AWS's endpoints answer GET /ping without a signature (not
// verified against a live account).
func (r *region) ping(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.endpoint.JoinPath("ping").String(), nil)
	if err != nil {
		return err
	}
	resp, err := r.send.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	// Only a connection whose answer was read to its end can be used again.
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
