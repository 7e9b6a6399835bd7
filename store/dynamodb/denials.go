package dynamodb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

func denialsOf(p studio.Person) string { return "denial/" + path(p.Team, p.User) }

func denialItem(p studio.Person, reason string) itemKey {
	return itemKey{denialsOf(p), "reason/" + path(reason)}
}

// Deny implements launch.Denials.
func (s *Store) Deny(ctx context.Context, p studio.Person, d launch.Denial) error {
	err := s.edit(ctx, denialItem(p, d.Reason), func(old item) ([]byte, time.Time, error) {
		stays := d
		if old.there {
			earlier, err := denialOf(old)
			if err != nil {
				return nil, time.Time{}, err
			}
			stays = d.With(earlier, s.now())
		}
		record, err := json.Marshal(stays)
		expires := stays.Until
		if !expires.IsZero() {
			expires = expires.Add(linger)
		}
		return record, expires, err
	})
	if err != nil {
		return s.failed(ctx, "deny in", err)
	}
	return nil
}

func denialOf(x item) (d launch.Denial, err error) {
	if err := json.Unmarshal(x.record, &d); err != nil {
		return d, fmt.Errorf("%w: denial: %w", ErrDamaged, err)
	}
	return d, nil
}

// Lift implements launch.Denials. A denial that another copy writes meanwhile
// stays, and so does one that came between a lift and its repetition.
func (s *Store) Lift(ctx context.Context, p studio.Person, reason string) error {
	k := denialItem(p, reason)
	x, err := s.get(ctx, k)
	if err == nil && x.there {
		err = s.remove(ctx, k, "w = :w", map[string]types.AttributeValue{":w": text(x.writes)})
	}
	if err != nil {
		return s.failed(ctx, "lift denial in", err)
	}
	return nil
}

// Denied implements launch.Denials. The order is by reason. A denial that can't
// be read is an error: it must not let anybody in.
func (s *Store) Denied(ctx context.Context, p studio.Person) ([]launch.Denial, error) {
	now := s.now()
	var out []launch.Denial
	err := s.query(ctx, denialsOf(p), "reason/", "reason/"+last, func(all map[string]types.AttributeValue) error {
		d, err := denialOf(itemOf(all))
		if err == nil && (d.Until.IsZero() || now.Before(d.Until)) {
			out = append(out, d)
		}
		return err
	})
	if err != nil {
		return nil, s.failed(ctx, "read denials of", err)
	}
	return out, nil
}
