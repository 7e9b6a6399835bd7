// Package frontdoor is the page that opens Studio without Slack: people sign in,
// see what they may open, the same as in Slack, and press one. /open/DOMAIN and
// /open/DOMAIN/TARGET are links to keep, which open the same at once.
//
// It decides nothing by itself. Who is in front of the browser says package
// signin, what they may open the mapping, and what is opened goes the way of
// every launch: a ticket is issued, armed by the press, and redeemed at /launch/,
// with the same denials, limits and lines in the trail.
package frontdoor

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

// SignIn says who is signed in. signin.Service is the one that production has.
type SignIn interface {
	Session(r *http.Request) (studio.SignedIn, bool)
	// Begin sends the browser to sign in, and back to a path of ours.
	Begin(w http.ResponseWriter, r *http.Request, back, team string)
	StartPath(back string, other bool) string
	OutPath() string
}

// Mapping says what a person may open. package mapping is the one that production
// has; its errors wrap the sentinels of package studio.
type Mapping interface {
	Options(ctx context.Context, p studio.Person) (options []studio.Option, unsure []string, err error)
	// Has says why the person gets nothing in a domain, or nil.
	Has(ctx context.Context, p studio.Person, domain string) error
	Allowed(ctx context.Context, p studio.Person, o studio.Option) error
}

// Launcher makes and arms one-time links; see launch.Service.
type Launcher interface {
	Issue(ctx context.Context, p studio.Person, options []studio.Option, cause string, asked time.Time) (studio.Issued, error)
	Arm(ctx context.Context, c studio.Click, allowed func(studio.Option) error) (studio.Opened, error)
}

// Options is what a Door is made of. All but Limit, Warm and OwnSignIn are
// required.
type Options struct {
	// Base is the path of public_url, without a slash at its end.
	Base    string
	Command string
	Domains []studio.Domain
	// Targets are those that a link may name: the ones that need no name.
	Targets []studio.Target
	SignIn  SignIn
	// Person is the Slack user who is signed in, with the Team that the mapping
	// and the tickets know them by. Errors wrap the sentinels of package studio.
	Person   func(ctx context.Context, who studio.SignedIn) (studio.Person, error)
	Mapping  Mapping
	Launcher Launcher
	// Show answers with a page, and Client is the browser's address.
	Show   func(w http.ResponseWriter, v launch.Sheet)
	Client func(r *http.Request) (address, network string)
	// Limit counts a launch as a command, and says how long to wait where it is
	// one too many.
	Limit func(p studio.Person) (wait time.Duration, ok bool)
	// Warm is called when somebody is about to open something. It must not block.
	Warm func(p studio.Person, options []studio.Option)
	// OwnSignIn returns the sign-in address of a domain in Identity Center mode.
	OwnSignIn func(domain string) (address string, identityCenter bool)
	Audit     *audit.Log
	Log       *slog.Logger
}

// Door answers / and /open/.
type Door struct{ o Options }

// New returns a Door.
func New(o Options) *Door { return &Door{o} }

// answerTime bounds one request: the mapping, a store write or two.
const answerTime = 10 * time.Second

// via is the audit phrase of a press on our own page.
const via = "front door"

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	r = r.WithContext(ctx)
	a, ok := d.aim(r.URL.Path)
	switch {
	case !ok:
		d.refuse(w, r, studio.Person{}, aim{}, errPath)
	case r.Method == http.MethodHead:
		d.head(w)
	case r.Method == http.MethodGet && launch.LooksAhead(r):
		d.refuse(w, r, studio.Person{}, a, errNotForBots)
	case r.Method == http.MethodGet && a.domain == "":
		d.choose(w, r)
	case r.Method == http.MethodGet:
		d.open(w, r, a)
	case r.Method == http.MethodPost && a.domain != "":
		d.press(w, r, a)
	default:
		allow := "GET, HEAD"
		if a.domain != "" {
			allow += ", POST"
		}
		w.Header().Set("Allow", allow)
		d.refuse(w, r, studio.Person{}, a, errMethod)
	}
}

func (d *Door) head(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	w.WriteHeader(http.StatusOK)
}

// aim is what a path asks to open; without a domain it is the page of choices.
type aim struct {
	domain string
	target studio.Target // "": what the config says
}

// aim reads a path: /, /open/DOMAIN or /open/DOMAIN/TARGET.
func (d *Door) aim(path string) (a aim, ok bool) {
	rest, below := strings.CutPrefix(path, d.o.Base)
	if !below || !strings.HasPrefix(rest, "/") {
		return aim{}, false
	}
	if rest == "/" {
		return aim{}, true
	}
	rest, below = strings.CutPrefix(rest, "/open/")
	if !below {
		return aim{}, false
	}
	domain, target, named := strings.Cut(rest, "/")
	a = aim{domain: domain, target: studio.Target(target)}
	known := slices.ContainsFunc(d.o.Domains, func(x studio.Domain) bool { return x.Name == domain })
	return a, known && (!named || slices.Contains(d.o.Targets, a.target))
}

// path is the address that asks for it.
func (a aim) path(base string) string {
	if a.domain == "" {
		return base + "/"
	}
	p := base + "/open/" + a.domain
	if a.target != "" {
		p += "/" + string(a.target)
	}
	return p
}

// person returns who is signed in. handled says that the request was answered:
// they are nobody whom the mapping could know.
func (d *Door) person(w http.ResponseWriter, r *http.Request, a aim, who studio.SignedIn) (p studio.Person, handled bool) {
	p, err := d.o.Person(r.Context(), who)
	if err != nil {
		d.refuse(w, r, who.Person, a, err)
		return p, true
	}
	return p, false
}

// choose shows what the person may open.
func (d *Door) choose(w http.ResponseWriter, r *http.Request) {
	who, ok := d.o.SignIn.Session(r)
	if !ok {
		d.o.Show(w, d.welcome())
		return
	}
	p, handled := d.person(w, r, aim{}, who)
	if handled {
		return
	}
	options, unsure, err := d.o.Mapping.Options(r.Context(), p)
	if err != nil {
		d.refuse(w, r, p, aim{}, err)
		return
	}
	d.o.Show(w, d.choices(options, unsure))
}
