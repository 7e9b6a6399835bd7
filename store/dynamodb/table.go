package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	// readyTime bounds the wait for a table that is being made.
	readyTime = 3 * time.Minute
	// waitEvery is the pause between two looks at it.
	waitEvery = time.Second
)

// Made is what Init did. Every step that was there already is left out.
type Made struct {
	Table, TTL, Recovery bool
	// Unsupported names what the endpoint can't do: an emulator.
	Unsupported []string
}

// String says it for people.
func (m Made) String() string {
	out := "was there already"
	if m.Table {
		out = "is made"
	}
	if m.TTL {
		out += "; TTL is turned on"
	}
	if m.Recovery {
		out += "; point-in-time recovery is on"
	}
	if len(m.Unsupported) > 0 {
		out += "; the endpoint doesn't know " + strings.Join(m.Unsupported, " and ")
	}
	return out
}

// Init makes the table with everything that Open asks for, and waits until it can
// be used: billed by the request, with TTL on, point-in-time recovery (the table
// holds who has which profile, where links are made in Slack) and protection
// against deletion. What is there already stays, so that it may be run again. A
// table of another shape is ErrShape, and stays as it is.
func Init(ctx context.Context, o Options) (made Made, err error) {
	s, err := connect(ctx, o)
	if err != nil {
		return made, err
	}
	const doing = "make"
	table, err := s.describe(ctx)
	if isCode(err, "ResourceNotFoundException") {
		made.Table = true
		if err = s.createTable(ctx); err == nil {
			table, err = s.describe(ctx)
		}
	}
	if err != nil {
		return made, s.failed(ctx, doing, err)
	}
	if err := checkShape(table); err != nil {
		return made, s.failed(ctx, doing, err)
	}
	if err := s.waitActive(ctx); err != nil {
		return made, s.failed(ctx, doing, err)
	}
	if made.TTL, err = s.turnOnTTL(ctx, &made); err != nil {
		return made, s.failed(ctx, "turn on TTL of", err)
	}
	if made.Recovery, err = s.turnOnRecovery(ctx, &made); err != nil {
		return made, s.failed(ctx, "turn on point-in-time recovery of", err)
	}
	return made, s.clockIsRight()
}

func (s *Store) describe(ctx context.Context) (*types.TableDescription, error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	out, err := s.api.DescribeTable(ctx, &api.DescribeTableInput{TableName: name(s.table)})
	if err != nil {
		return nil, err
	}
	return out.Table, nil
}

func (s *Store) createTable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*callTime)
	defer cancel()
	_, err := s.api.CreateTable(ctx, &api.CreateTableInput{
		TableName: name(s.table), BillingMode: types.BillingModePayPerRequest, DeletionProtectionEnabled: aws.Bool(true),
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: name(attrPartition), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: name(attrSort), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: name(attrPartition), KeyType: types.KeyTypeHash},
			{AttributeName: name(attrSort), KeyType: types.KeyTypeRange},
		},
		Tags: []types.Tag{{Key: name("application"), Value: name("studiobot")}},
	})
	if isCode(err, "ResourceInUseException") {
		return nil // another makes it at this moment, or our own first try did
	}
	return err
}

// waitActive waits until the table can be used.
func (s *Store) waitActive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	for {
		table, err := s.describe(ctx)
		if err != nil {
			return err
		}
		if table.TableStatus == types.TableStatusActive || table.TableStatus == types.TableStatusUpdating {
			return nil
		}
		if table.TableStatus != types.TableStatusCreating {
			return fmt.Errorf("%w: it is %s", ErrNotReady, table.TableStatus)
		}
		select {
		case <-time.After(waitEvery):
		case <-ctx.Done():
			return fmt.Errorf("%w: it is still %s", ErrNotReady, table.TableStatus)
		}
	}
}

func (s *Store) ttl(ctx context.Context) (*types.TimeToLiveDescription, error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	out, err := s.api.DescribeTimeToLive(ctx, &api.DescribeTimeToLiveInput{TableName: name(s.table)})
	if err != nil {
		return nil, err
	}
	return out.TimeToLiveDescription, nil
}

// turnOnTTL makes DynamoDB delete what is over, unless it does.
func (s *Store) turnOnTTL(ctx context.Context, made *Made) (bool, error) {
	now, err := s.ttl(ctx)
	if err != nil {
		return false, err
	}
	if ttlIsOn(now) {
		return false, nil
	}
	if now != nil && now.TimeToLiveStatus == types.TimeToLiveStatusEnabled {
		return false, fmt.Errorf("%w: TTL goes by the attribute %s, and has to go by %s", ErrShape, aws.ToString(now.AttributeName), attrExpires)
	}
	limited, cancel := s.within(ctx)
	defer cancel()
	_, err = s.api.UpdateTimeToLive(limited, &api.UpdateTimeToLiveInput{TableName: name(s.table), TimeToLiveSpecification: &types.TimeToLiveSpecification{
		AttributeName: name(attrExpires), Enabled: aws.Bool(true),
	}})
	return done(err, "TTL", made)
}

