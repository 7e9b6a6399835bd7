package studiobot

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/studiobot/studiobot/doctor"
	"github.com/studiobot/studiobot/store/dynamodb"
	"github.com/studiobot/studiobot/store/memory"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// DoctorOptions is what a look at an installation needs besides its config.
type DoctorOptions struct {
	Log     *slog.Logger
	Version string
	// AWS is as in Options, HTTP as in doctor.Options.
	AWS  []sagemaker.LoadOption
	HTTP *http.Client
	// Store is as in Options.
	Store []dynamodb.LoadOption
	// Profile is tried in the first domain in place of one that somebody is mapped
	// to.
	Profile string
}

// doctorPerson is in whose name a URL is tried in a role's session: CloudTrail must
// not say that somebody launched who didn't.
var doctorPerson = studio.Person{Team: "studiobot", User: "doctor"}

// doctorStore bounds opening a store that is in the network.
const doctorStore = 20 * time.Second

// storeStep is the next step where a table in DynamoDB can't be used; its errors
// say most of it themselves.
const storeStep = "`studiobot store init` makes the table; docs/dynamodb.md has the policy"

// Doctor looks at the installation of a config and calls each with what it finds,
// as package doctor says.
func Doctor(ctx context.Context, cfg Config, o DoctorOptions, each func(doctor.Finding)) error {
	h := &halves{log: o.Log, holders: newHolders(), sources: &sources{}}
	inStore := h.openForDoctor(ctx, cfg, o)
	defer h.close()
	if err := h.openStudio(ctx, cfg, Options{Log: o.Log, Version: o.Version, AWS: o.AWS}); err != nil {
		each(doctor.Finding{Check: "AWS", Result: doctor.Wrong, Says: "the AWS configuration can't be loaded: " + err.Error(), Next: "Mend the environment and the AWS config files"})
		return nil
	}
	tried, err := h.tried(ctx, cfg)
	if err != nil {
		each(doctor.Finding{Check: "mapping", Result: doctor.Wrong, Says: "it can't be read: " + err.Error(), Next: "`studiobot check` names the lines"})
	}
	if o.Profile != "" {
		tried[cfg.Domains[0].Name] = o.Profile
	}
	doctor.Run(ctx, doctor.Options{
		AppToken: cfg.Secrets.AppToken.Reveal(), BotToken: cfg.Secrets.BotToken.Reveal(), SlackURL: cfg.SlackAPIURL,
		Scopes: cfg.scopes(), PublicURL: cfg.PublicURL, MetricsURL: cfg.metricsURL(), Domains: cfg.studioDomains(), Tried: tried, HTTP: o.HTTP,
		Describe: func(ctx context.Context, domain string) (doctor.Domain, error) {
			sso, status, err := h.studio.Describe(ctx, domain)
			return doctor.Domain{IdentityCenter: sso, Status: status}, h.cause(ctx, "describe", domain, err)
		},
		Profile: func(ctx context.Context, domain, profile string) error {
			_, err := h.studio.Profile(ctx, domain, profile)
			return h.cause(ctx, "profile", domain, err)
		},
		Presign: func(ctx context.Context, domain, profile string) error {
			// The URL is dropped here; nobody sees it, and it lives for seconds.
			_, err := h.studio.Open(ctx, doctorPerson, studio.Option{Domain: domain, Profile: profile})
			return h.cause(ctx, "presign", domain, err)
		},
		Store: inStore,
	}, each)
	return nil
}

// cause puts the cause into the log: a finding says it in plain words.
func (h *halves) cause(ctx context.Context, doing, domain string, err error) error {
	if err != nil {
		h.log.WarnContext(ctx, "the doctor's question was refused", "doing", doing, "domain", domain, "err", err)
	}
	return err
}

// openForDoctor opens the store if it is there, makes none, and says what to report
// of it.
func (h *halves) openForDoctor(ctx context.Context, cfg Config, o DoctorOptions) func(context.Context) doctor.Finding {
	found := func(r doctor.Result, says, next string) func(context.Context) doctor.Finding {
		return func(context.Context) doctor.Finding {
			return doctor.Finding{Check: "store", Result: r, Says: says, Next: next}
		}
	}
	spare := memory.New(memory.Options{}) // where the config's own can't be used
	switch _, err := os.Stat(cfg.Store.Path); {
	case cfg.Store.Kind == StoreMemory:
		h.store = spare
		return found(doctor.Warning, "it is memory: a restart forgets every link and every block", "Set `store: sqlite:FILE`, unless that is fine")
	case cfg.Store.Kind == StoreSQLite && errors.Is(err, fs.ErrNotExist):
		h.store = spare
		return found(doctor.Warning, "there is no "+cfg.Store.Path+" yet", "The bot makes it when it starts; its folder has to be writable")
	}
	next := "Look at the file, its owner and its disk"
	if cfg.Store.Kind == StoreDynamoDB {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, doctorStore)
		defer cancel()
		next = storeStep
	}
	s, err := openStore(ctx, cfg, Options{Log: o.Log, Version: o.Version, Store: o.Store})
	if err == nil {
		if err = s.Ping(ctx); err != nil {
			_ = s.Close()
		}
	}
	if err != nil {
		h.store = spare
		return found(doctor.Wrong, "it can't be opened: "+h.storeWords(ctx, cfg, err), next)
	}
	_ = spare.Close()
	h.store = s
	return found(doctor.Good, cfg.Store.Kind+", it answers", "")
}

// storeWords says in plain words why the store can't be opened; the log has the cause.
func (h *halves) storeWords(ctx context.Context, cfg Config, err error) string {
	h.log.WarnContext(ctx, "the store can't be opened", "err", err)
	if cfg.Store.Kind != StoreDynamoDB {
		return err.Error()
	}
	for _, known := range []error{
		dynamodb.ErrNoRegion, dynamodb.ErrNoTable, dynamodb.ErrShape, dynamodb.ErrNotReady, dynamodb.ErrForbidden,
		dynamodb.ErrCredentials, dynamodb.ErrThrottled, dynamodb.ErrClock, dynamodb.ErrDamaged, dynamodb.ErrNewer,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "DynamoDB can't be asked; the log of `studiobot doctor` has the cause"
}

// tried is a user profile for each domain that somebody is mapped to by a file or
// the table.
func (h *halves) tried(ctx context.Context, cfg Config) (map[string]string, error) {
	out := map[string]string{}
	if _, err := h.people(cfg); err != nil {
		return out, err
	}
	for _, load := range h.sources.load {
		if err := load(ctx); err != nil {
			return out, err
		}
	}
	h.sources.each(ctx, func(g studio.Granted) bool {
		for _, d := range cfg.Domains {
			if out[d.Name] == "" && !g.Denied && g.Profile != "" && (g.Domain == "" || g.Domain == d.Name) {
				out[d.Name] = g.Profile
			}
		}
		return len(out) < len(cfg.Domains)
	})
	return out, ctx.Err()
}

// scopes are those that the manifest for this config asks for.
func (c *Config) scopes() []string {
	var m struct {
		OAuth struct {
			Scopes struct{ Bot []string }
		} `yaml:"oauth_config"`
	}
	if err := yaml.Unmarshal(Manifest(c), &m); err != nil {
		panic(err) // it is ours
	}
	return m.OAuth.Scopes.Bot
}

// metricsURL is where the private listener of a bot on this machine is asked.
func (c *Config) metricsURL() string {
	host, port, err := net.SplitHostPort(c.Metrics)
	if err != nil || port == "0" {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port) + "/metrics"
}
