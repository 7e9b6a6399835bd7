package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/studiobot/studiobot/studio"
)

const (
	// openingShards spreads the openings over partitions: on a Monday at nine
	// everybody's are written.
	openingShards = 16
	// openingsAtOnce is how many are written at a time.
	openingsAtOnce = 16
	// keepOpened is how long it is still known when somebody opened something.
	keepOpened = 401 * 24 * time.Hour
)

func openingsOf(shard uint32) string { return fmt.Sprintf("opened/%02d", shard) }

func openingItem(o studio.Opened) itemKey {
	sort := path(o.Person.Team, o.Person.User, o.Option.Domain, o.Option.Profile)
	h := fnv.New32a()
	_, _ = h.Write([]byte(sort)) // never fails
	return itemKey{openingsOf(h.Sum32() % openingShards), sort}
}

// KeepOpened notes when options were opened last: for each person, domain and
// profile the latest At stays, in whole milliseconds, with the Target and the Name
// that were opened then. Other fields of Opened than these are not kept. An error
// means that a part of it may have been noted; noting the same again is harmless.
// Each is one write.
func (s *Store) KeepOpened(ctx context.Context, opened []studio.Opened) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(openingsAtOnce)
	for _, o := range opened {
		group.Go(func() error { return s.keepOpened(inner, o) })
	}
	if err := group.Wait(); err != nil {
		return s.failed(ctx, "note what was opened in", err)
	}
	return nil
}

func (s *Store) keepOpened(ctx context.Context, o studio.Opened) error {
	ctx, cancel := s.within(ctx)
	defer cancel()
	_, err := s.api.UpdateItem(ctx, &api.UpdateItemInput{
		TableName: name(s.table), Key: openingItem(o).attributes(),
		UpdateExpression:         aws.String("SET opened = :at, #exp = :exp, team = :team, person = :user, studio = :domain, profile = :profile, target = :target, thing = :name"),
		ConditionExpression:      aws.String("attribute_not_exists(opened) OR opened < :at"),
		ExpressionAttributeNames: map[string]string{"#exp": attrExpires},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":at": number(o.At.UnixMilli()), ":exp": number(o.At.Add(keepOpened).Unix()), ":team": text(o.Person.Team),
			":user": text(o.Person.User), ":domain": text(o.Option.Domain), ":profile": text(o.Option.Profile),
			":target": text(string(o.Option.Target)), ":name": text(o.Option.Name),
		},
	})
	var no *types.ConditionalCheckFailedException
	if errors.As(err, &no) {
		return nil // a later one is there
	}
	return err
}

// LastOpened calls each once for every person, domain and profile that was ever
// opened (kept for at least 400 days since), in no particular order. An error
// of each ends it and is returned as it is. It reads sixteen partitions as a
// whole: it is for whoever reviews access.
func (s *Store) LastOpened(ctx context.Context, each func(studio.Opened) error) error {
	var refused error
	for shard := range uint32(openingShards) {
		err := s.query(ctx, openingsOf(shard), " ", last, func(x map[string]types.AttributeValue) error {
			at, _ := numberOf(x["opened"])
			refused = each(studio.Opened{
				Person: studio.Person{Team: textOf(x["team"]), User: textOf(x["person"])},
				Option: studio.Option{
					Domain: textOf(x["studio"]), Profile: textOf(x["profile"]), Target: studio.Target(textOf(x["target"])), Name: textOf(x["thing"]),
				},
				At: time.UnixMilli(at).UTC(),
			})
			return refused
		})
		if refused != nil {
			return refused
		}
		if err != nil {
			return s.failed(ctx, "read what was opened from", err)
		}
	}
	return nil
}
