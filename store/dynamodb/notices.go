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

// A notice is an item of its own. Beside it there is a hint for when it is due:
// all hints of a kind are in one partition, in the order of their times, so that
// what is due is found without a scan. As with requests, the hint is written
// before the notice says so and deleted after it says something else; one that
// leads nowhere is deleted by whoever comes across it.

const (
	// noticeLimit is how many notices of a kind may wait, as notify.Store says, and
	// countEvery how long a count is taken to hold: what copies add meanwhile may
	// go beyond it.
	noticeLimit = 100_000
	countEvery  = time.Minute
	// keepNotice is how long after its end a notice is given up.
	keepNotice = 7 * 24 * time.Hour
	// dueDigits has room for Unix milliseconds for a while.
	dueDigits = 15

	attrNotice = "n" // of a hint: the sort key of the notice
)

func noticeItem(n studio.Notice) itemKey {
	return itemKey{"notice/" + path(string(n.Kind)) + "/" + path(n.Person.Team, n.Person.User), path(n.About)}
}

func dueHints(kind studio.NoticeKind) string { return "due/" + path(string(kind)) }

func dueSort(at time.Time) string { return fmt.Sprintf("%0*d", dueDigits, max(0, at.UnixMilli())) }

func dueItem(n studio.Notice) itemKey {
	return itemKey{dueHints(n.Kind), dueSort(n.Due) + "/" + path(n.Person.Team, n.Person.User, n.About)}
}

func noticeOf(x item) (n studio.Notice, err error) {
	if err := json.Unmarshal(x.record, &n); err != nil {
		return n, fmt.Errorf("%w: notice: %w", ErrDamaged, err)
	}
	return n, nil
}

func remindItem(p studio.Person) itemKey {
	return itemKey{"remind/" + path(p.Team, p.User), "remind"}
}

// SetReminders implements notify.Store.
func (s *Store) SetReminders(ctx context.Context, p studio.Person, on bool) error {
	if !on {
		if err := s.remove(ctx, remindItem(p), "", nil); err != nil {
			return s.failed(ctx, "write who is reminded to", err)
		}
		return nil
	}
	limited, cancel := s.within(ctx)
	defer cancel()
	if _, err := s.api.PutItem(limited, &api.PutItemInput{TableName: name(s.table), Item: remindItem(p).attributes()}); err != nil {
		return s.failed(ctx, "write who is reminded to", err)
	}
	return nil
}

// Reminders implements notify.Store.
func (s *Store) Reminders(ctx context.Context, p studio.Person) (bool, error) {
	x, err := s.get(ctx, remindItem(p))
	if err != nil {
		return false, s.failed(ctx, "read who is reminded from", err)
	}
	return x.there, nil
}

// PutNotice implements notify.Store. The limit is counted once a minute.
func (s *Store) PutNotice(ctx context.Context, n studio.Notice) error {
	err := s.roomForNotice(ctx, n.Kind)
	if err == nil {
		_, err = s.changeNotice(ctx, n, func(item, studio.Notice) bool { return true })
	}
	if err != nil {
		return s.failed(ctx, "keep a notice in", err)
	}
	return nil
}

// MoveNotice implements notify.Store.
func (s *Store) MoveNotice(ctx context.Context, n studio.Notice) error {
	_, err := s.changeNotice(ctx, n, func(old item, was studio.Notice) bool { return old.there && was.Serial == n.Serial })
	if err != nil {
		return s.failed(ctx, "move a notice in", err)
	}
	return nil
}

// changeNotice writes n where may, asked with what is there, allows it.
func (s *Store) changeNotice(ctx context.Context, n studio.Notice, may func(old item, was studio.Notice) bool) (done bool, err error) {
	k := noticeItem(n)
	old, err := s.get(ctx, k)
	for try := range maxEdits {
		if err != nil {
			return false, err
		}
		was := studio.Notice{}
		if old.there {
			if was, err = noticeOf(old); err != nil {
				return false, err
			}
		}
		if !may(old, was) {
			return false, nil
		}
		var ours bool
		if old, ours, err = s.writeNotice(ctx, old, was, n); ours {
			return true, nil
		}
		if err == nil {
			err = giveWay(ctx, try)
		}
	}
	return false, ErrContended
}

// writeNotice writes n in place of an item, its hint before it, and then deletes
// the hint of what was there.
func (s *Store) writeNotice(ctx context.Context, old item, was, n studio.Notice) (now item, ours bool, err error) {
	record, err := json.Marshal(n)
	if err != nil {
		return item{}, false, err
	}
	if err := s.hintDue(ctx, n); err != nil {
		return item{}, false, err
	}
	later := n.Ends
	if n.Due.After(later) {
		later = n.Due
	}
	now, ours, err = s.replace(ctx, noticeItem(n), old, record, later.Add(keepNotice), nil)
	if ours && old.there && dueItem(was) != dueItem(n) {
		_ = s.remove(ctx, dueItem(was), "", nil) // or whoever comes across it
	}
	return now, ours, err
}

