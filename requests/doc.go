// Package requests carries a person's request for access from the asking to the
// opening: one decision by one approver, and then everything that follows from
// it, whatever crashes in between. It reaches neither Slack nor AWS.
package requests
