package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/studiobot/studiobot/studio"
)

// The ranges of the API model for CreatePresignedDomainUrl.
const (
	minURLTTL  = 5 * time.Second
	maxURLTTL  = 300 * time.Second
	minSession = 30 * time.Minute
	maxSession = 12 * time.Hour
	maxName    = 63 // of a domain ID and of a user profile's name
)

// The patterns of the API model, anchored.
var (
	domainID    = regexp.MustCompile(`^d-(-*[a-z0-9]){1,61}$`)
	profileName = regexp.MustCompile(`^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$`)
	regionName  = regexp.MustCompile(`^[a-z]{2,4}(-[a-z0-9]+){1,4}$`)
)

// Config of a Client.
type Config struct {
	// Domains that options may name; at least one.
	Domains []studio.Domain
	// URLTTL is how long a presigned URL can be opened, ExpiresInSeconds:
	// whole seconds, 5 to 300.
	URLTTL time.Duration
	// Log gets what the SDK has to say, and what Look finds. Required.
	Log *slog.Logger
	// AppID stands in the user agent, so that CloudTrail tells our calls from
	// others: "studiobot/1.2". The SDK replaces the slash.
	AppID string
	// CallsPerSecond is the pace in each Region of the calls that nobody waits
	// for: profiles, their tags, creating them. The page of a listing and a
	// creation count twice. Up to 1,000,000; 0 means 10. Production leaves it
	// at that; the demo and tests have a SageMaker of their own.
	CallsPerSecond float64
	// Roles are the roles that the calls for a domain are made in, by the domain's
	// Name; a domain without one is called with our own credentials.
	Roles map[string]Role
	// ProfilePolicy limits the session that a launch is made in to what it opens,
	// by a session policy. It is for domains with a role.
	ProfilePolicy bool
	// Observe is told of every call: its operation, its result (ok, throttled,
	// forbidden, not_found, refused, unavailable, canceled) and how long it took
	// with its retries. It must not block; nil: nobody is told.
	Observe func(operation, result string, took time.Duration)
	// Load is applied last to the options that the SDK's configuration is
	// loaded with. Production leaves it empty; tests pass credentials and an
	// endpoint here, because the environment is shared by all of a process.
	Load []func(*config.LoadOptions) error
}

// Client opens Studio. Its methods may be called from any goroutine.
type Client struct {
	log     *slog.Logger
	creds   aws.CredentialsProvider // our own
	people  *sessions               // of those who launch where there is a role
	ahead   chan struct{}           // room for those asked for ahead of a click
	limited bool                    // their sessions, see Config.ProfilePolicy
	urlTTL  time.Duration
	domains map[string]*domain // by name
	order   []*domain          // as configured
	regions []*region
	started time.Time
	overall time.Duration // deadline of one Open
	runsIn  time.Duration // of hearing whether a space's app runs
}

// domain is a configured domain and what is known of it.
type domain struct {
	studio.Domain
	region *region
	// api and background are region's, with the domain's credentials; actor is nil
	// where it has no role.
	api, background *api.Client
	creds           aws.CredentialsProvider
	actor           *actor
	seen            sightRef
	// owner is whose domain it is, once it was asked for; asking has room for
	// one who asks.
	owner  atomic.Pointer[owner]
	asking chan struct{}
	// keepsCase: the ARNs of profiles spell names as they were created.
	keepsCase atomic.Bool
	// odd is how many rows the last listing of each kind skipped.
	odd struct{ profiles, spaces, apps, notebooks atomic.Int64 }
	// said is what need not be said again: that we may not list apps, or read the
	// tags of notebook instances.
	said struct{ apps, tags atomic.Bool }
}

