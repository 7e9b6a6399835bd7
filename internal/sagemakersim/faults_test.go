package sagemakersim_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

func ask(ctx context.Context, s *sagemakersim.Server) (string, error) {
	out, err := sdk(s).CreatePresignedDomainUrl(ctx, &api.CreatePresignedDomainUrlInput{
		DomainId: aws.String(domainID), UserProfileName: aws.String("jane-doe"),
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.AuthorizedUrl), nil
}

func TestFaultAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		fault  sagemakersim.Fault
		status int
		code   string
		minted int
	}{
		{"nothing set", sagemakersim.Fault{}, 500, "UnknownError", 0},
		{"a status", sagemakersim.Fault{Status: 503}, 503, "UnknownError", 0},
		{"a code", sagemakersim.Fault{Code: "ThrottlingException", Message: "Rate exceeded"}, 400, "ThrottlingException", 0},
		{"a code in the header", sagemakersim.Fault{Code: "ResourceNotFound", Header: true}, 400, "ResourceNotFound", 0},
		{"code and status", sagemakersim.Fault{Code: "AccessDeniedException", Status: 403}, 403, "AccessDeniedException", 0},
		{"happened, then 500", sagemakersim.Fault{HappenedButFailed: true, Status: 500}, 500, "UnknownError", 1},
		{"a page instead of JSON", sagemakersim.Fault{Body: "<html>", Status: 502}, 502, "", 0},
		{"cut", sagemakersim.Fault{Drop: true}, 0, "", 0},
		{"happened, then cut", sagemakersim.Fault{HappenedButFailed: true}, 0, "", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, sagemakersim.Options{})
			tt.fault.Operation = "CreatePresignedDomainUrl"
			tt.fault.N = 2
			s.Fail(tt.fault)
			for range 2 {
				_, err := ask(t.Context(), s)
				if err == nil {
					t.Fatal("it worked")
				}
				status := 0
				if response := new(awshttp.ResponseError); errors.As(err, &response) {
					status = response.HTTPStatusCode()
				}
				if status != tt.status || code(err) != tt.code {
					t.Errorf("got %d %q, want %d %q: %v", status, code(err), tt.status, tt.code, err)
				}
				if notFound := new(types.ResourceNotFound); errors.As(err, &notFound) != (tt.code == "ResourceNotFound") {
					t.Errorf("%v", err)
				}
			}
			if got := s.Minted(); got != 2*tt.minted {
				t.Errorf("%d URLs minted, want %d", got, 2*tt.minted)
			}
			if _, err := ask(t.Context(), s); err != nil {
				t.Errorf("after the faults: %v", err)
			}
			calls := s.Calls()
			if len(calls) != 3 || calls[0].Status != tt.status || calls[0].Domain != domainID || calls[2].Status != 200 {
				t.Errorf("calls %+v", calls)
			}
		})
	}
}

func TestFaultsByOperation(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	s.Fail(sagemakersim.Fault{Operation: "DescribeDomain", N: -1, Status: 500})
	if _, err := ask(t.Context(), s); err != nil {
		t.Errorf("another operation's fault: %v", err)
	}
	for range 3 {
		if _, err := sdk(s).DescribeDomain(t.Context(), &api.DescribeDomainInput{DomainId: aws.String(domainID)}); err == nil {
			t.Error("it worked")
		}
	}
	s.ClearFaults()
	if _, err := sdk(s).DescribeDomain(t.Context(), &api.DescribeDomainInput{DomainId: aws.String(domainID)}); err != nil {
		t.Errorf("cleared: %v", err)
	}
	s.Fail(sagemakersim.Fault{Code: "ThrottlingException"})
	if _, err := ask(t.Context(), s); code(err) != "ThrottlingException" {
		t.Errorf("any operation: %v", err)
	}
}

func TestFaultURL(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	s.Fail(sagemakersim.Fault{URL: "https://elsewhere.example/auth"})
	if got, err := ask(t.Context(), s); err != nil || got != "https://elsewhere.example/auth" {
		t.Errorf("got %v", err)
	}
	if got, err := ask(t.Context(), s); err != nil || !strings.HasPrefix(got, s.URL()) {
		t.Errorf("got %v", err)
	}
}

func TestFaultHang(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	s.Fail(sagemakersim.Fault{Hang: true})
	calls, stop := s.Subscribe()
	defer stop()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := ask(ctx, s)
		done <- err
	}()
	if c := <-calls; c.Status != 0 || c.Operation != "CreatePresignedDomainUrl" {
		t.Errorf("recorded as %+v", c)
	}
	select {
	case err := <-done:
		t.Fatalf("answered: %v", err)
	default:
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Close ends what hangs, so that no test waits for a client.
func TestCloseEndsWaits(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*sagemakersim.Server){
		"hang":  func(s *sagemakersim.Server) { s.Fail(sagemakersim.Fault{Hang: true}) },
		"delay": func(s *sagemakersim.Server) { s.SetDelay(time.Hour) },
		"late":  func(s *sagemakersim.Server) { s.Fail(sagemakersim.Fault{Delay: time.Hour}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, sagemakersim.Options{})
			prepare(s)
			done := make(chan error, 1)
			go func() {
				_, err := ask(context.WithoutCancel(t.Context()), s)
				done <- err
			}()
			until(t, func() bool { return s.Connections() > 0 }) // the call is on its way
			s.Close()
			if err := <-done; err == nil {
				t.Error("it worked")
			}
		})
	}
}

func TestDelaysAnswerWell(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	s.SetDelay(time.Millisecond)
	s.Fail(sagemakersim.Fault{Delay: 2 * time.Millisecond})
	began := time.Now()
	if _, err := ask(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 3*time.Millisecond {
		t.Errorf("answered after %v", took)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{})
	client := sdk(s)
	const n = 400
	urls := make(chan string, n)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range n / 8 {
				out, err := client.CreatePresignedDomainUrl(t.Context(), &api.CreatePresignedDomainUrlInput{
					DomainId: aws.String(domainID), UserProfileName: aws.String("jane-doe"),
				})
				if err != nil {
					t.Error(err)
					return
				}
				urls <- *out.AuthorizedUrl
			}
		})
	}
	wait.Wait()
	close(urls)
	distinct := make(map[string]bool, n)
	for url := range urls {
		distinct[url] = true
	}
	if len(distinct) != n || s.CallCount("CreatePresignedDomainUrl") != n || len(s.Calls()) != n {
		t.Errorf("%d distinct URLs, %d calls", len(distinct), s.CallCount("CreatePresignedDomainUrl"))
	}
}
