package bot

import "time"

// Watcher is told of what comes from Slack. Its methods must not block.
type Watcher interface {
	// Envelope: one was acknowledged, so long after it arrived; or it couldn't be.
	// kind is command, interactive, event or other.
	Envelope(kind string, took time.Duration, sent bool)
	// Dropped: there was no room for one.
	Dropped()
}

// Sockets is how many connections to Slack are open.
func (b *Bot) Sockets() int {
	n := 0
	for _, s := range b.sockets {
		if s.live() {
			n++
		}
	}
	return n
}

// AppConnections is how many connections the Slack app had, other processes'
// with ours, when Slack said so last.
func (b *Bot) AppConnections() int { return int(b.connections.Load()) }
