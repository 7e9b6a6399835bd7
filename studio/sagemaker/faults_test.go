package sagemaker_test

import (
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/studio"
)

// faultCase is what the simulator does to the next attempts, and what comes of
// it.
type faultCase struct {
	name  string
	fault sagemakersim.Fault
	kind  error // nil: it works in the end
	calls int
}

func faultCases() []faultCase {
	return []faultCase{
		{"500 once", sagemakersim.Fault{N: 1, Status: 500}, nil, 2},
		{"500 twice", sagemakersim.Fault{N: 2, Status: 500}, nil, 3},
		{"500 three times", sagemakersim.Fault{N: 3, Status: 500}, studio.ErrUnavailable, 3},
		{"503 with a page", sagemakersim.Fault{N: 3, Status: 503, Body: "<html>"}, studio.ErrUnavailable, 3},
		{"internal failure", sagemakersim.Fault{N: 3, Status: 500, Code: "InternalFailure"}, studio.ErrUnavailable, 3},
		{"throttled twice", sagemakersim.Fault{N: 2, Code: "ThrottlingException", Message: "Rate exceeded"}, nil, 3},
		{"throttled", sagemakersim.Fault{N: 3, Code: "ThrottlingException", Message: "Rate exceeded"}, studio.ErrThrottled, 3},
		{"throttled with 503", sagemakersim.Fault{N: 3, Code: "SlowDown", Status: 503}, studio.ErrThrottled, 3},
		{"429 without a word", sagemakersim.Fault{N: 3, Status: 429}, studio.ErrThrottled, 1},
		{"access denied", sagemakersim.Fault{Code: "AccessDeniedException"}, studio.ErrForbidden, 1},
		{"access denied with 403", sagemakersim.Fault{Code: "AccessDenied", Status: 403}, studio.ErrForbidden, 1},
		{"unknown key", sagemakersim.Fault{Code: "UnrecognizedClientException"}, studio.ErrForbidden, 1},
		{"expired", sagemakersim.Fault{Code: "ExpiredTokenException"}, studio.ErrForbidden, 1},
		{"expired, the short name", sagemakersim.Fault{Code: "ExpiredToken", Status: 403}, studio.ErrForbidden, 1},
		{"invalid key", sagemakersim.Fault{Code: "InvalidClientTokenId", Status: 403}, studio.ErrForbidden, 1},
		{"403 of a proxy", sagemakersim.Fault{Status: 403, Body: "<html>"}, studio.ErrForbidden, 1},
		{"not found", sagemakersim.Fault{Code: "ResourceNotFound"}, studio.ErrNoProfile, 1},
		{"not found, in the header", sagemakersim.Fault{Code: "ResourceNotFound", Header: true}, studio.ErrNoProfile, 1},
		{"not found, with a namespace", sagemakersim.Fault{Code: "com.amazon.coral.service#ResourceNotFound"}, studio.ErrNoProfile, 1},
		{"refused", sagemakersim.Fault{Code: "ValidationException"}, studio.ErrRefused, 1},
		{"something new", sagemakersim.Fault{Code: "BrandNewException"}, studio.ErrRefused, 1},
		{"a page instead of an answer", sagemakersim.Fault{Body: "<html>welcome</html>"}, studio.ErrRefused, 1},
		{"no URL", sagemakersim.Fault{Body: "{}"}, studio.ErrRefused, 1},
		{"nothing at all", sagemakersim.Fault{Body: " "}, studio.ErrRefused, 1},
		{"a URL that is a number", sagemakersim.Fault{Body: `{"AuthorizedUrl":7}`}, studio.ErrRefused, 1},
		{"two megabytes beside a good URL", sagemakersim.Fault{
			Body: `{"AuthorizedUrl":"http://127.0.0.1/auth","More":"` + strings.Repeat("x", 2<<20) + `"}`,
		}, studio.ErrRefused, 1},
		{"cut once", sagemakersim.Fault{N: 1, Drop: true}, nil, 2},
		{"cut", sagemakersim.Fault{N: 3, Drop: true}, studio.ErrUnavailable, 3},
		{"happened, the answer lost", sagemakersim.Fault{N: 1, HappenedButFailed: true}, nil, 2},
		{"happened, then 500", sagemakersim.Fault{N: 2, HappenedButFailed: true, Status: 500}, nil, 3},
		{"slow", sagemakersim.Fault{N: 1, Delay: 50 * time.Millisecond}, nil, 1},
	}
}

func TestOpenFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range faultCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sim := startSim(t, sagemakersim.Options{})
			c := newClient(t, sim.URL(), nil)
			tt.fault.Operation = presign
			sim.Fail(tt.fault)
			url, err := c.Open(t.Context(), me, jane)
			if n := sim.CallCount(presign); n != tt.calls {
				t.Errorf("%d attempts, want %d", n, tt.calls)
			}
			if tt.kind == nil {
				if err != nil || !strings.HasPrefix(url, sim.URL()+"/auth?token=") {
					t.Errorf("got %v", err)
				}
				return
			}
			if url != "" {
				t.Error("an error and a URL")
			}
			wantKind(t, err, tt.kind)
		})
	}
}
