// Package running knows what exists and what runs in the domains: spaces, their
// apps, notebook instances. It reads that in the background, again and again while
// somebody uses it, so that a command that shows it, or offers a button for it,
// waits for no one. It reaches neither Slack nor AWS: a Lister lists.
//
// Start with Keeper. What it has for one person are Of (spaces and apps, for the
// options that the mapping grants), Notebooks and Servers; what they may do with
// something that is named is Allowed, and Check where a button was pressed and
// the answer must not be older than a minute. Then
//
//	holding.go   what one person has
//	allowed.go   who may see, open and stop what: the rules
//	check.go     the same, with a look at the thing itself
//	reading.go   one thing that is read again and again
//	domain.go    the spaces and apps of a domain, in memory
//	notebooks.go the notebook instances of an account and Region
//	active.go    when somebody last worked in an app
//
// Which profile is whose is the mapping's word, and so is who may ask at all:
// whoever calls Allowed has asked it for the option's domain and profile. The
// names of spaces compare as those of profiles do, without case.
package running
