package demo

import (
	"errors"
	"net/http"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// gesture is what the page sends of a button or a menu. Where is "" for a message,
// "home" or "modal".
type gesture struct {
	Person, Message, Where string
	Button, Menu           int
	Value                  string
	Link                   bool // the button has an address
}

func (g gesture) options() slacksim.PressOptions {
	return slacksim.PressOptions{UserID: g.Person, MessageID: g.Message, Home: g.Where == "home", Modal: g.Where == "modal", Button: g.Button}
}

// servePress is the click that Slack reports. The page opens the button's
// address by itself, as a Slack client does.
func (d *Demo) servePress(w http.ResponseWriter, r *http.Request) {
	var in gesture
	if !read(w, r, &in) {
		return
	}
	o := in.options()
	if in.Link {
		switch d.switches.state().Clicks {
		case ClicksNever:
			o.NoEvent = true
		case ClicksLate:
			o.Delay = lateBy
		}
	}
	p, err := d.Slack.PressWith(r.Context(), o)
	replyPress(w, p, err)
}

// serveChoose is a choice from a menu.
func (d *Demo) serveChoose(w http.ResponseWriter, r *http.Request) {
	var in gesture
	if !read(w, r, &in) {
		return
	}
	p, err := d.Slack.ChooseWith(r.Context(), slacksim.ChooseOptions{PressOptions: in.options(), Menu: in.Menu, Value: in.Value})
	replyPress(w, p, err)
}

func replyPress(w http.ResponseWriter, p *slacksim.Press, err error) {
	switch {
	case errors.Is(err, slacksim.ErrNoButton), errors.Is(err, slacksim.ErrNoMenu):
		reply(w, outcome{Error: "That isn't there any more."})
	case err != nil:
		http.Error(w, "gone", http.StatusServiceUnavailable)
	case p.Error != "":
		reply(w, outcome{Error: "Slack shows a warning sign: the app didn't answer (" + p.Error + ")."})
	default:
		reply(w, outcome{})
	}
}

// serveHome opens the app's Home.
func (d *Demo) serveHome(w http.ResponseWriter, r *http.Request) {
	var in struct{ Person string }
	if !read(w, r, &in) {
		return
	}
	a, err := d.Slack.OpenHome(r.Context(), in.Person)
	replyAnswer(w, a, err)
}

// serveShortcut uses the global shortcut of the manifest.
func (d *Demo) serveShortcut(w http.ResponseWriter, r *http.Request) {
	var in struct{ Person string }
	if !read(w, r, &in) {
		return
	}
	a, err := d.Slack.Shortcut(r.Context(), in.Person, "open_studio")
	replyAnswer(w, a, err)
}

func replyAnswer(w http.ResponseWriter, a *slacksim.Answer, err error) {
	switch {
	case err != nil:
		http.Error(w, "gone", http.StatusServiceUnavailable)
	case a.Error != "":
		reply(w, outcome{Error: "The app didn't answer (" + a.Error + ")."})
	default:
		reply(w, outcome{})
	}
}
