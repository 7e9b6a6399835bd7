package mapping

import "github.com/studiobot/studiobot/studio"

// Reading is one pass over the whole workspace, page by page. It is for one
// goroutine; the directory answers meanwhile.
type Reading struct {
	d    *Directory
	asOf int64
	seen int
}

// Begin starts a pass. One that isn't brought to its end refreshes the people
// that it has seen, and nothing else.
func (d *Directory) Begin() *Reading { return &Reading{d: d, asOf: d.moment()} }

// Add takes in a page. What an event or a question has said since the pass
// began is younger, and stays: the page may have been written before.
func (r *Reading) Add(members ...studio.Member) {
	for i := range members {
		r.d.take(members[i], r.asOf)
	}
	r.seen += len(members)
}

// Done says that everybody was seen: of whom nothing was heard since the pass
// began is dropped, and asked for by name if they come. A pass that saw nobody
// at all is no pass: at least the app's own bot is in every workspace.
func (r *Reading) Done() {
	if r.seen == 0 {
		r.d.o.Log.Warn("Slack listed nobody; what is known of the workspace stays")
		return
	}
	r.d.people.dropBefore(r.asOf)
	r.d.completed(r.asOf)
}
