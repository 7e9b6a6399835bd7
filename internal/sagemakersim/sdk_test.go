package sagemakersim_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/smithy-go"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

const domainID = "d-abcdefghijkl"

// start runs a simulator with one domain that has the profile Jane-Doe, one in
// SSO mode and one that isn't in service.
func start(t testing.TB, o sagemakersim.Options) *sagemakersim.Server {
	t.Helper()
	if o.Domains == nil {
		jane := []sagemakersim.Profile{{Name: "Jane-Doe"}, {Name: "pending", Status: "Pending"}}
		o.Domains = []sagemakersim.Domain{
			{ID: domainID, Name: "research", Profiles: jane},
			{ID: "d-sso", Name: "sso", AuthMode: sagemakersim.AuthModeSSO, Profiles: jane},
			{ID: "d-updating", Name: "updating", Status: "Updating", Profiles: jane},
		}
	}
	o.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := sagemakersim.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// sdk is the SDK as it is, without retries so that every fault shows.
func sdk(s *sagemakersim.Server) *api.Client {
	return api.New(api.Options{
		Region:           "us-west-2",
		BaseEndpoint:     aws.String(s.URL()),
		Credentials:      credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		RetryMaxAttempts: 1,
		// Of its own: closing an httptest.Server closes idle connections of the default one.
		HTTPClient: awshttp.NewBuildableClient(),
	})
}

func mint(t testing.TB, s *sagemakersim.Server, profile string) string {
	t.Helper()
	out, err := sdk(s).CreatePresignedDomainUrl(t.Context(), &api.CreatePresignedDomainUrlInput{
		DomainId: aws.String(domainID), UserProfileName: aws.String(profile), ExpiresInSeconds: aws.Int32(300),
		SessionExpirationDurationInSeconds: aws.Int32(1800),
	})
	if err != nil {
		t.Fatalf("mint: %v", err)
	}
	return *out.AuthorizedUrl
}

// code is the error code of an AWS error, or empty.
func code(err error) string {
	var failed smithy.APIError
	if errors.As(err, &failed) {
		return failed.ErrorCode()
	}
	return ""
}

// browse follows a URL as a browser would, and returns the page it ends on.
func browse(t testing.TB, url string) (status int, path, body string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	resp, err := browser.Get(url)
	if err != nil {
		t.Fatal("the page could not be loaded") // the error would print the URL
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Request.URL.Path, string(text)
}
