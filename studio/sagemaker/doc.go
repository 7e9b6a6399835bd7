// Package sagemaker is the only one that knows AWS's SageMaker: it turns an
// option into a presigned URL, keeps a connection and credentials warm for the
// first click, and finds out which domains have no presigned URLs at all.
//
// Start with Client.Open in open.go. Around it: transport.go is the pool of
// connections and the time that one attempt gets, failure.go turns AWS's errors
// into the sentinels of package studio, authorized.go decides which URLs a
// browser may be sent to, warm.go and look.go run beside the click path.
//
// AWS credentials, roles, proxies and endpoints come from the SDK's own chain:
// environment, shared files, container and instance roles. The SDK checks none
// of the API's patterns and ranges, so they are checked here.
package sagemaker
