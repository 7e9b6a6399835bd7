package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/studiobot/studiobot/studio"
)

// credentialsError: there are no credentials, or they couldn't be had.
type credentialsError struct{ err error }

func (e *credentialsError) Error() string { return "AWS credentials: " + e.err.Error() }
func (e *credentialsError) Unwrap() error { return e.err }

// wrap makes the error of a method: what was done, and what kind of error it is.
func wrap(kind error, what string, err error) error {
	if errors.Is(err, kind) {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%w: %s: %w", kind, what, err)
}

// sentinel says which of package studio's errors err amounts to. It goes by
// types, codes and HTTP status, never by AWS's texts.
func sentinel(err error) error {
	switch {
	case errors.Is(err, studio.ErrRefused):
		return studio.ErrRefused
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return studio.ErrUnavailable
	case retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == aws.TrueTernary:
		return studio.ErrThrottled
	}
	var lacking *credentialsError
	if errors.As(err, &lacking) {
		return ofCredentials(err)
	}
	var notFound *types.ResourceNotFound
	if errors.As(err, &notFound) {
		return studio.ErrNoProfile
	}
	status := httpStatus(err)
	if status == http.StatusTooManyRequests {
		return studio.ErrThrottled
	}
	var failed smithy.APIError
	if errors.As(err, &failed) && status < http.StatusInternalServerError {
		return ofCode(failed.ErrorCode(), status)
	}
	return ofTransport(err, status)
}

// ofCode is about errors that the service names itself.
func ofCode(code string, status int) error {
	switch code {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "OptInRequired",
		"UnrecognizedClient", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId",
		"ExpiredToken", "ExpiredTokenException", "RequestExpired", "AuthFailure",
		"IncompleteSignature", "IncompleteSignatureException", "InvalidSignatureException", "SignatureDoesNotMatch",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException":
		return studio.ErrForbidden
	case "RequestTimeout", "RequestTimeoutException", "ServiceUnavailable", "ServiceUnavailableException",
		"InternalFailure", "InternalServerException", "InternalServerError":
		return studio.ErrUnavailable
	}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return studio.ErrForbidden
	case http.StatusRequestTimeout:
		return studio.ErrUnavailable
	}
	return studio.ErrRefused // ValidationException above all
}

// ofTransport is about answers that aren't the service's own, and about none.
func ofTransport(err error, status int) error {
	switch {
	case status == 0, status >= http.StatusInternalServerError:
		return studio.ErrUnavailable
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return studio.ErrForbidden
	case errors.Is(err, io.ErrUnexpectedEOF), isNet(err):
		return studio.ErrUnavailable // cut in the middle of an answer
	}
	return studio.ErrRefused
}

// ofCredentials is about where credentials come from. A network that is away
// passes; no source at all, or one that says no, is for an admin. An unreachable
// instance metadata service is no source: that is how a machine outside of EC2
// without any credentials looks.
func ofCredentials(err error) error {
	var op *smithy.OperationError
	if errors.As(err, &op) && op.Service() == "ec2imds" {
		return studio.ErrForbidden
	}
	status := httpStatus(err)
	var failed smithy.APIError
	switch {
	case status == http.StatusTooManyRequests:
		return studio.ErrThrottled
	case status >= http.StatusInternalServerError:
		return studio.ErrUnavailable
	case errors.As(err, &failed):
		return studio.ErrForbidden
	case isNet(err), errors.As(err, new(*smithyhttp.RequestSendError)):
		return studio.ErrUnavailable
	}
	return studio.ErrForbidden
}

// httpStatus is the status of the answer behind err; 0 where there was none.
func httpStatus(err error) int {
	var answered interface{ HTTPStatusCode() int }
	if errors.As(err, &answered) {
		return answered.HTTPStatusCode()
	}
	return 0
}

func isNet(err error) bool {
	var network net.Error
	return errors.As(err, &network)
}
