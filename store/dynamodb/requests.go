package dynamodb

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/studio"
)

// A request is an item of its own. Beside it there is a hint for every one that
// isn't finished, all in one partition: so they are found without a scan. The
// hint is written first and deleted last, so that after a crash at any point no
// unfinished request is without one. A hint that leads nowhere is deleted by
// whoever comes across it, once it is older than a request takes to be written.

const (
	// maxUnfinished is how many requests may be unfinished, as requests.Store
	// says. Copies that ask at the same moment may go a few beyond it.
	maxUnfinished = 10_000
	// keepFinished is how long a finished request is still known.
	keepFinished = 31 * 24 * time.Hour
	// staleHint is how old a hint that leads nowhere must be.
	staleHint = 10 * time.Minute
	// batch is how many items one call reads.
	batch = 100

	hintPartition = "unfinished"
	attrHint      = "hint" // of a request: the nonce of its hint
	attrMade      = "made" // of a hint: when, in Unix seconds
	attrID        = "id"   // of a hint: the request's ID
)

func requestItem(id string) itemKey { return itemKey{"request/" + path(id), "request"} }
func hintItem(id string) itemKey    { return itemKey{hintPartition, "request/" + path(id)} }

func requestOf(x item) (r studio.Request, err error) {
	if err := json.Unmarshal(x.record, &r); err != nil {
		return r, fmt.Errorf("%w: request: %w", ErrDamaged, err)
	}
	return r, nil
}

// CreateRequest implements requests.Store.
func (s *Store) CreateRequest(ctx context.Context, r studio.Request) (studio.Request, bool, error) {
	kept, created, err := s.createRequest(ctx, r)
	if err != nil {
		return studio.Request{}, false, s.failed(ctx, "create request in", err)
	}
	return kept, created, nil
}

func (s *Store) createRequest(ctx context.Context, r studio.Request) (studio.Request, bool, error) {
	k := requestItem(r.ID)
	old, err := s.get(ctx, k)
	for range maxEdits {
		if err != nil {
			return studio.Request{}, false, err
		}
		if old.there {
			kept, err := requestOf(old)
			if err != nil || !kept.Finished {
				return kept, false, err
			}
		}
		if err := s.roomForRequest(ctx); err != nil {
			return studio.Request{}, false, err
		}
		var ours bool
		if old, ours, err = s.writeRequest(ctx, k, old, r); ours {
			return r, true, nil
		}
	}
	return studio.Request{}, false, ErrContended
}

// writeRequest writes a request in place of an item, its hint before it.
func (s *Store) writeRequest(ctx context.Context, k itemKey, old item, r studio.Request) (now item, ours bool, err error) {
	record, err := json.Marshal(r)
	if err != nil {
		return item{}, false, err
	}
	was, hadHint := studio.Request{}, textOf(old.all[attrHint])
	if old.there {
		if was, err = requestOf(old); err != nil {
			return item{}, false, err
		}
	}
	hint, expires := hadHint, time.Time{}
	switch {
	case r.Finished:
		expires = s.now().Add(keepFinished)
	case !old.there || was.Finished:
		hint = newWriteID()
		if err := s.hint(ctx, r.ID, hint); err != nil {
			return item{}, false, err
		}
	}
	now, ours, err = s.replace(ctx, k, old, record, expires, map[string]types.AttributeValue{attrHint: text(hint)})
	if ours && r.Finished && old.there && !was.Finished {
		// What can't be deleted now, whoever reads the hints will.
		_ = s.remove(ctx, hintItem(r.ID), attrHint+" = :h", map[string]types.AttributeValue{":h": text(hadHint)})
	}
	return now, ours, err
}

// hint notes that a request is about to be unfinished.
func (s *Store) hint(ctx context.Context, id, nonce string) error {
	ctx, cancel := within(ctx)
	defer cancel()
	x := hintItem(id).attributes()
	x[attrHint], x[attrMade], x[attrID] = text(nonce), number(s.now().Unix()), text(id)
	_, err := s.api.PutItem(ctx, &api.PutItemInput{TableName: name(s.table), Item: x})
	return err
}

