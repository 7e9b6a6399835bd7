package dynamodb

import (
	"context"
	"errors"
	"time"

	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func leaseItem(lease string) itemKey { return itemKey{"lease/" + path(lease), "lease"} }

// Lease gives the holder a lease for a while, or more of what they have, unless
// somebody else has it; held says whether they have it now. Each copy goes by its
// own clock, so that two may believe so for as long as their clocks differ.
func (s *Store) Lease(ctx context.Context, lease, holder string, term time.Duration) (held bool, err error) {
	now := s.now()
	limited, cancel := within(ctx)
	defer cancel()
	_, err = s.api.UpdateItem(limited, &api.UpdateItemInput{
		TableName: name(s.table), Key: leaseItem(lease).attributes(),
		UpdateExpression:         name("SET holder = :holder, ends = :ends, #exp = :exp"),
		ConditionExpression:      name("attribute_not_exists(holder) OR holder = :holder OR ends <= :now"),
		ExpressionAttributeNames: map[string]string{"#exp": attrExpires},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":holder": text(holder), ":ends": number(now.Add(term).UnixMilli()), ":now": number(now.UnixMilli()),
			":exp": number(now.Add(term + time.Hour).Unix()),
		},
	})
	var no *types.ConditionalCheckFailedException
	if errors.As(err, &no) {
		return false, nil
	}
	if err != nil {
		return false, s.failed(ctx, "take a lease in", err)
	}
	return true, nil
}

// Release ends a lease, if the holder has it.
func (s *Store) Release(ctx context.Context, lease, holder string) error {
	err := s.remove(ctx, leaseItem(lease), "holder = :holder", map[string]types.AttributeValue{":holder": text(holder)})
	if err != nil {
		return s.failed(ctx, "release a lease in", err)
	}
	return nil
}
