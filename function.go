package studiobot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/studiobot/studiobot/lambda"
	"github.com/studiobot/studiobot/studio"
)

const (
	// lambdaLook bounds the look at the domains while the function starts. It warms
	// the connections, too, and Lambda gives a start ten seconds.
	lambdaLook = 3 * time.Second
	// lambdaAfter bounds what follows a launch before its answer is out: the browser
	// waits for it, and its URL lives some seconds only.
	lambdaAfter = 1500 * time.Millisecond
)

// InLambda says whether the process is a Lambda function.
func InLambda(getenv func(string) string) bool { return getenv(lambda.RuntimeAPI) != "" }

// runLambda serves the links by invocations, until ctx ends. Between two of them
// the process is frozen, so that nothing is done in the background.
func (h *halves) runLambda(ctx context.Context, base string) error {
	if h.role != RoleRedirect {
		return fmt.Errorf("a Lambda function can only be the redirect, and the role is %s: start it with --role=redirect, and the bot elsewhere", h.role)
	}
	look, cancel := context.WithTimeout(ctx, lambdaLook)
	h.studio.Look(look)
	cancel()
	h.log.Info("serving as a Lambda function")
	lambda.New(lambda.Options{Handler: h.server.Handler, Log: h.log, Base: base}).Serve(ctx)
	return nil
}

// onOpened is what is told of each launch.
func (h *halves) onOpened(now bool) func(studio.Opened) {
	if !now {
		return func(x studio.Opened) { h.opened.note(x); h.bot.Opened(x) }
	}
	return func(x studio.Opened) {
		ctx, cancel := context.WithTimeout(context.Background(), lambdaAfter)
		defer cancel()
		var both sync.WaitGroup
		both.Go(func() { h.bot.OpenedNow(ctx, x) })
		both.Go(func() { h.opened.note(x); h.opened.write(ctx) })
		both.Wait()
	}
}
