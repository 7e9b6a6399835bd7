package sagemakersim_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	for _, tt := range []struct {
		name    string
		in      api.CreatePresignedDomainUrlInput
		code    string
		message string
	}{
		{"domain pattern", api.CreatePresignedDomainUrlInput{DomainId: aws.String("NOT VALID"), UserProfileName: aws.String("jane-doe")},
			"ValidationException", "1 validation error detected: Value 'NOT VALID' at 'domainId' failed to satisfy constraint: Member must satisfy regular expression pattern: d-(-*[a-z0-9]){1,61}"},
		{"profile with a space", api.CreatePresignedDomainUrlInput{DomainId: aws.String(domainID), UserProfileName: aws.String("John Doe")},
			"ValidationException", "Value 'John Doe' at 'userProfileName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"},
		{"profile too long", api.CreatePresignedDomainUrlInput{DomainId: aws.String(domainID), UserProfileName: aws.String("a" + strings.Repeat("-", 62) + "a")},
			"ValidationException", "Member must have length less than or equal to 63"},
		{"expires too late", api.CreatePresignedDomainUrlInput{DomainId: aws.String(domainID), UserProfileName: aws.String("jane-doe"), ExpiresInSeconds: aws.Int32(301)},
			"ValidationException", "Value '301' at 'expiresInSeconds' failed to satisfy constraint: Member must have value less than or equal to 300"},
		{"expires too early", api.CreatePresignedDomainUrlInput{DomainId: aws.String(domainID), UserProfileName: aws.String("jane-doe"), ExpiresInSeconds: aws.Int32(4)},
			"ValidationException", "Member must have value greater than or equal to 5"},
		{"session too long", api.CreatePresignedDomainUrlInput{DomainId: aws.String(domainID), UserProfileName: aws.String("jane-doe"), SessionExpirationDurationInSeconds: aws.Int32(43201)},
			"ValidationException", "at 'sessionExpirationDurationInSeconds' failed"},
		{"two at once", api.CreatePresignedDomainUrlInput{DomainId: aws.String("X"), UserProfileName: aws.String("jane.doe")},
			"ValidationException", "2 validation errors detected: Value 'X' at 'domainId'"},
		{"landing address", api.CreatePresignedDomainUrlInput{DomainId: aws.String(domainID), UserProfileName: aws.String("jane-doe"), LandingUri: aws.String("https://elsewhere")},
			"ValidationException", "LandingUri"},
		{"space", api.CreatePresignedDomainUrlInput{DomainId: aws.String(domainID), UserProfileName: aws.String("jane-doe"), SpaceName: aws.String("a_b")},
			"ValidationException", "'spaceName'"},
		{"unknown domain", api.CreatePresignedDomainUrlInput{DomainId: aws.String("d-other"), UserProfileName: aws.String("jane-doe")},
			"ResourceNotFound", "domain/d-other"},
		{"unknown profile", api.CreatePresignedDomainUrlInput{DomainId: aws.String(domainID), UserProfileName: aws.String("john")},
			"ResourceNotFound", "user-profile/" + domainID + "/john"},
		{"SSO domain", api.CreatePresignedDomainUrlInput{DomainId: aws.String("d-sso"), UserProfileName: aws.String("jane-doe")},
			"ValidationException", "AuthMode IAM"},
		{"domain not in service", api.CreatePresignedDomainUrlInput{DomainId: aws.String("d-updating"), UserProfileName: aws.String("jane-doe")},
			"ValidationException", "Updating"},
		{"profile not in service", api.CreatePresignedDomainUrlInput{DomainId: aws.String(domainID), UserProfileName: aws.String("pending")},
			"ValidationException", "Pending"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := sdk(s).CreatePresignedDomainUrl(t.Context(), &tt.in)
			var failed smithy.APIError
			if !errors.As(err, &failed) {
				t.Fatalf("error %v, want %s", err, tt.code)
			}
			if failed.ErrorCode() != tt.code || !strings.Contains(failed.ErrorMessage(), tt.message) {
				t.Errorf("got %s: %s, want %s: …%s…", failed.ErrorCode(), failed.ErrorMessage(), tt.code, tt.message)
			}
			var response *awshttp.ResponseError
			if !errors.As(err, &response) || response.HTTPStatusCode() != http.StatusBadRequest || response.ServiceRequestID() == "" {
				t.Errorf("want status 400 with a request ID, got %v", err)
			}
			if notFound := new(types.ResourceNotFound); errors.As(err, &notFound) != (tt.code == "ResourceNotFound") {
				t.Errorf("%T of the SDK for code %s", err, tt.code)
			}
		})
	}
}

