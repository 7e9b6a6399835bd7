// Package sagemaker is the only one that knows AWS's SageMaker: it turns an
// option into a presigned URL, keeps a connection and credentials warm for the
// first click, finds out which domains have no presigned URLs at all, and reads
// and makes user profiles.
//
// Start with Client.Open in open.go. Around it: transport.go is the pool of
// connections and the time that one attempt gets, failure.go turns AWS's errors
// into the sentinels of package studio, authorized.go decides which URLs a
// browser may be sent to, warm.go and look.go run beside the click path.
//
// Nobody waits for what profiles.go, tags.go and create.go do, so it keeps to the
// pace of pace.go: AWS counts calls per account and Region, and a directory of
// 20,000 profiles must not take them from those who click. The click path neither
// has a pace nor shares one.
//
// AWS credentials, roles, proxies and endpoints come from the SDK's own chain:
// environment, shared files, container and instance roles. The SDK checks none
// of the API's patterns and ranges, so they are checked here.
package sagemaker
