package studio

import "time"

// Granted is one thing that one person may open, or is denied, by one source.
type Granted struct {
	Person Person
	// Domain is the Name of a configured Domain; empty: every one.
	Domain  string
	Profile string // empty where Denied
	Denied  bool
	// Source is the kind of the source that says so, Origin where it stands
	// there.
	Source, Origin string
	// Behind is the origin of an earlier source's word on that person and domain,
	// which counts instead; empty where none is known.
	Behind string
	// Opened is when it was opened last; zero: never, or not known.
	Opened time.Time
}

// Linked is what became of an admin's change of the table.
type Linked struct {
	// Before is what the table said before: a user profile, "deny", or empty.
	Before string
	// Missing: SageMaker knows no such user profile (yet).
	Missing bool
	// Others are people who have the same user profile already, the first few.
	Others []Person
	// Behind is the origin of an earlier source's word, which counts instead;
	// empty where the link counts.
	Behind string
	// Refused is why the person isn't let in, Barred why not into that domain;
	// nil: they are.
	Refused, Barred error
}
