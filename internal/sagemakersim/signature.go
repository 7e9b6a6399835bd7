package sagemakersim

import (
	"net/http"
	"strings"
	"time"
)

// maxSkew is how far the clock of who signs may be off; AWS's 15 minutes.
const maxSkew = 15 * time.Minute

// scope is what a Signature Version 4 header says it is for.
type scope struct {
	accessKey, region string
}

// signature reads the Authorization header. It checks the shape, the service,
// the Region (where one is asked for) and the time; the signature itself is
// verified where the simulator issued the key, see identify.
func signature(r *http.Request, region, service string, now time.Time) (scope, *failure) {
	const algorithm = "AWS4-HMAC-SHA256 "
	fields, ok := strings.CutPrefix(r.Header.Get("Authorization"), algorithm)
	if !ok {
		return scope{}, forbidden("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	values := make(map[string]string, 3)
	for field := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		values[name] = value
	}
	// key/20260102/us-west-2/sagemaker/aws4_request
	parts := strings.Split(values["Credential"], "/")
	if len(parts) != 5 || values["Signature"] == "" || values["SignedHeaders"] == "" || parts[4] != "aws4_request" {
		return scope{}, forbidden("IncompleteSignatureException", "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.")
	}
	got := scope{accessKey: clip(parts[0]), region: clip(parts[2])}
	if parts[3] != service {
		return got, forbidden("InvalidSignatureException", "Credential should be scoped to correct service: '"+service+"'.")
	}
	if region != "" && got.region != region {
		return got, forbidden("InvalidSignatureException", "Credential should be scoped to a valid region.")
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || at.Format("20060102") != parts[1] {
		return got, forbidden("IncompleteSignatureException", "Date must be in ISO-8601 'basic format' and match the credential's.")
	}
	if skew := now.Sub(at); skew > maxSkew || skew < -maxSkew {
		return got, forbidden("InvalidSignatureException", "Signature expired: the clocks differ by more than 15 minutes.")
	}
	return got, nil
}