// The SDK insists on the required members, so a bare request has to show what
// the service says without them.
func TestRaw(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{Region: "us-west-2"})
	signed := func(region, service string) http.Header {
		at := now().UTC()
		return http.Header{
			"X-Amz-Target":  {"SageMaker.CreatePresignedDomainUrl"},
			"X-Amz-Date":    {at.Format("20060102T150405Z")},
			"Authorization": {"AWS4-HMAC-SHA256 Credential=AKID/" + at.Format("20060102") + "/" + region + "/" + service + "/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"},
		}
	}
	old := signed("us-west-2", "sagemaker")
	old.Set("X-Amz-Date", now().UTC().Add(-16*60e9).Format("20060102T150405Z"))
	old.Set("Authorization", strings.Replace(old.Get("Authorization"), now().UTC().Format("20060102"), old.Get("X-Amz-Date")[:8], 1))
	unknown := signed("us-west-2", "sagemaker")
	unknown.Set("X-Amz-Target", "SageMaker.CreateDomain")
	bare := signed("us-west-2", "sagemaker")
	bare.Set("X-Amz-Target", "CreatePresignedDomainUrl")
	good := signed("us-west-2", "sagemaker")

	for _, tt := range []struct {
		name   string
		header http.Header
		body   string
		status int
		code   string
	}{
		{"unsigned", http.Header{"X-Amz-Target": {"SageMaker.DescribeDomain"}}, `{}`, 403, "MissingAuthenticationTokenException"},
		{"another service", signed("us-west-2", "sts"), `{}`, 403, "InvalidSignatureException"},
		{"another region", signed("eu-west-1", "sagemaker"), `{}`, 403, "InvalidSignatureException"},
		{"half a signature", http.Header{"Authorization": {"AWS4-HMAC-SHA256 Credential=AKID"}}, `{}`, 403, "IncompleteSignatureException"},
		{"an old signature", old, `{}`, 403, "InvalidSignatureException"},
		{"nothing given", good, `{}`, 400, "ValidationException"},
		{"not JSON", good, `{`, 400, "SerializationException"},
		{"a number as text", good, `{"ExpiresInSeconds":"5"}`, 400, "SerializationException"},
		{"unknown operation", unknown, `{}`, 400, "UnknownOperationException"},
		{"no service in the target", bare, `{}`, 400, "UnknownOperationException"},
		{"too large", good, strings.Repeat(" ", 2<<20), 413, "RequestEntityTooLargeException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL(), strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header = tt.header.Clone()
			status, header, body := send(t, r)
			if status != tt.status || !strings.Contains(body, `"__type":"`+tt.code+`"`) {
				t.Errorf("got %d %s, want %d %s", status, body, tt.status, tt.code)
			}
			if got := header.Get("Content-Type"); got != "application/x-amz-json-1.1" {
				t.Errorf("Content-Type %q", got)
			}
			if header.Get("x-amzn-RequestId") == "" {
				t.Error("no request ID")
			}
		})
	}
}

func TestDescribeDomain(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	out, err := sdk(s).DescribeDomain(t.Context(), &api.DescribeDomainInput{DomainId: aws.String("d-sso")})
	if err != nil {
		t.Fatal(err)
	}
	if out.AuthMode != types.AuthModeSso || out.Status != types.DomainStatusInService || aws.ToString(out.DomainName) != "sso" ||
		aws.ToString(out.Url) != "https://d-sso.studio.us-west-2.sagemaker.aws" || out.CreationTime.Year() != 2024 ||
		aws.ToString(out.DomainArn) != "arn:aws:sagemaker:us-west-2:111122223333:domain/d-sso" {
		t.Errorf("got %+v", out)
	}
	_, err = sdk(s).DescribeDomain(t.Context(), &api.DescribeDomainInput{DomainId: aws.String("d-other")})
	if code(err) != "ResourceNotFound" {
		t.Errorf("unknown domain: %v", err)
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/ping", nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, _, body := send(t, r); status != http.StatusOK || body != "healthy" {
		t.Errorf("got %d %q", status, body)
	}
	if n := s.CallCount(sagemakersim.OperationPing); n != 1 {
		t.Errorf("%d pings counted", n)
	}
}

func TestCallsAreRecorded(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	live, stop := s.Subscribe()
	url := mint(t, s, "JANE-doe")
	calls := s.Calls()
	if len(calls) != 1 {
		t.Fatalf("%d calls, want 1", len(calls))
	}
	got := calls[0]
	if got.Seq != 1 || got.Operation != "CreatePresignedDomainUrl" || got.Domain != domainID || got.Profile != "JANE-doe" ||
		got.Status != 200 || got.ExpiresIn != 300 || got.Session != 1800 || !got.Signed || got.AccessKey != "AKIDEXAMPLE" ||
		!strings.Contains(got.UserAgent, "api/sagemaker") || got.RequestID == "" {
		t.Errorf("got %+v", got)
	}
	if sent := <-live; sent != got {
		t.Errorf("subscriber got %+v", sent)
	}
	stop()
	if _, open := <-live; open {
		t.Error("the channel is still open")
	}
	if strings.Contains(strings.Join([]string{got.Domain, got.Profile, got.UserAgent, got.ErrorCode}, " "), url) {
		t.Error("the history holds a presigned URL")
	}
}

func TestProfilesComeAndGo(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	ask := func() string {
		_, err := sdk(s).CreatePresignedDomainUrl(t.Context(), &api.CreatePresignedDomainUrlInput{
			DomainId: aws.String("d-new"), UserProfileName: aws.String("john"),
		})
		return code(err)
	}
	s.AddProfile("d-new", "john") // no such domain yet
	if got := ask(); got != "ResourceNotFound" {
		t.Fatalf("before: %q", got)
	}
	s.SetDomain(sagemakersim.Domain{ID: "d-new", Name: "new"})
	s.AddProfile("d-new", "John")
	if got := ask(); got != "" {
		t.Fatalf("added: %q", got)
	}
	s.RemoveProfile("d-new", "JOHN")
	if got := ask(); got != "ResourceNotFound" {
		t.Fatalf("removed: %q", got)
	}
}
