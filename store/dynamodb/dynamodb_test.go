package dynamodb_test

import (
	"testing"

	"github.com/studiobot/studiobot/store/conformance"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	using(t)
	conformance.Run(t, func(t *testing.T) func() conformance.Store {
		o := table(t)
		return func() conformance.Store { return open(t, o) }
	})
}
