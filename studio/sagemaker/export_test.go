package sagemaker

import "time"

// SetTimes shortens what Open waits for, so that tests of connections which
// lead nowhere don't take ten seconds. It is for before the first call.
func (c *Client) SetTimes(attempt, overall time.Duration) {
	c.overall = overall
	for _, r := range c.regions {
		r.send.timeout = attempt
	}
}

// SetRunsIn shortens what Open waits to hear whether a space's app runs. It is
// for before the first call.
func (c *Client) SetRunsIn(d time.Duration) { c.runsIn = d }

// AgeSessions makes the sessions that are kept older.
func (c *Client) AgeSessions(d time.Duration) {
	c.people.mu.Lock()
	defer c.people.mu.Unlock()
	for _, e := range c.people.kept {
		e.Value.(*held).since = e.Value.(*held).since.Add(-d)
	}
}

// LimitSessions bounds how many sessions are kept. It is for before the first call.
func (c *Client) LimitSessions(n int) { c.people.limit = n }

// KeptSessions counts them, and Flying those that are being asked for.
func (c *Client) KeptSessions() int {
	c.people.mu.Lock()
	defer c.people.mu.Unlock()
	return c.people.order.Len()
}

func (c *Client) Flying() int {
	c.people.mu.Lock()
	defer c.people.mu.Unlock()
	return len(c.people.flying)
}
