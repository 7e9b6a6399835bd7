package mapping

import (
	"context"
	"time"
)

// Copies keeps the last good copy of what somebody else owns, so that a restart
// doesn't begin with knowing nobody: the user profiles of a domain and their
// tags, which take SageMaker half an hour to list, and the people of the
// workspace. A copy is a cache: losing one costs time, nothing else.
type Copies interface {
	// KeepCopy keeps data under a name in place of an older copy. A copy that
	// was taken before the one that is there changes nothing.
	KeepCopy(ctx context.Context, name string, taken time.Time, data []byte) error
	// Copy returns the copy with that name, and when it was taken; a zero time
	// and no error where there is none.
	Copy(ctx context.Context, name string) (data []byte, taken time.Time, err error)
	// CopySince is Copy where the copy was taken after since; otherwise it returns
	// nothing, as where there is none. A zero since is before all. It is asked
	// again and again, and has to be cheap where nothing changed.
	CopySince(ctx context.Context, name string, since time.Time) (data []byte, taken time.Time, err error)
}
