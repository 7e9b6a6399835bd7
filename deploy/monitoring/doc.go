// Package monitoring has no code: its test judges the alert rules and the
// dashboard beside it. It is a module of its own, so that Prometheus isn't a
// dependency of studiobot.
package monitoring