// done says whether a step was done; an emulator that can't do it is no mistake.
func done(err error, what string, made *Made) (bool, error) {
	if isCode(err, "UnknownOperationException") {
		made.Unsupported = append(made.Unsupported, what)
		return false, nil
	}
	return err == nil, err
}

func ttlIsOn(now *types.TimeToLiveDescription) bool {
	return now != nil && aws.ToString(now.AttributeName) == attrExpires &&
		(now.TimeToLiveStatus == types.TimeToLiveStatusEnabled || now.TimeToLiveStatus == types.TimeToLiveStatusEnabling)
}

func (s *Store) turnOnRecovery(ctx context.Context, made *Made) (bool, error) {
	limited, cancel := context.WithTimeout(ctx, 10*callTime) // a table just made isn't ready for it at once
	defer cancel()
	_, err := s.api.UpdateContinuousBackups(limited, &api.UpdateContinuousBackupsInput{
		TableName: name(s.table), PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	})
	return done(err, "point-in-time recovery", made)
}

// checkShape says what is wrong with a table's keys.
func checkShape(table *types.TableDescription) error {
	types_ := map[string]types.ScalarAttributeType{}
	for _, a := range table.AttributeDefinitions {
		types_[aws.ToString(a.AttributeName)] = a.AttributeType
	}
	want := map[types.KeyType]string{types.KeyTypeHash: attrPartition, types.KeyTypeRange: attrSort}
	has := map[types.KeyType]string{}
	for _, k := range table.KeySchema {
		has[k.KeyType] = aws.ToString(k.AttributeName)
	}
	for kind, attribute := range want {
		if has[kind] != attribute || types_[attribute] != types.ScalarAttributeTypeS {
			return fmt.Errorf("%w: its %s key has to be %s, a string (S), and is %q", ErrShape, kind, attribute, has[kind])
		}
	}
	return nil
}

// inspect looks whether the table is as it has to be.
func (s *Store) inspect(ctx context.Context) error {
	const doing = "open"
	table, err := s.describe(ctx)
	if err != nil {
		return s.failed(ctx, doing, err)
	}
	if err := checkShape(table); err != nil {
		return s.failed(ctx, doing, err)
	}
	if err := s.waitActive(ctx); err != nil {
		return s.failed(ctx, doing, err)
	}
	now, err := s.ttl(ctx)
	switch {
	case isCode(err, "AccessDeniedException"):
		s.log.WarnContext(ctx, "whether the store's table has TTL on can't be seen; give our role dynamodb:DescribeTimeToLive", "table", s.table)
	case err != nil:
		return s.failed(ctx, "look at TTL of", err)
	case !ttlIsOn(now):
		// Nothing goes by it but what the table costs: what is over is passed over
		// by its own times.
		s.log.WarnContext(ctx, "the store's table deletes nothing by itself: turn on TTL by the attribute "+attrExpires+", or run `studiobot store init`", "table", s.table)
	}
	if skew := time.Duration(s.skew.Load()); skew.Abs() > skewNoted && skew.Abs() <= skewRefused {
		s.log.WarnContext(ctx, "the clock of this machine is off; clicks count for seconds, and each copy goes by its own clock: set it, by NTP or the like", "by", skew.Round(time.Second).String())
	}
	return s.clockIsRight()
}

// rehearse makes each of the calls that will be made, on an item that stands for
// nothing, so that one which isn't permitted shows at the start and not at
// somebody's click.
func (s *Store) rehearse(ctx context.Context, redirect bool) error {
	k := itemKey{"meta", "rehearsal/" + newWriteID()}
	expires := s.now().Add(time.Hour)
	steps := []rehearsal{
		{"dynamodb:GetItem", func() error { _, err := s.get(ctx, k); return err }},
		{"dynamodb:Query", func() error { _, err := s.head(ctx); return err }},
		{"dynamodb:UpdateItem", func() error { _, _, err := s.create(ctx, k, []byte("x"), expires, true); return err }},
	}
	if !redirect {
		steps = append(steps,
			rehearsal{"dynamodb:BatchGetItem", func() error { _, err := s.requestsOf(ctx, []hinted{{id: "rehearsal"}}); return err }},
			rehearsal{"dynamodb:PutItem", func() error { return s.putRehearsal(ctx, k, expires) }},
		)
	}
	steps = append(steps, rehearsal{"dynamodb:DeleteItem", func() error { return s.remove(ctx, k, "", nil) }})
	for _, step := range steps {
		err := step.do()
		if errors.Is(kind(err), ErrForbidden) {
			err = fmt.Errorf("%s: %w", step.action, err)
		}
		if err != nil {
			return s.failed(ctx, "open", err)
		}
	}
	return nil
}

// rehearsal is one call, by the name that policies have for it.
type rehearsal struct {
	action string
	do     func() error
}

func (s *Store) putRehearsal(ctx context.Context, k itemKey, expires time.Time) error {
	ctx, cancel := s.within(ctx)
	defer cancel()
	x := k.attributes()
	x[attrExpires] = number(ceilSecond(expires))
	_, err := s.api.PutItem(ctx, &api.PutItemInput{TableName: name(s.table), Item: x})
	return err
}
