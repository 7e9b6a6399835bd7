package dynamodb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
)

// The links are a log: one item for each write, with a revision that is one more
// than that of the item before. A writer reads up to the end and puts its changes
// behind it, on the condition that nobody has: so everybody sees the same changes
// in the same order, none is ever missing, and up to 1,000 links are one step.
//
// So that the log doesn't grow for ever, a writer now and then writes a snapshot:
// the latest change of every pair, those that are gone included, cut into pieces as
// a copy is. Its head is written last. Then the log up to it is deleted, but for
// the last entry; who reads and finds something missing begins with the snapshot.

const (
	linkPartition = "links"
	attrRevision  = "rev"
	// snapshotEvery is how many entries the log has before a snapshot is made.
	snapshotEvery = 256
	// fatEntry is how large an entry may be for everybody to read it at each look
	// for news: behind a larger one an empty one is put.
	fatEntry = 4 << 10
	// entryVersion is that of an entry's and a snapshot's form.
	entryVersion = 1
)

func entrySort(revision int64) string  { return fmt.Sprintf("log/%020d", revision) }
func entryItem(revision int64) itemKey { return itemKey{linkPartition, entrySort(revision)} }
func snapshotItem() itemKey            { return itemKey{linkPartition, "snapshot"} }
func snapshotPartition() string        { return linkPartition + "/snapshot" }
func revisionOf(x item) (n int64)      { n, _ = numberOf(x.all[attrRevision]); return n }
func versionOf(all map[string]types.AttributeValue) int64 {
	n, _ := numberOf(all["version"])
	return n
}

// entry is one write of links.
type entry struct {
	revision int64
	changes  []mapping.Change
}

// linkRecord is a change as it is kept.
type linkRecord struct {
	Team     string `json:"t,omitempty"`
	User     string `json:"u"`
	Domain   string `json:"d,omitempty"`
	Profile  string `json:"p,omitempty"`
	Denied   bool   `json:"n,omitempty"`
	By       string `json:"b,omitempty"`
	At       int64  `json:"a"` // milliseconds since 1970
	Gone     bool   `json:"g,omitempty"`
	Revision int64  `json:"r,omitempty"` // in a snapshot
}

func recordOf(c mapping.Change) linkRecord {
	return linkRecord{c.Person.Team, c.Person.User, c.Domain, c.Profile, c.Denied, c.By, c.At.UnixMilli(), c.Gone, 0}
}

func (r linkRecord) change() mapping.Change {
	return mapping.Change{Gone: r.Gone, Link: mapping.Link{
		Person: studio.Person{Team: r.Team, User: r.User}, Domain: r.Domain, Profile: r.Profile, Denied: r.Denied,
		By: r.By, At: time.UnixMilli(r.At).UTC(),
	}}
}

func encodeChanges(changes []mapping.Change) ([]byte, int, error) {
	records := make([]linkRecord, len(changes))
	for i, c := range changes {
		records[i] = recordOf(c)
	}
	data, err := json.Marshal(records)
	return pack(data), len(data), err
}

func decodeRecords(packed []byte, size int) (records []linkRecord, err error) {
	data, err := unpack(packed, size)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &records); err != nil {
		return nil, fmt.Errorf("%w: links: %w", ErrDamaged, err)
	}
	return records, nil
}

// append puts changes behind the end of the log. ours is false where something is
// there already; fat says that the entry is a large one.
func (s *Store) append(ctx context.Context, revision int64, changes []mapping.Change) (fat, ours bool, err error) {
	packed, size, err := encodeChanges(changes)
	if err != nil {
		return false, false, err
	}
	if len(packed) > pieceSize {
		return false, false, fmt.Errorf("%d links don't fit into one item: give fewer at once", len(changes))
	}
	_, ours, err = s.put(ctx, write{
		key: entryItem(revision), id: newWriteID(), condition: "attribute_not_exists(pk)", record: packed,
		more: map[string]types.AttributeValue{attrRevision: number(revision), attrSize: number(int64(size)), "version": number(entryVersion)},
	})
	return len(packed) > fatEntry, ours, err
}

// errBehind: the log ends before the revision that was asked for.
var errBehind = errors.New("the log of links is behind")

// tail returns the entries after a revision. errMoved where some of them aren't
// in the log any more.
func (s *Store) tail(ctx context.Context, after int64) (entries []entry, err error) {
	next := after // the entry itself shows that nothing between was cut
	if after == 0 {
		next = 1
	}
	err = s.query(ctx, linkPartition, entrySort(next), "log/"+last, func(all map[string]types.AttributeValue) error {
		x := itemOf(all)
		revision := revisionOf(x)
		if revision != next {
			return errMoved
		}
		next++
		if revision == after {
			return nil
		}
		e, err := entryOf(x)
		entries = append(entries, e)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case next == after: // not even the entry itself is there
		return nil, errBehind
	}
	return entries, nil
}

func entryOf(x item) (entry, error) {
	if v := versionOf(x.all); v != entryVersion {
		return entry{}, fmt.Errorf("%w: links of version %d", ErrNewer, v)
	}
	size, _ := numberOf(x.all[attrSize])
	records, err := decodeRecords(x.record, int(size))
	if err != nil {
		return entry{}, err
	}
	e := entry{revision: revisionOf(x)}
	for _, r := range records {
		e.changes = append(e.changes, r.change())
	}
	return e, nil
}

// head returns the revision at the end of the log.
func (s *Store) head(ctx context.Context) (int64, error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	out, err := s.api.Query(ctx, &api.QueryInput{
		TableName: name(s.table), ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false), Limit: aws.Int32(1),
		KeyConditionExpression: name("pk = :pk AND begins_with(sk, :log)"), ProjectionExpression: name(attrRevision),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text(linkPartition), ":log": text("log/")},
	})
	if err != nil || len(out.Items) == 0 {
		return 0, err
	}
	return revisionOf(itemOf(out.Items[0])), nil
}
