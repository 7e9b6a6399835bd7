package studio

import "time"

// RequestState is where a request for access stands.
type RequestState string

// A request is open until somebody decides it, or it closes itself.
const (
	RequestOpen     RequestState = "open"
	RequestApproved RequestState = "approved"
	RequestDenied   RequestState = "denied"
	// RequestClosed: nobody decided in time, or it was approved and could not
	// be carried out.
	RequestClosed RequestState = "closed"
)

// The Answers of a request that was closed other than by a person.
const (
	// AnswerExpired: nobody decided in time.
	AnswerExpired = "expired"
	// AnswerTaken: the profile is somebody else's, by its tag or by any source.
	AnswerTaken = "profile taken"
	// AnswerForbidden: AWS doesn't let us make the profile, or look at it.
	AnswerForbidden = "not permitted by AWS"
	// AnswerDenied: a source denies the person.
	AnswerDenied = "person denied"
	// AnswerWithdrawn: approved, and an admin has taken it back before it was
	// carried out.
	AnswerWithdrawn = "withdrawn"
	// AnswerFailed: the profile couldn't be made, or is in no state to be used.
	AnswerFailed = "profile can't be made"
)

// MaxReason is how many characters a reason may have, the asker's or a denier's.
const MaxReason = 500

// Asking is what a person asks for.
type Asking struct {
	Person Person
	// Domain is the Name of a configured Domain.
	Domain, Profile, Reason string
}

// Decision is an approver's word on a request.
type Decision struct {
	ID, Serial string
	By         Person
	// Reason is for a denial; at most MaxReason characters.
	Reason string
}

// Request is somebody's request for a Studio profile in one domain. It is what
// a store keeps, so its JSON names are part of the record.
type Request struct {
	// ID is derived from the person and the domain: there is one request of each
	// at a time. Serial tells it from an earlier one with that ID, whose buttons
	// may still stand somewhere.
	ID     string `json:"id"`
	Serial string `json:"serial"`

	Person Person `json:"person"`
	// Domain is the Name of a configured Domain, Label what it was called when
	// the person asked.
	Domain string `json:"domain"`
	Label  string `json:"label"`
	// Profile is the user profile that they ask for.
	Profile string `json:"profile"`
	// Reason is the person's own words, up to 500 characters; may be empty.
	Reason string    `json:"reason,omitempty"`
	Asked  time.Time `json:"asked"`
	// Closes is when it closes itself if nobody decides.
	Closes time.Time `json:"closes"`

	State RequestState `json:"state"`
	// Decider is who approved or denied it, Decided when it left the open state,
	// and Answer a denier's words, or why it was closed.
	Decider Person    `json:"decider,omitzero"`
	Decided time.Time `json:"decided,omitzero"`
	Answer  string    `json:"answer,omitempty"`

	// Exists is "yes" or "no" where it is known whether there is a user profile of
	// that name, and Others are people who have it by any source, the first few:
	// what an approver should see.
	Exists string   `json:"exists,omitempty"`
	Others []Person `json:"others,omitempty"`

	// Channel and Message are where it stands in Slack, for the approvers.
	Channel string `json:"channel,omitempty"`
	Message string `json:"message,omitempty"`

	// What is left to do after a decision, each done at least once: Seen means
	// that the approvers' message tells that it was approved, before it is carried
	// out, Made that the user profile exists and is in service, Linked that the table has
	// the link, Shown that the approvers' message tells the decision, Told that
	// the person was told. A request with all of what its state asks for is
	// Finished, and may be let go of. Undone: what was withdrawn isn't linked, or
	// not any more.
	Seen     bool `json:"seen,omitempty"`
	Made     bool `json:"made,omitempty"`
	Linked   bool `json:"linked,omitempty"`
	Shown    bool `json:"shown,omitempty"`
	Told     bool `json:"told,omitempty"`
	Undone   bool `json:"undone,omitempty"`
	Finished bool `json:"finished,omitempty"`
	// Withdrawer is the admin who took it back.
	Withdrawer Person `json:"withdrawer,omitzero"`
	// Next is when the rest is tried next, and Tries how often it was. Whoever
	// works on it moves Next on first, so that two copies don't work on one.
	Next  time.Time `json:"next,omitzero"`
	Tries int       `json:"tries,omitempty"`
}

// Ref is what the request's lines in the audit trail have in common.
func (r Request) Ref() string { return r.Serial[:min(8, len(r.Serial))] }
