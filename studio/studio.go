// Package studio holds the nouns that every other package speaks in: the
// person who asks, the Studio user profile that is theirs, the option a button
// stands for, and what can go wrong on the way. It imports nothing of this
// module and knows neither Slack nor AWS, so that bot, mapping, launch and
// studio/sagemaker can talk to each other without knowing each other.
//
// Start here, then read launch for what a one-time link is.
package studio

import "time"

// Person is a Slack user of one workspace. IDs are opaque: a leading U or W
// means nothing. The pair is the key of everything that belongs to a person;
// e-mail addresses and names change, IDs don't.
type Person struct {
	// Team is the Slack workspace (T…), or the organisation (E…) of an
	// organisation-wide install.
	Team string `json:"team"`
	// User is the Slack user ID (U… or W…).
	User string `json:"user"`
}

// String is the form that logs and keys use: T…/U….
func (p Person) String() string { return p.Team + "/" + p.User }

// Domain is a SageMaker domain as the operator configured it.
type Domain struct {
	// Name is what people type: /studio research.
	Name string
	// ID is SageMaker's, d-….
	ID string
	// Region is the AWS Region of the domain, us-west-2.
	Region string
	// Label is what buttons and pages say; never empty.
	Label string
	// Session is how long Studio stays signed in, 30 minutes to 12 hours.
	Session time.Duration
	// Open is the default target.
	Open Target
}

// Option is one thing that one person may open: what a button stands for.
// It is stored inside tickets, so its JSON names are part of the record.
type Option struct {
	// Domain is the Name of a configured Domain.
	Domain string `json:"domain"`
	// Label is the domain's label when the ticket was issued.
	Label string `json:"label"`
	// Profile is the Studio user profile in that domain. SageMaker compares
	// profile names without case. It may be empty where the Target is a notebook
	// instance or a tracking server, which know no profiles.
	Profile string `json:"profile"`
	// Target is what opens; empty means Home.
	Target Target `json:"target,omitempty"`
	// Name is that of the space, notebook instance or tracking server that the
	// Target opens; empty: none.
	Name string `json:"name,omitempty"`
}

// Link is one button of an issued ticket.
type Link struct {
	Option Option
	// URL is the one-time link. It is a secret: it goes into a button's url
	// and nowhere else.
	URL string
	// Handle names the button without being able to open it: a Slack button
	// carries it as its value, and a click brings it back.
	Handle string
}

// Issued is what the person's message is made of: one link per option.
type Issued struct {
	// Ref is the short reference that stands in the log, in the audit lines
	// and on the pages of this launch.
	Ref     string
	Links   []Link
	Expires time.Time
}

// Member is what Slack says of a person, reduced to what a decision needs.
type Member struct {
	Person
	// Enterprise is the Slack organisation, empty outside Enterprise Grid.
	Enterprise string
	Deleted    bool // deactivated
	Bot        bool // any kind of bot, Slackbot and workflow bots too
	Guest      bool // single- or multi-channel guest
	Stranger   bool // of another workspace or organisation (Slack Connect)
	Invited    bool // invited, never signed in
	// Email is the confirmed e-mail address in lower case; empty where there is
	// none, it isn't confirmed, or nothing in the config asks for it.
	Email string
}

// Click is what Slack vouches for: this person pressed this button, now.
type Click struct {
	// ID tells a click from its redelivery; Slack's action_ts.
	ID     string
	Person Person
	// Handle is the button's value, as Link.Handle was.
	Handle string
	// ResponseURL is where the message with that button can be replaced, for
	// 30 minutes. It is a secret.
	ResponseURL string
	// View is the ID of the modal that the button was pressed in; there is no
	// ResponseURL then.
	View string
	// Via is a short fixed phrase for a press that Slack doesn't vouch for; empty:
	// it does.
	Via string
}

// Opened says that a browser was sent to Studio.
type Opened struct {
	Ref    string
	Person Person
	Option Option
	At     time.Time
	// ResponseURL and View are those of the click that armed the ticket; empty
	// where the link was opened without one.
	ResponseURL, View string
	// Ends is when the domain's session ends that began with it; zero: not known.
	Ends time.Time
}
