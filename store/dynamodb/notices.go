package dynamodb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/studiobot/studiobot/notify"
	"github.com/studiobot/studiobot/studio"
)

// A notice is an item of its own. Beside it there is a pointer by the time when it
// is due, in one partition for each kind, so that looking for what is due reads
// nothing else. The pointer is written first: after a crash at any point no notice
// is without one. One that doesn't fit its notice is deleted by whoever comes
// across it, once it is older than a notice takes to be written.

const (
	// stalePointer is how old a pointer must be that leads nowhere.
	stalePointer = time.Minute
	// keepNotice is how long a notice stays after its time, if nobody drops it.
	keepNotice = 7 * 24 * time.Hour
	// takeAhead is how many due notices are looked at for each that is asked for:
	// others take some of them.
	takeAhead = 20
)

// errNotIt: another notice, or none, is there.
var errNotIt = errors.New("another notice")

func noticePath(n studio.Notice) string { return path(n.Person.Team, n.Person.User, n.About) }

func noticeItem(n studio.Notice) itemKey {
	return itemKey{"notice/" + path(string(n.Kind)) + "/" + noticePath(n), "notice"}
}

func duePartition(kind studio.NoticeKind) string { return "due/" + path(string(kind)) }
func dueSort(due time.Time) string               { return fmt.Sprintf("at/%015d", max(due.UnixMilli(), 0)) }

func pointerItem(n studio.Notice) itemKey {
	return itemKey{duePartition(n.Kind), dueSort(n.Due) + "/" + noticePath(n)}
}

// noticeEnds is when a notice is of no use any more.
func noticeEnds(n studio.Notice) time.Time {
	last := n.Due
	if n.Ends.After(last) {
		last = n.Ends
	}
	return last.Add(keepNotice)
}

func noticeOf(x item) (n studio.Notice, err error) {
	if err := json.Unmarshal(x.record, &n); err != nil {
		return n, fmt.Errorf("%w: notice: %w", ErrDamaged, err)
	}
	return n, nil
}

// SetReminders implements notify.Store.
func (s *Store) SetReminders(ctx context.Context, p studio.Person, on bool) error {
	k := itemKey{"remind/" + path(p.Team, p.User), "remind"}
	var err error
	if on {
		err = s.set(ctx, k, []byte("on"), time.Time{})
	} else {
		err = s.remove(ctx, k, "", nil)
	}
	if err != nil {
		return s.failed(ctx, "note who is reminded in", err)
	}
	return nil
}

// Reminders implements notify.Store.
func (s *Store) Reminders(ctx context.Context, p studio.Person) (bool, error) {
	x, err := s.get(ctx, itemKey{"remind/" + path(p.Team, p.User), "remind"})
	if err != nil {
		return false, s.failed(ctx, "read who is reminded from", err)
	}
	return x.there, nil
}

// PutNotice implements notify.Store. A table has room for more than are ever told:
// it never says ErrFull.
func (s *Store) PutNotice(ctx context.Context, n studio.Notice) error {
	if err := s.writeNotice(ctx, n, func(studio.Notice, bool) error { return nil }); err != nil {
		return s.failed(ctx, "put notice into", err)
	}
	return nil
}

// MoveNotice implements notify.Store.
func (s *Store) MoveNotice(ctx context.Context, n studio.Notice) error {
	err := s.writeNotice(ctx, n, func(old studio.Notice, there bool) error {
		if !there || old.Serial != n.Serial {
			return errNotIt
		}
		return nil
	})
	if err != nil && !errors.Is(err, errNotIt) {
		return s.failed(ctx, "move notice in", err)
	}
	return nil
}

// writeNotice keeps n in place of what is there, if fits says so: its pointer
// first, and then it lets go of the one before.
func (s *Store) writeNotice(ctx context.Context, n studio.Notice, fits func(old studio.Notice, there bool) error) error {
	record, err := json.Marshal(n)
	if err != nil {
		return err
	}
	pointed := false
	var was studio.Notice
	var had bool
	err = s.edit(ctx, noticeItem(n), func(old item) ([]byte, time.Time, error) {
		if had = old.there; had {
			if was, err = noticeOf(old); err != nil {
				return nil, time.Time{}, err
			}
		}
		if err := fits(was, had); err != nil {
			return nil, time.Time{}, err
		}
		if !pointed {
			if err := s.set(ctx, pointerItem(n), record, noticeEnds(n)); err != nil {
				return nil, time.Time{}, err
			}
			pointed = true
		}
		return record, noticeEnds(n), nil
	})
	if err == nil && had && pointerItem(was) != pointerItem(n) {
		_ = s.remove(ctx, pointerItem(was), "", nil) // else whoever finds it does
	}
	return err
}

