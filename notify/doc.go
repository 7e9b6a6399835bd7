// Package notify tells people later: that their session ends soon, for those who
// asked to be reminded, and that what was being prepared can be opened.
//
// Each is a studio.Notice in a store, with a time when it is due. service.go
// takes in launches and promises, work.go does what is due: whether somebody may
// still be told is asked then, not when it was noted. A notice is told at least
// once; who crashes between telling and noting that tells twice.
package notify
