package studio

import "time"

// Session is a Studio session that may still run: it was opened by us, and Studio
// stays signed in until Until at the longest.
type Session struct {
	Person Person
	// Domain is the Name of a configured Domain.
	Domain, Profile string
	Opened, Until   time.Time
}

// Blocked says what a block did.
type Blocked struct {
	// Before: it stood already, or, of an unblock, there was one.
	Before bool
	// Lasts: the block outlives this process.
	Lasts bool
}
