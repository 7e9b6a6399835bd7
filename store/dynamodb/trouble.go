package dynamodb

import (
	"context"
	"errors"
	"fmt"

	"github.com/studiobot/studiobot/studio"
)

// What can be wrong with the table, or with our way to it. The texts say what to
// do about it.
var (
	// ErrNoRegion: nothing says in which Region the table is.
	ErrNoRegion = errors.New("nothing says in which AWS Region the table is: set AWS_REGION")
	// ErrNoTable: there is no such table.
	ErrNoTable = errors.New("there is no such table in this account and Region: make it with `studiobot store init`, or mend store, AWS_REGION or the credentials")
	// ErrShape: the table isn't one of ours.
	ErrShape = errors.New("the table is of another shape, and left as it is: name another table, and make it with `studiobot store init`")
	// ErrNotReady: the table is being made or deleted.
	ErrNotReady = errors.New("the table isn't ready: wait until its status is ACTIVE")
	// ErrForbidden: the credentials may not do it.
	ErrForbidden = errors.New("AWS doesn't permit it: give our role that action on the table, see docs/dynamodb.md")
	// ErrCredentials: there are none, or AWS doesn't take them.
	ErrCredentials = errors.New("no AWS credentials that count: give this program a role, or see which ones it finds")
	// ErrThrottled: more writes than the table takes, for as long as we could
	// wait.
	ErrThrottled = errors.New("throttled for as long as could be waited: see the table's capacity and its limits")
	// ErrClock: our clock isn't right.
	ErrClock = errors.New("the clock of this machine is wrong, and links go by it: set it, by NTP or the like")
	// ErrDamaged: a record makes no sense.
	ErrDamaged = errors.New("a record of the table is damaged: restore the table, or make another, which makes the links now in Slack useless")
	// ErrNewer: a record that a later version wrote, in a way that we don't know.
	ErrNewer = errors.New("written by a newer studiobot in a way that this one can't read: run that version")
	// ErrContended: others wrote the same record, again and again.
	ErrContended = errors.New("others wrote the same record each time")
)

// failed says what went wrong in the words above. The error of a cancelled
// context is always found in it.
func (s *Store) failed(ctx context.Context, doing string, err error) error {
	if gone := ctx.Err(); gone != nil && !errors.Is(err, gone) {
		err = fmt.Errorf("%w: %w", gone, err)
	}
	if known := kind(err); known != nil {
		err = fmt.Errorf("%w (%w)", known, err)
	}
	if errors.Is(err, ErrThrottled) || errors.Is(err, ErrContended) {
		err = fmt.Errorf("%w: %w", studio.ErrBusy, err)
	}
	return fmt.Errorf("%s table %s: %w", doing, s.table, err)
}

// kind returns the sentinel for DynamoDB's error, or nil.
func kind(err error) error {
	switch {
	case isCode(err, "ResourceNotFoundException"):
		return ErrNoTable
	case isCode(err, "AccessDeniedException", "AccessDenied", "NotAuthorized"):
		return ErrForbidden
	case isCode(err, "UnrecognizedClientException", "InvalidClientTokenId", "ExpiredTokenException", "MissingAuthenticationTokenException", "InvalidSignatureException"):
		return ErrCredentials
	case isCode(err, "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "LimitExceededException"):
		return ErrThrottled
	}
	return nil
}