// set keeps a record whatever is there.
func (s *Store) set(ctx context.Context, k itemKey, record []byte, expires time.Time) error {
	ctx, cancel := s.within(ctx)
	defer cancel()
	update, values := "SET #r = :r, made = :made", map[string]types.AttributeValue{":r": blob(record), ":made": number(s.now().Unix())}
	names := map[string]string{"#r": attrRecord}
	if !expires.IsZero() {
		update += ", #exp = :exp"
		values[":exp"], names["#exp"] = number(ceilSecond(expires)), attrExpires
	}
	_, err := s.api.UpdateItem(ctx, &api.UpdateItemInput{
		TableName: name(s.table), Key: k.attributes(), UpdateExpression: name(update), ExpressionAttributeValues: values, ExpressionAttributeNames: names,
	})
	return err
}

// TakeNotices implements notify.Store. Where nothing is due it is one small read.
func (s *Store) TakeNotices(ctx context.Context, kind studio.NoticeKind, now, until time.Time, limit int) ([]studio.Notice, error) {
	out, err := s.takeNotices(ctx, kind, now, until, limit)
	if err != nil {
		return nil, s.failed(ctx, "take notices from", err)
	}
	return out, nil
}

func (s *Store) takeNotices(ctx context.Context, kind studio.NoticeKind, now, until time.Time, limit int) (out []studio.Notice, err error) {
	enough, looked := errors.New("enough"), 0
	err = s.query(ctx, duePartition(kind), "at/", dueSort(now)+"/"+last, func(all map[string]types.AttributeValue) error {
		if looked++; len(out) == limit || looked > takeAhead*(limit+1) {
			return enough
		}
		pointed, err := noticeOf(itemOf(all))
		if err != nil {
			return err
		}
		n, err := s.takeNotice(ctx, pointed, until)
		if err == nil {
			out = append(out, n)
			return nil
		}
		if made, _ := numberOf(all["made"]); errors.Is(err, errNotIt) && s.now().Sub(time.Unix(made, 0)) > stalePointer {
			return s.remove(ctx, pointerItem(pointed), "", nil)
		}
		if errors.Is(err, errNotIt) {
			return nil // taken by another, or being written
		}
		return err
	})
	if errors.Is(err, enough) {
		err = nil
	}
	return out, err
}

// takeNotice makes the notice that a pointer leads to due again at until, if it is
// due when the pointer says.
func (s *Store) takeNotice(ctx context.Context, pointed studio.Notice, until time.Time) (studio.Notice, error) {
	x, err := s.get(ctx, noticeItem(pointed))
	if err != nil {
		return studio.Notice{}, err
	}
	if !x.there {
		return studio.Notice{}, errNotIt
	}
	n, err := noticeOf(x)
	if err != nil {
		return studio.Notice{}, err
	}
	if !n.Due.Equal(pointed.Due) {
		return studio.Notice{}, errNotIt
	}
	serial := n.Serial
	n.Due = until
	err = s.writeNotice(ctx, n, func(old studio.Notice, there bool) error {
		if !there || old.Serial != serial || !old.Due.Equal(pointed.Due) {
			return errNotIt
		}
		return nil
	})
	return n, err
}

// DropNotice implements notify.Store.
func (s *Store) DropNotice(ctx context.Context, n studio.Notice) error {
	if err := s.dropNotice(ctx, n); err != nil {
		return s.failed(ctx, "drop notice from", err)
	}
	return nil
}

func (s *Store) dropNotice(ctx context.Context, n studio.Notice) error {
	k := noticeItem(n)
	for try := range maxEdits {
		x, err := s.get(ctx, k)
		if err != nil || !x.there {
			return err
		}
		was, err := noticeOf(x)
		if err != nil || n.Serial != "" && was.Serial != n.Serial {
			return err
		}
		if err := s.remove(ctx, k, "w = :w", map[string]types.AttributeValue{":w": text(x.writes)}); err != nil {
			return err
		}
		now, err := s.get(ctx, k)
		if err != nil {
			return err
		}
		if !now.there {
			return s.remove(ctx, pointerItem(was), "", nil)
		}
		if err := giveWay(ctx, try); err != nil {
			return err
		}
	}
	return ErrContended
}
