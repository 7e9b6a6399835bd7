package dynamodb_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/studiobot/studiobot/store/dynamodb"
)

func TestInitMayBeRunAgain(t *testing.T) {
	t.Parallel()
	o := table(t)
	made, err := dynamodb.Init(t.Context(), o)
	if err != nil || made.Table {
		t.Errorf("a second Init = %+v, %v", made, err)
	}
	open(t, o)
}

func TestNoTable(t *testing.T) {
	t.Parallel()
	o := dynamodb.Options{Table: "studiobot-nope", Load: using(t).load}
	_, err := dynamodb.Open(t.Context(), o)
	if !errors.Is(err, dynamodb.ErrNoTable) || !strings.Contains(err.Error(), "studiobot-nope") || !strings.Contains(err.Error(), "store init") {
		t.Errorf("%v", err)
	}
}

// Where nothing says what Region, or there are no credentials, that is said.
func TestNoRegionNoCredentials(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	if _, err := dynamodb.Open(t.Context(), dynamodb.Options{Table: "a-table"}); !errors.Is(err, dynamodb.ErrNoRegion) {
		t.Errorf("without a Region: %v", err)
	}
	if _, err := dynamodb.Open(t.Context(), dynamodb.Options{Table: "a-table", Load: []dynamodb.LoadOption{config.WithRegion("us-west-2")}}); !errors.Is(err, dynamodb.ErrCredentials) {
		t.Errorf("without credentials: %v", err)
	}
}

// What isn't ours is refused by Open and by Init, and stays as it is.
func TestTableOfAnotherShape(t *testing.T) {
	t.Parallel()
	for what, keys := range map[string][]string{"one key": {"pk"}, "other names": {"id", "sort"}, "a number": {"pk", "sk/N"}} {
		o := dynamodb.Options{Table: "studiobot-other-" + strings.ReplaceAll(what, " ", "-"), Load: using(t).load}
		in := &api.CreateTableInput{TableName: &o.Table, BillingMode: types.BillingModePayPerRequest}
		for i, k := range keys {
			attribute, kind, _ := strings.Cut(k, "/")
			if kind == "" {
				kind = "S"
			}
			in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &attribute, AttributeType: types.ScalarAttributeType(kind)})
			in.KeySchema = append(in.KeySchema, types.KeySchemaElement{AttributeName: &attribute, KeyType: []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]})
		}
		if _, err := client(t, o).CreateTable(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { drop(t, o) })
		_, opening := dynamodb.Open(t.Context(), o)
		_, making := dynamodb.Init(t.Context(), o)
		for _, err := range []error{opening, making} {
			if !errors.Is(err, dynamodb.ErrShape) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}

// A call that isn't permitted shows at the start, by the name that policies have
// for it; a process that only redeems links needs few.
func TestForbiddenCallsShowAtTheStart(t *testing.T) {
	t.Parallel()
	o := table(t)
	open(t, o) // the key is there
	for _, action := range []string{"DescribeTable", "GetItem", "Query", "UpdateItem", "BatchGetItem", "PutItem", "DeleteItem"} {
		l := &line{plan: func(operation string, _ int) fault {
			if operation == action {
				return forbidden
			}
			return fine
		}}
		with := over(t, o, l)
		_, err := dynamodb.Open(t.Context(), with)
		if !errors.Is(err, dynamodb.ErrForbidden) || !strings.Contains(err.Error(), action) {
			t.Errorf("without %s: %v", action, err)
		}
		with.Redirect = true
		spared := action == "BatchGetItem" || action == "PutItem"
		if _, err := dynamodb.Open(t.Context(), with); (err == nil) != spared {
			t.Errorf("redirect without %s: %v", action, err)
		}
	}
}

func TestClockThatIsOff(t *testing.T) {
	t.Parallel()
	o := table(t)
	for _, c := range []struct {
		off             time.Duration
		refused, warned bool
	}{{0, false, false}, {6 * time.Second, false, true}, {-6 * time.Second, false, true}, {time.Minute, true, false}, {-time.Minute, true, false}} {
		var log bytes.Buffer
		l := &line{date: func(now time.Time) time.Time { return now.Add(-c.off) }}
		with := over(t, o, l)
		with.Log = slog.New(slog.NewTextHandler(&log, nil))
		_, err := dynamodb.Open(t.Context(), with)
		if errors.Is(err, dynamodb.ErrClock) != c.refused || (err == nil) == c.refused {
			t.Errorf("%v off: %v", c.off, err)
		}
		if strings.Contains(log.String(), "clock") != c.warned {
			t.Errorf("%v off: %s", c.off, log.String())
		}
	}
}

// A clock that becomes wrong later makes the store say so.
func TestClockThatGoesWrong(t *testing.T) {
	t.Parallel()
	s, l := openOver(t, table(t))
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.date = func(now time.Time) time.Time { return now.Add(time.Hour) }
	if err := s.Ping(t.Context()); !errors.Is(err, dynamodb.ErrClock) || !strings.Contains(err.Error(), "behind") {
		t.Errorf("%v", err)
	}
	l.date = nil
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// Copies that start on an empty table at the same time have one key.
func TestKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	o := table(t)
	keys := make(chan []byte, 8)
	for range cap(keys) {
		go func() {
			s, err := dynamodb.Open(context.Background(), o)
			if err != nil {
				t.Error(err)
				keys <- nil
				return
			}
			key, _ := s.Key(context.Background())
			keys <- key
		}()
	}
	first := <-keys
	for range cap(keys) - 1 {
		if k := <-keys; !bytes.Equal(k, first) || len(k) != 32 {
			t.Errorf("another key")
		}
	}
}