// New loads the SDK's configuration. It makes no network call, so that it
// can't tell whether there are credentials; ctx bounds reading files. The error
// names every mistake in c and an endpoint override that isn't https.
func New(ctx context.Context, c Config) (*Client, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	client := &Client{
		log: c.Log, urlTTL: c.URLTTL, started: time.Now(), overall: openDeadline, runsIn: runsDeadline,
		domains: make(map[string]*domain, len(c.Domains)), ahead: make(chan struct{}, aheadAtOnce), limited: c.ProfilePolicy,
	}
	client.people = newSessions(client.assume)
	load := []func(*config.LoadOptions) error{
		// AWS_REGION or a profile may say otherwise: it is where roles are
		// assumed. Each domain is called in its own Region.
		config.WithDefaultRegion(c.Domains[0].Region),
		config.WithHTTPClient(httpClient()),
		config.WithLogger(sdkLog{c.Log}),
		config.WithAppID(c.AppID),
	}
	cfg, err := config.LoadDefaultConfig(ctx, append(load, c.Load...)...)
	if err != nil {
		return nil, fmt.Errorf("load AWS configuration: %w", err)
	}
	client.creds = cfg.Credentials
	if c.Observe != nil {
		cfg.APIOptions = append(cfg.APIOptions, observed(c.Observe))
	}
	send, err := newSender(cfg.HTTPClient)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]*region)
	for _, d := range c.Domains {
		r, ok := byName[d.Region]
		if !ok {
			if r, err = newRegion(ctx, cfg, send, d.Region, newPace(c.CallsPerSecond, c.Log.With("region", d.Region))); err != nil {
				return nil, err
			}
			byName[d.Region] = r
			client.regions = append(client.regions, r)
		}
		kept := &domain{Domain: d, region: r, asking: make(chan struct{}, 1)}
		if err = client.dress(ctx, cfg, send, kept, c.Roles[d.Name]); err != nil {
			return nil, err
		}
		client.domains[d.Name] = kept
		client.order = append(client.order, kept)
	}
	return client, nil
}

func (c Config) check() error {
	var wrong []error
	if c.Log == nil {
		wrong = append(wrong, errors.New("a log is required"))
	}
	if c.URLTTL < minURLTTL || c.URLTTL > maxURLTTL || c.URLTTL%time.Second != 0 {
		wrong = append(wrong, fmt.Errorf("the URL's life is %v, it has to be whole seconds from %v to %v", c.URLTTL, minURLTTL, maxURLTTL))
	}
	if !(c.CallsPerSecond >= 0 && c.CallsPerSecond <= maxPace) { // NaN is neither
		wrong = append(wrong, fmt.Errorf("the pace is %v calls per second, it has to be from 0 (which means %v) to %v", c.CallsPerSecond, usualPace, maxPace))
	}
	if len(c.Domains) == 0 {
		wrong = append(wrong, errors.New("no domain is configured"))
	}
	names := make(map[string]bool, len(c.Domains))
	for _, d := range c.Domains {
		if names[d.Name] {
			wrong = append(wrong, fmt.Errorf("domain %q is configured twice", d.Name))
		}
		names[d.Name] = true
		if err := checkDomain(d); err != nil {
			wrong = append(wrong, fmt.Errorf("domain %q: %w", d.Name, err))
		}
		if role := c.Roles[d.Name]; role != (Role{}) {
			if err := role.check(); err != nil {
				wrong = append(wrong, fmt.Errorf("domain %q: %w", d.Name, err))
			}
		}
	}
	for name := range c.Roles {
		if !names[name] {
			wrong = append(wrong, fmt.Errorf("there is a role for %q, which is no domain", name))
		}
	}
	return errors.Join(wrong...)
}

func checkDomain(d studio.Domain) error {
	var wrong []error
	if len(d.ID) > maxName || !domainID.MatchString(d.ID) {
		wrong = append(wrong, errors.New("the ID isn't one of SageMaker's (d- and lower-case letters or digits)"))
	}
	if !regionName.MatchString(d.Region) {
		wrong = append(wrong, errors.New("the Region isn't one of AWS's, like us-west-2"))
	}
	if d.Session < minSession || d.Session > maxSession || d.Session%time.Second != 0 {
		wrong = append(wrong, fmt.Errorf("the session is %v, it has to be whole seconds from %v to %v", d.Session, minSession, maxSession))
	}
	return errors.Join(wrong...)
}
