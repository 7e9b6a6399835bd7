// Package signin says who a browser is signed in as, by OpenID Connect: with
// Slack, or with any other provider that confirms e-mail addresses.
//
// A sign-in is three steps. Begin sends the browser to the provider, and gives it
// a sealed cookie with what only this browser may come back with (flow.go). The
// provider sends it to /auth/callback, where the code is exchanged and the ID
// token verified (provider.go, claims.go). The browser then has a sealed session
// cookie (cookie.go, seal.go), and is sent to where it wanted to go: one of our
// own pages (back.go). Session reads that cookie.
//
// A session says who somebody is, and nothing of what they may open: launch
// compares it with the ticket, and the front door asks the mapping, each time.
// The package knows neither Slack's API nor AWS, and keeps nothing in a store.
package signin
