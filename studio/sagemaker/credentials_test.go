package sagemaker_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
)

// Errors as the SDK's providers wrap them: the operation, the HTTP status, the
// code that STS gave.
func TestCredentials(t *testing.T) {
	t.Parallel()
	of := func(service string, status int, err error) error {
		if status != 0 {
			err = &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err}
		}
		return &smithy.OperationError{ServiceID: service, OperationName: "Get", Err: err}
	}
	api := func(code string) error { return &smithy.GenericAPIError{Code: code} }
	network := &smithyhttp.RequestSendError{Err: &net.OpError{Op: "dial", Err: errors.New("no route to host")}}
	for _, tt := range []struct {
		name string
		err  error
		kind error
	}{
		{"no source", errors.New("no source has any"), studio.ErrForbidden},
		{"outside of EC2", of("ec2imds", 0, network), studio.ErrForbidden},
		{"STS says no", of("STS", 403, api("AccessDenied")), studio.ErrForbidden},
		{"STS doesn't know the token", of("STS", 400, api("InvalidIdentityToken")), studio.ErrForbidden},
		{"STS throttles", of("STS", 400, api("Throttling")), studio.ErrThrottled},
		{"STS is ill", of("STS", 503, api("UnknownError")), studio.ErrUnavailable},
		{"STS is away", of("STS", 0, network), studio.ErrUnavailable},
		{"too slow", of("STS", 0, context.DeadlineExceeded), studio.ErrUnavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, sagemakersim.Options{})
			c := newClient(t, sim.URL(), aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{}, tt.err
			}))
			_, err := c.Open(t.Context(), me, jane)
			wantKind(t, err, tt.kind)
			if !errors.Is(err, tt.err) {
				t.Errorf("the cause is lost: %v", err)
			}
			c.Warm(t.Context())
			c.Look(t.Context())
			if n := len(sim.Calls()); n != 0 {
				t.Errorf("%d calls without credentials", n)
			}
		})
	}
}
