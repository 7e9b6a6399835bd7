package sagemaker

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/smithy-go/logging"
)

// sdkLog hands the SDK's log lines to ours. The SDK's default would write to
// standard error in a format of its own.
type sdkLog struct{ to *slog.Logger }

// Logf is what the SDK calls.
func (l sdkLog) Logf(class logging.Classification, format string, args ...any) {
	level := slog.LevelDebug
	if class == logging.Warn {
		level = slog.LevelWarn
	}
	ctx := context.Background() // the SDK gives none
	if !l.to.Enabled(ctx, level) {
		return
	}
	text := fmt.Sprintf(format, args...)
	l.to.Log(ctx, level, "AWS SDK", "says", text[:min(len(text), 1000)])
}
