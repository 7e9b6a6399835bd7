// Package launch is the one-time link between Slack and Studio: it issues the
// ticket behind a button, arms it when Slack reports the click, and serves the
// page that redeems it and sends the browser to the presigned URL.
//
// A ticket's life, for each of its buttons by itself:
//
//	issued -> armed -> opening -> spent
//	             ^--------'  handed back, when SageMaker gave no URL
//
// Read ticket.go for the rules, store.go for what a store promises, service.go
// for Issue and Arm, and handler.go with redeem.go for what a browser gets.
// The package knows neither Slack nor AWS: it asks an Opener for the URL and
// tells a callback when Studio was opened.
package launch
