package dynamodb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"

	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The attributes of an item. Those that a later version adds stay when this one
// writes: it only ever sets its own.
const (
	attrPartition = "pk"
	attrSort      = "sk"
	attrExpires   = "exp" // Unix seconds; TTL goes by it
	attrRecord    = "r"   // what is kept, in bytes
	attrWrites    = "w"   // the IDs of the latest writes, the latest first
)

const (
	// keptWrites is how many writes an item remembers: a write that was made, and
	// whose answer was lost, is known unless so many others came between.
	keptWrites = 6
	writeIDLen = 16
	// maxEdits bounds how often a change is tried that others get in the way of.
	maxEdits = 60
)

// itemKey is where an item is.
type itemKey struct{ partition, sort string }

func (k itemKey) attributes() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{attrPartition: text(k.partition), attrSort: text(k.sort)}
}

// path joins texts that may hold anything into one that no others make.
func path(parts ...string) string {
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

// item is what most items are.
type item struct {
	there   bool
	record  []byte
	writes  string
	expires time.Time // zero: never
	all     map[string]types.AttributeValue
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func blob(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }
func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func textOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func bytesOf(v types.AttributeValue) []byte {
	if b, ok := v.(*types.AttributeValueMemberB); ok {
		return b.Value
	}
	return nil
}

func numberOf(v types.AttributeValue) (int64, bool) {
	n, ok := v.(*types.AttributeValueMemberN)
	if !ok {
		return 0, false
	}
	i, err := strconv.ParseInt(n.Value, 10, 64)
	return i, err == nil
}

func itemOf(all map[string]types.AttributeValue) item {
	if len(all) == 0 {
		return item{}
	}
	x := item{there: true, record: bytesOf(all[attrRecord]), writes: textOf(all[attrWrites]), all: all}
	if at, ok := numberOf(all[attrExpires]); ok {
		x.expires = time.Unix(at, 0)
	}
	return x
}

// over says whether it is past the item's time: TTL will delete it.
func (x item) over(now time.Time) bool { return !x.expires.IsZero() && !now.Before(x.expires) }

// get reads an item, as it is after every write that was acknowledged.
func (s *Store) get(ctx context.Context, k itemKey) (item, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	yes := true
	out, err := s.api.GetItem(ctx, &api.GetItemInput{TableName: name(s.table), Key: k.attributes(), ConsistentRead: &yes})
	if err != nil {
		return item{}, err
	}
	return itemOf(out.Item), nil
}

// write is one conditional write of an item's record.
type write struct {
	key       itemKey
	id        string
	condition string
	names     map[string]string
	values    map[string]types.AttributeValue
	record    []byte
	before    string // the IDs of earlier writes
	expires   time.Time
	more      map[string]types.AttributeValue // attributes to set besides
}

func newWriteID() string { return rand.Text()[:writeIDLen] }

// remember puts a write's ID before those that an item has.
func remember(id, before string) string {
	ids := append([]string{id}, strings.Fields(before)...)
	return strings.Join(ids[:min(len(ids), keptWrites)], " ")
}

// put makes the write. ours is false where the condition didn't hold, and now is
// then the item as it is. A write that had been made before, and whose answer was
// lost, is ours.
func (s *Store) put(ctx context.Context, w write) (now item, ours bool, err error) {
	writes := remember(w.id, w.before)
	set := []string{"#r = :r", "#w = :w"}
	names := map[string]string{"#r": attrRecord, "#w": attrWrites, "#exp": attrExpires}
	values := map[string]types.AttributeValue{":r": blob(w.record), ":w": text(writes)}
	for n, v := range w.more {
		names["#m"+n], values[":m"+n] = n, v
		set = append(set, "#m"+n+" = :m"+n)
	}
	for k, v := range w.values {
		values[k] = v
	}
	for k, v := range w.names {
		names[k] = v
	}
	update := "SET " + strings.Join(set, ", ")
	if w.expires.IsZero() {
		update += " REMOVE #exp"
	} else {
		update = strings.Replace(update, "SET ", "SET #exp = :exp, ", 1)
		values[":exp"] = number(ceilSecond(w.expires))
	}
	limited, cancel := within(ctx)
	defer cancel()
	_, err = s.api.UpdateItem(limited, &api.UpdateItemInput{
		TableName: name(s.table), Key: w.key.attributes(), UpdateExpression: name(update), ConditionExpression: name(w.condition),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err == nil {
		return item{there: true, record: w.record, writes: writes, expires: w.expires, all: w.more}, true, nil
	}
	if now, err = s.refused(ctx, w.key, err); err != nil {
		return item{}, false, err
	}
	return now, strings.Contains(now.writes, w.id), nil
}

// refused returns the item that a condition didn't hold for. Some engines don't
// send it with the refusal.
func (s *Store) refused(ctx context.Context, k itemKey, err error) (item, error) {
	var no *types.ConditionalCheckFailedException
	if !errors.As(err, &no) {
		return item{}, err
	}
	if len(no.Item) > 0 {
		return itemOf(no.Item), nil
	}
	return s.get(ctx, k)
}

func ceilSecond(t time.Time) int64 {
	n := t.Unix()
	if t.Nanosecond() > 0 {
		n++
	}
	return n
}

// create keeps a record where there is none, or, with replace, only one whose time
// is over. now is what is there then; made says whether it is this one.
func (s *Store) create(ctx context.Context, k itemKey, record []byte, expires time.Time, replace bool) (now item, made bool, err error) {
	w := write{key: k, id: newWriteID(), condition: "attribute_not_exists(pk)", record: record, expires: expires}
	if replace {
		w.condition += " OR #exp < :now"
		w.values = map[string]types.AttributeValue{":now": number(s.now().Unix())}
	}
	return s.put(ctx, w)
}

// replace keeps a record in place of an item, if nothing came between.
func (s *Store) replace(ctx context.Context, k itemKey, old item, record []byte, expires time.Time, more map[string]types.AttributeValue) (now item, ours bool, err error) {
	w := write{key: k, id: newWriteID(), condition: "attribute_not_exists(pk)", record: record, before: old.writes, expires: expires, more: more}
	if old.there {
		w.condition = "#w = :old"
		w.values = map[string]types.AttributeValue{":old": text(old.writes)}
	}
	return s.put(ctx, w)
}

// edit changes an item: change says what it becomes of what there is, or an error,
// which ends it and is returned as it is. It is called again where somebody else
// wrote meanwhile, and where what this process saw last isn't what there is.
func (s *Store) edit(ctx context.Context, k itemKey, change func(old item) (record []byte, expires time.Time, err error)) error {
	old, guessed := s.seen.take(k)
	var err error
	if !guessed {
		old, err = s.get(ctx, k)
	}
	for try := range maxEdits {
		if err != nil {
			return err
		}
		record, expires, refused := change(old)
		if refused != nil && guessed { // by something that may be old
			guessed = false
			old, err = s.get(ctx, k)
			continue
		}
		if refused != nil {
			return refused
		}
		var ours bool
		if old, ours, err = s.replace(ctx, k, old, record, expires, nil); ours {
			s.seen.keep(k, old)
			return nil
		}
		guessed = false
		if err == nil {
			err = giveWay(ctx, try)
		}
	}
	return fmt.Errorf("%w, %d times", ErrContended, maxEdits)
}

// giveWay lets others go first, for longer the more often they came between.
func giveWay(ctx context.Context, try int) error {
	timer := time.NewTimer(mathrand.N(time.Duration(min(try+1, 20)) * 2 * time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// query calls each with the items of a partition from one sort key to another,
// both included, in that order.
func (s *Store) query(ctx context.Context, partition, from, to string, each func(map[string]types.AttributeValue) error) error {
	yes := true
	in := &api.QueryInput{
		TableName: name(s.table), ConsistentRead: &yes, KeyConditionExpression: name("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text(partition), ":from": text(from), ":to": text(to)},
	}
	for {
		out, err := s.page(ctx, in)
		if err != nil {
			return err
		}
		for _, x := range out.Items {
			if err := each(x); err != nil {
				return err
			}
		}
		if len(out.LastEvaluatedKey) == 0 {
			return nil
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

func (s *Store) page(ctx context.Context, in *api.QueryInput) (*api.QueryOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	return s.api.Query(ctx, in)
}

// remove deletes an item, where a condition holds if there is one.
func (s *Store) remove(ctx context.Context, k itemKey, condition string, values map[string]types.AttributeValue) error {
	ctx, cancel := within(ctx)
	defer cancel()
	in := &api.DeleteItemInput{TableName: name(s.table), Key: k.attributes()}
	if condition != "" {
		in.ConditionExpression, in.ExpressionAttributeValues = &condition, values
	}
	_, err := s.api.DeleteItem(ctx, in)
	var no *types.ConditionalCheckFailedException
	if errors.As(err, &no) {
		return nil
	}
	return err
}

// last is behind every sort key: those are ASCII.
const last = "\u00ff"
