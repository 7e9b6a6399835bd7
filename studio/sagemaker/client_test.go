package sagemaker_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// The configured domains, and what the simulator has of them.
var (
	research = studio.Domain{Name: "research", ID: "d-abcdefghijkl", Region: "us-west-2", Label: "Research", Session: 8 * time.Hour}
	prod     = studio.Domain{Name: "prod", ID: "d-prod", Region: "eu-west-1", Label: "Production", Session: 30 * time.Minute}
	center   = studio.Domain{Name: "center", ID: "d-sso", Region: "us-west-2", Label: "Center", Session: time.Hour}
)

// me is who launches, where it makes no difference.
var me = studio.Person{Team: "T0TEAM", User: "U0JANE"}

var jane = studio.Option{Domain: "research", Label: "Research", Profile: "jane-doe"}

func startSim(t testing.TB, o sagemakersim.Options) *sagemakersim.Server {
	t.Helper()
	profiles := []sagemakersim.Profile{{Name: "jane-doe"}}
	o.Domains = []sagemakersim.Domain{
		{ID: research.ID, Name: "research", Profiles: profiles},
		{ID: prod.ID, Name: "prod", Profiles: profiles},
		{ID: center.ID, Name: "center", AuthMode: sagemakersim.AuthModeSSO, Profiles: profiles},
	}
	s, err := sagemakersim.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// load stands for the environment of a process.
func load(endpoint string, creds aws.CredentialsProvider) []func(*config.LoadOptions) error {
	if creds == nil {
		creds = credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")
	}
	return []func(*config.LoadOptions) error{
		config.WithBaseEndpoint(endpoint),
		config.WithCredentialsProvider(creds),
		config.WithSharedConfigFiles([]string{}),
		config.WithSharedCredentialsFiles([]string{}),
	}
}

func quietLog(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func newClient(t testing.TB, endpoint string, creds aws.CredentialsProvider, domains ...studio.Domain) *sagemaker.Client {
	t.Helper()
	if domains == nil {
		domains = []studio.Domain{research, prod, center}
	}
	c, err := sagemaker.New(t.Context(), sagemaker.Config{
		Domains: domains, URLTTL: 5 * time.Second, Log: quietLog(t), AppID: "studiobot/test", Load: load(endpoint, creds),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// kinds are the sentinels that an error of Open can wrap.
var kinds = []error{
	studio.ErrNoProfile, studio.ErrForbidden, studio.ErrThrottled, studio.ErrUnavailable, studio.ErrIdentityCenter, studio.ErrRefused,
	studio.ErrNoTarget, studio.ErrPending, studio.ErrStopped, studio.ErrBroken,
}

// wantKind checks that err wraps the one sentinel and no other.
func wantKind(t testing.TB, err, want error) {
	t.Helper()
	for _, kind := range kinds {
		if got := errors.Is(err, kind); got != (kind == want) {
			t.Errorf("errors.Is(err, %v) = %v, want the error to be %v: %v", kind, got, want, err)
		}
	}
}

const presign = "CreatePresignedDomainUrl"