// roomForRequest counts the hints.
func (s *Store) roomForRequest(ctx context.Context) error {
	n := 0
	err := s.query(ctx, hintPartition, "request/", "request/"+last, func(map[string]types.AttributeValue) error {
		if n++; n >= maxUnfinished {
			return requests.ErrFull
		}
		return nil
	})
	return err
}

// LoadRequest implements requests.Store.
func (s *Store) LoadRequest(ctx context.Context, id string) (studio.Request, error) {
	x, err := s.get(ctx, requestItem(id))
	var r studio.Request
	if err == nil {
		if !x.there || x.over(s.now()) {
			return studio.Request{}, requests.ErrNotFound
		}
		r, err = requestOf(x)
	}
	if err != nil {
		return studio.Request{}, s.failed(ctx, "load request from", err)
	}
	return r, nil
}

// UpdateRequest implements requests.Store.
func (s *Store) UpdateRequest(ctx context.Context, id string, change func(*studio.Request) error) (studio.Request, error) {
	k := requestItem(id)
	old, err := s.get(ctx, k)
	for try := range maxEdits {
		var r studio.Request
		if err == nil && (!old.there || old.over(s.now())) {
			return studio.Request{}, requests.ErrNotFound
		}
		if err == nil {
			r, err = requestOf(old)
		}
		if err != nil {
			return studio.Request{}, s.failed(ctx, "update request in", err)
		}
		if err := change(&r); err != nil {
			return r, err
		}
		var ours bool
		if old, ours, err = s.writeRequest(ctx, k, old, r); ours {
			return r, nil
		}
		if err == nil {
			err = giveWay(ctx, try)
		}
	}
	return studio.Request{}, s.failed(ctx, "update request in", ErrContended)
}

// hinted is a hint as it was read.
type hinted struct {
	id, nonce string
	made      time.Time
}

// UnfinishedRequests implements requests.Store.
func (s *Store) UnfinishedRequests(ctx context.Context) ([]studio.Request, error) {
	out, err := s.unfinished(ctx)
	if err != nil {
		return nil, s.failed(ctx, "read requests of", err)
	}
	slices.SortFunc(out, func(a, b studio.Request) int {
		return cmp.Or(a.Asked.Compare(b.Asked), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

func (s *Store) unfinished(ctx context.Context) (out []studio.Request, err error) {
	var hints []hinted
	err = s.query(ctx, hintPartition, "request/", "request/"+last, func(x map[string]types.AttributeValue) error {
		made, _ := numberOf(x[attrMade])
		hints = append(hints, hinted{textOf(x[attrID]), textOf(x[attrHint]), time.Unix(made, 0)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(hints, batch) {
		found, err := s.requestsOf(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, h := range some {
			if r, there := found[h.id]; there && !r.Finished {
				out = append(out, r)
			} else if s.now().Sub(h.made) > staleHint {
				_ = s.remove(ctx, hintItem(h.id), attrHint+" = :h", map[string]types.AttributeValue{":h": text(h.nonce)}) // the next reader tries again
			}
		}
	}
	return out, nil
}

// requestsOf reads up to batch requests by their IDs.
func (s *Store) requestsOf(ctx context.Context, hints []hinted) (map[string]studio.Request, error) {
	yes := true
	want := types.KeysAndAttributes{ConsistentRead: &yes}
	for _, h := range hints {
		want.Keys = append(want.Keys, requestItem(h.id).attributes())
	}
	found := make(map[string]studio.Request, len(hints))
	for try := 0; len(want.Keys) > 0; try++ {
		out, err := s.some(ctx, want)
		if err != nil {
			return nil, err
		}
		for _, all := range out.Responses[s.table] {
			r, err := requestOf(itemOf(all))
			if err != nil {
				return nil, err
			}
			found[r.ID] = r
		}
		if want = out.UnprocessedKeys[s.table]; len(want.Keys) == 0 {
			break
		}
		if try == maxEdits {
			return nil, ErrThrottled
		}
		if err := giveWay(ctx, try); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (s *Store) some(ctx context.Context, want types.KeysAndAttributes) (*api.BatchGetItemOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	return s.api.BatchGetItem(ctx, &api.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{s.table: want}})
}
