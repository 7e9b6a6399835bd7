package studiobot

import (
	"context"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/notify"
	"github.com/studiobot/studiobot/requests"
	"github.com/studiobot/studiobot/store/dynamodb"
	"github.com/studiobot/studiobot/store/memory"
	"github.com/studiobot/studiobot/store/sqlite"
)

// store is everything that outlives a process, closed in the end.
type store interface {
	launch.Store
	mapping.Links
	mapping.Copies
	requests.Store
	notify.Store
	openings
	leases
	Close() error
}

// openStore opens the store that the config names.
func openStore(ctx context.Context, cfg Config, o Options) (store, error) {
	switch cfg.Store.Kind {
	case StoreSQLite:
		s, err := sqlite.Open(ctx, cfg.Store.Path, sqlite.Options{})
		if err != nil {
			return nil, err
		}
		return s, nil
	case StoreDynamoDB:
		s, err := dynamodb.Open(ctx, dynamoOptions(cfg, o))
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	return memory.New(memory.Options{}), nil
}

func dynamoOptions(cfg Config, o Options) dynamodb.Options {
	return dynamodb.Options{Table: cfg.Store.Path, Log: o.Log, AppID: "studiobot/" + o.Version, Load: o.Store, Redirect: cfg.Role == RoleRedirect}
}

// InitStore makes what the config's store needs before the first start: a table in
// DynamoDB. It may be run again. For people it returns what was done.
func InitStore(ctx context.Context, cfg Config, o Options) (string, error) {
	if cfg.Store.Kind != StoreDynamoDB {
		return "nothing to do: a store of the kind " + cfg.Store.Kind + " is made when the bot starts", nil
	}
	made, err := dynamodb.Init(ctx, dynamoOptions(cfg, o))
	if err != nil {
		return "", err
	}
	return "table " + cfg.Store.Path + " " + made.String(), nil
}
