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
