package frontdoor

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

// The pages speak as those of package launch do: what happened, then what to do.

// Answers of our own.
var (
	errPath       = errors.New("no such page")
	errMethod     = errors.New("method not allowed")
	errForm       = errors.New("form refused")
	errNotForBots = errors.New("prefetch or crawler")
	errSignedOut  = errors.New("not signed in")
	errNotThere   = errors.New("no profile in that domain")
)

type tooManyError struct{ wait time.Duration }

func (tooManyError) Error() string { return "too many launches" }

// notice is what a refusal says; its reason is the trail's fixed phrase.
type notice struct {
	err    error
	status int
	reason string
	title  string
	says   []string
	help   bool
	// signIn offers to sign in, other as somebody else, retry to try again, front
	// to choose.
	signIn, other, retry, front bool
	wait                        time.Duration
}

func (d *Door) notices() []notice {
	command := d.o.Command
	return []notice{
		{err: errPath, status: http.StatusNotFound, title: "There is no such page here.", says: []string{"The address may be incomplete, or what it opened has another name now."}, front: true},
		{err: errMethod, status: http.StatusMethodNotAllowed, title: "This page opens in a browser.", says: []string{"It was asked for in a way that isn’t supported."}},
		{err: errForm, status: http.StatusForbidden, title: "That button press can’t be accepted.", says: []string{"It didn’t come from our own page.", "Choose again here."}, front: true},
		{err: errNotForBots, status: http.StatusForbidden, title: "This page is for people.", says: []string{"It opens nothing for previews and scanners."}},
		{err: errSignedOut, status: http.StatusForbidden, title: "You aren’t signed in any more.", says: []string{"Nothing was opened.", "Sign in to go on."}, signIn: true},
		{err: errNotThere, status: http.StatusForbidden, title: "You have no profile there.", says: []string{"You can open something else, or ask for access: type " + command + " in Slack."}, help: true, front: true},
		{err: studio.ErrNotMapped, status: http.StatusForbidden, reason: "not mapped", title: "You aren’t linked to a Studio profile yet.", says: []string{"Type " + command + " in Slack: it says whom to ask, and with which ID."}, help: true, other: true},
		{err: studio.ErrDenied, status: http.StatusForbidden, reason: "denied by the mapping", title: "You can’t open Studio.", says: []string{"Your access is switched off."}, help: true, other: true},
		{err: studio.ErrBlocked, status: http.StatusForbidden, reason: "blocked", title: "You can’t open Studio.", says: []string{"An admin has blocked your access."}, help: true, other: true},
		{err: studio.ErrNotInGroup, status: http.StatusForbidden, reason: "not in a user group", title: "You can’t open Studio yet.", says: []string{"Only members of certain groups in Slack can.", "Type " + command + " in Slack to ask for access."}, help: true, other: true},
		{err: studio.ErrConflict, status: http.StatusForbidden, reason: "several profiles", title: "It isn’t clear which Studio profile is yours.", says: []string{"Your admin has to sort that out."}, help: true},
		{err: studio.ErrGuest, status: http.StatusForbidden, reason: "guest", title: "Guests can’t open Studio.", says: []string{"You are a guest in this Slack workspace."}, help: true, other: true},
		{err: studio.ErrDeactivated, status: http.StatusForbidden, reason: "deactivated", title: "You can’t open Studio.", says: []string{"Your Slack account is deactivated."}, help: true, other: true},
		{err: studio.ErrStranger, status: http.StatusForbidden, reason: "of another workspace", title: "You are signed in to another Slack workspace.", says: []string{"Sign in with your account of the workspace where you use " + command + "."}, help: true, other: true},
		{err: studio.ErrTeam, status: http.StatusForbidden, reason: "workspace not allowed", title: "You are signed in to another Slack workspace.", says: []string{"Sign in to one where " + command + " can be used."}, help: true, other: true},
		{err: studio.ErrUnknownPerson, status: http.StatusForbidden, reason: "unknown to Slack", title: "You can’t be recognised.", says: []string{"Nobody in Slack, or more than one, has the e-mail address that you are signed in with."}, help: true, other: true},
		{err: studio.ErrNotPerson, status: http.StatusForbidden, reason: "not a person", title: "You can’t open Studio.", says: []string{"Your Slack account isn’t a person’s, or its invitation is still open."}, help: true, other: true},
		{err: studio.ErrBusy, status: http.StatusServiceUnavailable, reason: "too busy", title: "Too many people are opening Studio at once.", says: []string{"Nothing was opened.", "Wait a few seconds, then try again."}, retry: true},
		{err: studio.ErrUnsure, status: http.StatusServiceUnavailable, reason: "can't be decided now", title: "We can’t check your access right now.", says: []string{"Nothing was opened.", "Wait a few seconds, then try again."}, retry: true},
	}
}

