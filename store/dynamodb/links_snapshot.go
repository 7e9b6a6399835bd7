package dynamodb

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/studiobot/studiobot/mapping"
)

// snapshotTime bounds the writing of one.
const snapshotTime = 30 * time.Second

// tidy is what a writer does for the others after its write. Nothing that fails
// here is lost: the next one does it.
func (s *Store) tidy(ctx context.Context, fat bool) {
	x := &s.links
	if fat {
		if _, ours, err := s.append(ctx, x.revision+1, nil); err == nil && ours {
			x.take(x.revision+1, nil)
		}
	}
	if x.revision-x.cut >= snapshotEvery {
		// Whoever asked for the write has their answer; this is for the next ones.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), snapshotTime)
		defer cancel()
		if err := s.snapshot(ctx); err != nil {
			s.log.WarnContext(ctx, "the log of links couldn't be cut short; a later write tries again", "err", err)
		}
	}
}

// snapshot writes the state of the links, and deletes the log up to it.
// s.links.turn is held.
func (s *Store) snapshot(ctx context.Context) error {
	x := &s.links
	old, err := s.get(ctx, snapshotItem())
	if err != nil {
		return err
	}
	if x.cut = revisionOf(old); x.revision-x.cut < snapshotEvery {
		return nil // another copy has done it
	}
	records, err := s.ordered(ctx, old)
	if err != nil {
		return err
	}
	data, err := json.Marshal(records)
	if err != nil {
		return err
	}
	called := fmt.Sprintf("%020d-%s", revisionOf(old), newWriteID())
	pieces, err := s.writePieces(ctx, snapshotPartition(), called, pack(data), time.Time{})
	if err != nil {
		s.deletePieces(ctx, snapshotPartition(), called, pieces)
		return err
	}
	_, ours, err := s.replace(ctx, snapshotItem(), old, []byte("snapshot"), time.Time{}, map[string]types.AttributeValue{
		attrRevision: number(x.revision), attrSize: number(int64(len(data))), attrPieces: number(int64(pieces)), attrBlob: text(called), "version": number(entryVersion),
	})
	if err != nil {
		return err // it may have been written: nothing is deleted
	}
	if !ours {
		s.deletePieces(ctx, snapshotPartition(), called, pieces)
		return nil
	}
	x.cut = x.revision
	return s.cutLog(ctx, x.revision)
}

// ordered is the latest change of each pair in the order of the changes: those of
// the snapshot before, and what came since.
func (s *Store) ordered(ctx context.Context, old item) ([]linkRecord, error) {
	var all []linkRecord
	latest := map[pair]int{}
	add := func(r linkRecord) {
		latest[pairOf(r.change().Link)] = len(all)
		all = append(all, r)
	}
	after := int64(0)
	if old.there {
		records, err := s.snapshotRecords(ctx, old)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			add(r)
		}
		after = revisionOf(old)
	}
	entries, err := s.tail(ctx, after)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.revision > s.links.revision {
			break
		}
		for _, c := range e.changes {
			r := recordOf(c)
			r.Revision = e.revision
			add(r)
		}
	}
	out := make([]linkRecord, 0, len(latest))
	for i, r := range all {
		if latest[pairOf(r.change().Link)] == i {
			out = append(out, r)
		}
	}
	return out, nil
}

// snapshotRecords reads a snapshot by its head.
func (s *Store) snapshotRecords(ctx context.Context, x item) ([]linkRecord, error) {
	if v := versionOf(x.all); v != entryVersion {
		return nil, fmt.Errorf("%w: links of version %d", ErrNewer, v)
	}
	pieces, _ := numberOf(x.all[attrPieces])
	size, _ := numberOf(x.all[attrSize])
	packed, err := s.readPieces(ctx, snapshotPartition(), textOf(x.all[attrBlob]), int(max(0, min(pieces, maxPieces))))
	if err != nil {
		return nil, err
	}
	return decodeRecords(packed, int(size))
}

// fromSnapshot returns what came after a revision: of the snapshot, and of the log
// behind it. errMoved or errNoPiece where another took the snapshot's place
// meanwhile.
func (s *Store) fromSnapshot(ctx context.Context, after int64) ([]entry, error) {
	x, err := s.get(ctx, snapshotItem())
	if err != nil {
		return nil, err
	}
	if !x.there || revisionOf(x) < after {
		return nil, errMoved
	}
	records, err := s.snapshotRecords(ctx, x)
	if err != nil {
		return nil, err
	}
	entries := []entry{{revision: after}}
	for _, r := range records {
		if r.Revision > after {
			entries = append(entries, entry{r.Revision, []mapping.Change{r.change()}})
		}
	}
	entries = append(entries, entry{revision: revisionOf(x)})
	rest, err := s.tail(ctx, revisionOf(x))
	return append(entries, rest...), err
}

// cutLog deletes the entries before a revision that a snapshot has.
func (s *Store) cutLog(ctx context.Context, revision int64) error {
	keys, err := s.sortKeys(ctx, linkPartition, entrySort(0), entrySort(revision-1))
	if err != nil {
		return err
	}
	slices.SortFunc(keys, cmp.Compare) // the oldest first: what is left has no hole
	for some := range slices.Chunk(keys, piecesAtOnce) {
		group, inner := errgroup.WithContext(ctx)
		for _, sort := range some {
			group.Go(func() error { return s.remove(inner, itemKey{linkPartition, sort}, "", nil) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return s.sweep(ctx)
}

// sweep deletes the pieces of earlier snapshots, and of those that were broken
// off: all that were begun when the present one wasn't there yet, which their
// names tell. Whoever is still at one of them can't write its head any more.
func (s *Store) sweep(ctx context.Context) error {
	x, err := s.get(ctx, snapshotItem())
	if err != nil {
		return err
	}
	keys, err := s.sortKeys(ctx, snapshotPartition(), "piece/", fmt.Sprintf("piece/%020d", revisionOf(x)))
	if err != nil {
		return err
	}
	present := "piece/" + textOf(x.all[attrBlob]) + "/"
	var errs error
	for _, sort := range keys {
		if !strings.HasPrefix(sort, present) {
			errs = errors.Join(errs, s.remove(ctx, itemKey{snapshotPartition(), sort}, "", nil))
		}
	}
	return errs
}

// sortKeys returns the sort keys from one to another, both included.
func (s *Store) sortKeys(ctx context.Context, partition, from, to string) (keys []string, err error) {
	in := &api.QueryInput{
		TableName: name(s.table), KeyConditionExpression: name("pk = :pk AND sk BETWEEN :from AND :to"), ProjectionExpression: name(attrSort),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text(partition), ":from": text(from), ":to": text(to)},
	}
	for {
		out, err := s.page(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, x := range out.Items {
			keys = append(keys, textOf(x[attrSort]))
		}
		if len(out.LastEvaluatedKey) == 0 {
			return keys, nil
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}