// hintDue notes when a notice is about to be due.
func (s *Store) hintDue(ctx context.Context, n studio.Notice) error {
	ctx, cancel := s.within(ctx)
	defer cancel()
	key := noticeItem(n)
	x := dueItem(n).attributes()
	x[attrMade], x[attrID], x[attrNotice] = number(s.now().Unix()), text(key.partition), text(key.sort)
	_, err := s.api.PutItem(ctx, &api.PutItemInput{TableName: name(s.table), Item: x})
	return err
}

// TakeNotices implements notify.Store. It reads the hints of what is due, and each
// of these notices.
func (s *Store) TakeNotices(ctx context.Context, kind studio.NoticeKind, now, until time.Time, limit int) ([]studio.Notice, error) {
	out, err := s.takeNotices(ctx, kind, now, until, limit)
	if err != nil {
		return nil, s.failed(ctx, "take notices from", err)
	}
	return out, nil
}

// errEnough ends a query.
var errEnough = errors.New("enough")

func (s *Store) takeNotices(ctx context.Context, kind studio.NoticeKind, now, until time.Time, limit int) (out []studio.Notice, err error) {
	type hint struct {
		sort string
		key  itemKey
		made time.Time
	}
	// Others may take some of them meanwhile, and some may lead nowhere: so twice as
	// many are looked at, and again as long as none was left.
	for range maxEdits {
		var hints []hint
		err = s.query(ctx, dueHints(kind), " ", dueSort(now)+"/"+last, func(x map[string]types.AttributeValue) error {
			made, _ := numberOf(x[attrMade])
			hints = append(hints, hint{textOf(x[attrSort]), itemKey{textOf(x[attrID]), textOf(x[attrNotice])}, time.Unix(made, 0)})
			if len(hints) >= 2*limit {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return nil, err
		}
		before := len(hints)
		for _, h := range hints {
			if len(out) == limit {
				break
			}
			n, took, astray, err := s.takeNotice(ctx, h.key, h.sort, until)
			switch {
			case err != nil:
				return nil, err
			case took:
				out = append(out, n)
			case astray && s.now().Sub(h.made) <= staleHint:
				before-- // perhaps its notice is being written
			case astray:
				_ = s.remove(ctx, itemKey{dueHints(kind), h.sort}, attrMade+" = :made", map[string]types.AttributeValue{":made": number(h.made.Unix())})
			}
		}
		if len(out) > 0 || before == 0 {
			break
		}
	}
	return out, nil
}

// takeNotice makes the notice that a hint leads to due again at until. astray: the
// hint leads to none that is due then.
func (s *Store) takeNotice(ctx context.Context, k itemKey, sort string, until time.Time) (n studio.Notice, took, astray bool, err error) {
	old, err := s.get(ctx, k)
	if err != nil || !old.there {
		return n, false, true, err
	}
	was, err := noticeOf(old)
	if err != nil {
		return n, false, false, err
	}
	if dueItem(was).sort != sort {
		return n, false, true, nil
	}
	n = was
	n.Due = until
	_, took, err = s.writeNotice(ctx, old, was, n)
	return n, took, false, err
}

// DropNotice implements notify.Store.
func (s *Store) DropNotice(ctx context.Context, n studio.Notice) error {
	if err := s.dropNotice(ctx, n); err != nil {
		return s.failed(ctx, "drop a notice from", err)
	}
	return nil
}

// dropNotice deletes a notice as it was read, again where somebody else wrote it
// meanwhile.
func (s *Store) dropNotice(ctx context.Context, n studio.Notice) error {
	k := noticeItem(n)
	for try := range maxEdits {
		old, err := s.get(ctx, k)
		if err != nil || !old.there {
			return err
		}
		was, err := noticeOf(old)
		if err != nil || n.Serial != "" && was.Serial != n.Serial {
			return err
		}
		if try > 0 {
			if err := giveWay(ctx, try); err != nil {
				return err
			}
		}
		if err := s.remove(ctx, k, attrWrites+" = :w", map[string]types.AttributeValue{":w": text(old.writes)}); err != nil {
			return err
		}
		_ = s.remove(ctx, dueItem(was), "", nil) // or whoever comes across it
	}
	return ErrContended
}

// roomForNotice counts the hints, now and then.
func (s *Store) roomForNotice(ctx context.Context, kind studio.NoticeKind) error {
	s.counting.Lock()
	defer s.counting.Unlock()
	if s.counts == nil {
		s.counts = map[studio.NoticeKind]count{}
	}
	c := s.counts[kind]
	if s.now().Sub(c.at) > countEvery {
		c = count{at: s.now()}
		err := s.query(ctx, dueHints(kind), " ", last, func(map[string]types.AttributeValue) error {
			c.n++
			if c.n >= noticeLimit {
				return notify.ErrFull
			}
			return nil
		})
		if err != nil && c.n < noticeLimit {
			return err
		}
	}
	c.n++
	s.counts[kind] = c
	if c.n > noticeLimit {
		return notify.ErrFull
	}
	return nil
}

// count is how many there were, and when.
type count struct {
	at time.Time
	n  int
}
