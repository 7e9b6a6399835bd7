package launch

import "time"

// Watcher is told how long clicks take compared with the browser: Slack documents
// no order between the two. Its methods must not block.
type Watcher interface {
	// Arrived: a browser was sent off that had waited that long for the click;
	// zero: the click came first.
	Arrived(waited time.Duration)
	// Unclicked: the click hadn't come when the browser had waited as long as a
	// request may.
	Unclicked()
}