// explain turns an error into what the page says.
func (d *Door) explain(err error) notice {
	var many tooManyError
	if errors.As(err, &many) {
		wait := max(time.Second, many.wait.Round(time.Second))
		return notice{status: http.StatusTooManyRequests, reason: many.Error(), title: "That was very often.", wait: wait,
			says: []string{fmt.Sprintf("Wait %d seconds, then try again.", int(wait/time.Second))}, retry: true}
	}
	for _, n := range d.notices() {
		if errors.Is(err, n.err) {
			if n.reason == "" {
				n.reason = n.err.Error()
			}
			return n
		}
	}
	return notice{status: http.StatusInternalServerError, reason: "internal error", title: "Something went wrong on our side.",
		says: []string{"Nothing was opened.", "Try again. If it stays like this, give your admin the reference below."}, retry: true, help: true}
}

// answer shows a refusal.
func (d *Door) answer(w http.ResponseWriter, a aim, n notice, ref string) {
	if n.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(n.wait/time.Second)))
	} else if n.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	v := launch.Sheet{Status: n.status, Title: n.title, Says: n.says, Ref: ref, Help: n.help}
	here := a.path(d.o.Base)
	if n.signIn {
		v.Links = append(v.Links, launch.Action{Text: "Sign in", Path: d.o.SignIn.StartPath(here, false), Main: true})
	}
	if n.other {
		v.Links = append(v.Links, launch.Action{Text: "Sign in as somebody else", Path: d.o.SignIn.StartPath(here, true), Main: true})
	}
	if n.retry {
		v.Links = append(v.Links, launch.Action{Text: "Try again", Path: here, Main: true})
	}
	if n.front {
		v.Links = append(v.Links, launch.Action{Text: "Choose what to open", Path: d.o.Base + "/", Main: true})
	}
	d.o.Show(w, v)
}

// welcome is the page for whoever isn't signed in.
func (d *Door) welcome() launch.Sheet {
	return launch.Sheet{Status: http.StatusOK, Title: "Open SageMaker Studio", Says: []string{
		"Sign in, then choose what to open.",
		"Or type " + d.o.Command + " in Slack: you get a private message with a button.",
	}, Links: []launch.Action{{Text: "Sign in", Path: d.o.SignIn.StartPath(d.o.Base+"/", false), Main: true}}}
}

// choices is the page of what the person may open.
func (d *Door) choices(options []studio.Option, unsure []string) launch.Sheet {
	v := launch.Sheet{Status: http.StatusOK, Title: "What do you want to open?", Forms: []launch.Action{{Text: "Sign out", Path: d.o.SignIn.OutPath()}}}
	for _, o := range options {
		v.Choices = append(v.Choices, d.choice(o, aim{domain: o.Domain}))
	}
	if len(unsure) > 0 {
		labels := make([]string, len(unsure))
		for i, name := range unsure {
			labels[i] = d.label(name)
		}
		v.Says = append(v.Says, "We can’t check "+strings.Join(labels, ", ")+" right now. Load this page again in a moment.")
	}
	v.Links = append(v.Links, launch.Action{Text: "Sign in as somebody else", Path: d.o.SignIn.StartPath(d.o.Base+"/", true)})
	return v
}

func (d *Door) choice(o studio.Option, a aim) launch.Choice {
	c := launch.Choice{Label: o.Label, Detail: "User profile " + o.Profile, Post: a.path(d.o.Base), Button: "Open " + thing(o.Target), Bookmark: a.path(d.o.Base)}
	if d.o.OwnSignIn != nil {
		if address, own := d.o.OwnSignIn(o.Domain); own {
			c.Page, c.Button, c.Bookmark = address, "Sign in to Studio", ""
			c.Detail = "This domain has a sign-in of its own."
		}
	}
	return c
}

// ask is the page with one button, for a link that the person didn't follow here.
func (d *Door) ask(o studio.Option, a aim) launch.Sheet {
	c := d.choice(o, a)
	c.Bookmark = ""
	return launch.Sheet{Status: http.StatusOK, Title: "Open " + thing(o.Target) + "?", Says: []string{"Press the button if you want to open it now."}, Choices: []launch.Choice{c},
		Links: []launch.Action{{Text: "Choose something else", Path: d.o.Base + "/"}}}
}

// ownSignIn is the page for a domain that has no presigned URLs.
func (d *Door) ownSignIn(o studio.Option, address string) launch.Sheet {
	return launch.Sheet{Status: http.StatusOK, Title: "This domain has a sign-in of its own.", Choices: []launch.Choice{{Label: o.Label, Page: address, Button: "Sign in to Studio"}}}
}

func (d *Door) label(domain string) string {
	for _, x := range d.o.Domains {
		if x.Name == domain {
			return x.Label
		}
	}
	return domain
}

// thing is what a target is called.
func thing(t studio.Target) string {
	switch t {
	case studio.Lab:
		return "JupyterLab"
	case studio.Code:
		return "Code Editor"
	case studio.Canvas:
		return "Canvas"
	case studio.RStudio:
		return "RStudio"
	case studio.Classic:
		return "Studio Classic"
	}
	return "Studio"
}
