// Package sagemakersim is a SageMaker that runs inside a test or a demo: the
// operations that studiobot calls, over the service's own wire protocol
// (awsJson1_1), and a simulated Studio behind the presigned URLs it hands out.
// Both are served over HTTP on loopback, so that the program under test runs
// the unmodified AWS SDK and a real browser can follow the redirect.
//
// # Where to start
//
// Start a Server with the domains that should exist, set
// AWS_ENDPOINT_URL_SAGEMAKER to Server.URL, and give the SDK any credentials.
// Server.Calls says what was asked, Server.Openings which browsers arrived in
// Studio, Server.Fail breaks the next calls. Nothing is kept after Close.
//
// # What it imitates
//
//   - POST / with X-Amz-Target, JSON in and out, x-amzn-RequestId, errors with
//     their code in the body (__type) or, on request, in x-amzn-ErrorType.
//   - The patterns and ranges of the API model, refused with
//     ValidationException and the service's sentence; all of them at once.
//   - Profile names compared without case; ResourceNotFound for a domain or
//     profile that isn't there; no presigned URL for a domain in SSO mode.
//   - A presigned URL of 4,429 characters (what a real one measured), a signed
//     token with the claims that a real one has. It works once, and only
//     within ExpiresInSeconds; then the browser ends on a sign-in page.
//   - User profiles: ListUserProfiles in its orders and pages, DescribeUserProfile,
//     CreateUserProfile (Pending first, refused where a profile or a space has the
//     name in any case), ListTags, AddTags and DeleteTags of profiles and domains.
//     A NextToken works for the question that it was given for, and no other.
//   - Spaces and apps: their listings and descriptions, CreateApp (Pending, then
//     InService) and DeleteApp (Deleting, then Deleted, which stays listed).
//     Notebook instances with tags: started (Pending, InService) and stopped
//     (Stopping, Stopped). MLflow tracking servers. A test sets any of them with
//     SetSpace, SetApp, SetNotebook and SetTrackingServer, and lets time pass with
//     Pass; nobody has to wait.
//   - Where a presigned URL leads, as people have seen it (Opening): a path of the
//     portal, and behind a leading slash a redirect to //…, which no browser
//     follows; a space's app where it runs, and a blank 404 where it doesn't;
//     Canvas, RStudio, Studio Classic; a notebook instance, with any path put
//     before ?authToken=; MLflow.
//   - The URL of a notebook instance lives five minutes, whoever asks. That of a
//     tracking server works once. In place of hosts of their own they have paths:
//     /notebook/NAME?authToken= and /auth?authToken=.
//   - STS at the same address, for the roles of Options.Roles: AssumeRole with its
//     patterns and bounds, the trust policy, the longest session (one hour where a
//     role assumes a role), tags and session policies; GetCallerIdentity. A session
//     sees the domains of its own account. Call says who made it (By), and what was
//     asked of AssumeRole (Assumed).
//   - A clock of its own (SetClock), in Date headers and for signatures.
//   - ThrottlingException above a number of calls per second, on request.
//
// # What it does not do
//
// A request has to carry a Signature Version 4 header of the right shape, service,
// Region and day. Any access key will do and may do everything, unless STS issued
// it: then signature, token and end are verified, and the policies. No condition
// but StringEquals and StringLike is understood, and no policy of a caller who
// has no session; Fail gives AccessDeniedException where a test needs it. Of STS
// there are no external IDs, managed policies, MFA or transitive tags, and the
// packed size of a policy isn't reckoned.
//
// Not documented by AWS and not verified against a live account: the error for
// a domain in SSO mode and for one that isn't in service (ValidationException
// here), the sentences of ResourceNotFound, that GET /ping answers "healthy"
// without a signature, and that a presigned URL works only once. Of user
// profiles: that a domain which doesn't exist lists none, that
// UserProfileNameContains takes no notice of case, that tags don't change
// LastModifiedTime, that the ARN has the name in lower case (Options.KeepCase has
// it as it was created), and the error for a 51st tag. That tags of something that
// isn't there get ValidationException was reported by users (boto3 issue 4606).
// What AWS lets through per second is published nowhere.
//
// Of spaces and apps: that a space which isn't there lists no apps, that nobody
// enters somebody else's private space (ValidationException here), that deleting an
// app twice is ResourceInUse and then ResourceNotFound, and the portal's path
// code-editor (jupyterlab was seen). Of notebook instances: that names are compared
// without case, that a missing one is ValidationException (RecordNotFound, as in
// other simulators), that only one in service gets a URL (its documentation says
// so, not with which error) and that such a URL works once. The sentences of a
// start or a stop at the wrong time are the service's own, from users' reports.
// Of tracking servers: that one which isn't active gets no URL.
//
// The package imports nothing else of this module: a judge doesn't share the
// defendant's code.
package sagemakersim
