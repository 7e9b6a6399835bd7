package studio

import "time"

// NoticeKind is what a Notice is about.
type NoticeKind string

// The kinds of notices.
const (
	// NoticeEnds: a session ends soon.
	NoticeEnds NoticeKind = "ends"
	// NoticeReady: what was being prepared can be opened, or won't be.
	NoticeReady NoticeKind = "ready"
)

// Notice is a direct message that somebody gets later. It is what a store keeps,
// so its JSON names are part of the record.
type Notice struct {
	Kind   NoticeKind `json:"kind"`
	Person Person     `json:"person"`
	// About tells the notices of one kind and person apart: a later one takes the
	// place of an earlier one with the same About. Serial tells those two apart.
	About  string `json:"about"`
	Serial string `json:"serial"`

	Option Option `json:"option"`
	// Begun is when the session began, or when the message was promised.
	Begun time.Time `json:"begun"`
	// Ends is when the session ends, or when it isn't waited for any longer.
	Ends time.Time `json:"ends"`
	// Due is when somebody looks at it next, Tries how often that was done.
	Due   time.Time `json:"due"`
	Tries int       `json:"tries,omitempty"`
}
