// Package requests carries somebody's request for access from the asking to the
// opening: it is shown to the approvers, one of them decides, and everything
// that follows is done, whatever crashes in between. It reaches neither Slack
// nor AWS: the Desk speaks with people, the Maker with SageMaker, and the Table
// keeps the link.
//
// Start with Service.Ask, Service.Approve and Service.Deny, which only write the
// record; that write is the decision. What is left to do then stands in the
// record too, and Service.Run does it, at least once each: work.go. A process
// that dies anywhere leaves a record that says what is left, and the next one
// goes on there.
package requests
