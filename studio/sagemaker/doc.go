// Package sagemaker is the only one that knows AWS's SageMaker: it turns an
// option into a presigned URL, keeps a connection and credentials warm for the
// first click, finds out which domains have no presigned URLs at all, reads and
// makes user profiles, and knows what is running: spaces, their apps, notebook
// instances.
//
// Start with Client.Open in open.go. Around it: landing.go says where in Studio a
// browser lands, why.go what stands in the way where SageMaker refuses,
// transport.go is the pool of connections and the time that one attempt gets,
// failure.go turns AWS's errors into the sentinels of package studio,
// authorized.go decides which URLs a browser may be sent to, warm.go and look.go
// run beside the click path.
//
// A domain may have a role (role.go). Then a launch is made in a session of it in
// its person's name, which session.go composes and sessions.go keeps, and all
// else in one in the program's own; trouble.go finds out what is wrong with it.
//
// Nobody waits for what profiles.go, tags.go, create.go, spaces.go and the
// listings of apps.go and notebooks.go do (walk.go is what they share), so it
// keeps to the pace of pace.go: AWS counts calls per account and Region, and a directory of
// 20,000 profiles must not take them from those who click. The click path neither
// has a pace nor shares one, and starting and stopping are clicks too.
//
// AWS credentials, roles, proxies and endpoints come from the SDK's own chain:
// environment, shared files, container and instance roles. The SDK checks none
// of the API's patterns and ranges, so they are checked here.
package sagemaker
