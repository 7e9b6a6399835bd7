package dynamodb_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/studiobot/studiobot/internal/dynalite"
	"github.com/studiobot/studiobot/store/dynamodb"
)

// engine is what the tests run against: the endpoint in AWS_ENDPOINT_URL_DYNAMODB,
// with the credentials and the Region of the environment, or one dynalite for all.
type engine struct {
	url  string
	load []dynamodb.LoadOption
	err  error
	stop func()
}

var theEngine = sync.OnceValue(func() engine {
	if url := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"); url != "" {
		return engine{url: url, stop: func() {}}
	}
	d, err := dynalite.Start(context.Background())
	if err != nil {
		return engine{err: err}
	}
	return engine{url: d.URL, stop: d.Close, load: fixed(d.URL)}
})

// fixed are credentials and an endpoint that don't depend on the environment.
func fixed(url string) []dynamodb.LoadOption {
	return []dynamodb.LoadOption{
		config.WithRegion("us-west-2"), config.WithBaseEndpoint(url),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIATEST", "secret", "")),
	}
}

func TestMain(m *testing.M) {
	code := m.Run()
	if e := theEngine(); e.stop != nil {
		e.stop()
	}
	os.Exit(code)
}

// using returns the engine, or skips the test where there is none.
func using(t testing.TB) engine {
	t.Helper()
	e := theEngine()
	switch {
	case errors.Is(e.err, dynalite.ErrMissing) && os.Getenv("STUDIOBOT_NO_SKIP") != "1":
		t.Skip(e.err)
	case e.err != nil:
		t.Fatal(e.err)
	}
	return e
}

// table makes a table with Init and returns what opens it.
func table(t testing.TB) dynamodb.Options {
	t.Helper()
	e := using(t)
	o := dynamodb.Options{Table: "studiobot-test-" + strings.ToLower(rand.Text()[:16]), AppID: "studiobot/test", Load: e.load, Log: slog.New(slog.DiscardHandler), CallTime: time.Minute} // the machine may be busy
	if _, err := dynamodb.Init(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drop(t, o) })
	return o
}

func drop(t testing.TB, o dynamodb.Options) {
	c := client(t, o)
	_, _ = c.UpdateTable(context.Background(), &api.UpdateTableInput{TableName: &o.Table, DeletionProtectionEnabled: aws.Bool(false)})
	if _, err := c.DeleteTable(context.Background(), &api.DeleteTableInput{TableName: &o.Table}); err != nil {
		t.Logf("table %s stays: %v", o.Table, err)
	}
}

// client is one of the SDK's own, for what the store wouldn't do.
func client(t testing.TB, o dynamodb.Options) *api.Client {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(context.Background(), o.Load...)
	if err != nil {
		t.Fatal(err)
	}
	return api.NewFromConfig(cfg)
}

func open(t testing.TB, o dynamodb.Options) *dynamodb.Store {
	t.Helper()
	s, err := dynamodb.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// sortKeys are those of a partition that begin with something.
func sortKeys(t testing.TB, o dynamodb.Options, partition, prefix string) (keys []string) {
	t.Helper()
	out, err := client(t, o).Query(t.Context(), &api.QueryInput{
		TableName: &o.Table, KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :from)"), ProjectionExpression: aws.String("sk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: partition}, ":from": &types.AttributeValueMemberS{Value: prefix}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range out.Items {
		keys = append(keys, x["sk"].(*types.AttributeValueMemberS).Value)
	}
	return keys
}
