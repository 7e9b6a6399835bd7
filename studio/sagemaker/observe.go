package sagemaker

import (
	"context"
	"errors"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/studiobot/studiobot/studio"
)

// observed makes the SDK tell of every call, around its retries.
func observed(observe func(operation, result string, took time.Duration)) func(*middleware.Stack) error {
	m := middleware.InitializeMiddlewareFunc("studiobotObserve", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		began := time.Now()
		out, meta, err := next.HandleInitialize(ctx, in)
		observe(awsmiddleware.GetOperationName(ctx), resultOf(err), time.Since(began))
		return out, meta, err
	})
	return func(s *middleware.Stack) error { return s.Initialize.Add(m, middleware.After) }
}

// resultOf is the kind of a call's error, in a word.
func resultOf(err error) string {
	if err == nil {
		return "ok"
	}
	if errors.Is(err, context.Canceled) {
		return "canceled"
	}
	switch sentinel(err) {
	case studio.ErrThrottled:
		return "throttled"
	case studio.ErrForbidden:
		return "forbidden"
	case studio.ErrNoProfile:
		return "not_found"
	case studio.ErrUnavailable:
		return "unavailable"
	}
	return "refused"
}
