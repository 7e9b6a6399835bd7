package demo

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// screen is what a person has in front of them.
type screen struct {
	Messages []shown `json:"messages"`
	Modal    *modal  `json:"modal"` // null: none
	// Home is the blocks of the app's Home; null: none was published.
	Home json.RawMessage `json:"home"`
}

// shown is a message as the page draws it.
type shown struct {
	ID     string          `json:"id"`
	Text   string          `json:"text"`
	Where  string          `json:"where"` // and who sees it there
	Blocks json.RawMessage `json:"blocks"`
	TS     string          `json:"ts"`
}

// modal is a form that lies over the rest.
type modal struct {
	ID     string          `json:"id"`
	Title  string          `json:"title"`
	Submit string          `json:"submit"` // empty: it has no such button
	Close  string          `json:"close"`
	Error  string          `json:"error"` // Slack's own
	Blocks json.RawMessage `json:"blocks"`
	Fields []field         `json:"fields"` // of the input blocks, from top to bottom
}

// field is one input of a modal, as it was filled in last.
type field struct {
	Block       string   `json:"block"`
	Kind        string   `json:"kind"`
	Label       string   `json:"label"`
	Hint        string   `json:"hint"`
	Placeholder string   `json:"placeholder"`
	Value       string   `json:"value"`
	Options     []choice `json:"options"`
	Optional    bool     `json:"optional"`
	Multiline   bool     `json:"multiline"`
	Most        int      `json:"most"` // characters; 0: no text
	Error       string   `json:"error"`
}

// choice is one option of a menu.
type choice struct {
	Text  string `json:"text"`
	Value string `json:"value"`
}

func (d *Demo) serveScreen(w http.ResponseWriter, r *http.Request) {
	person := r.URL.Query().Get("person")
	out := screen{Messages: []shown{}}
	for _, m := range d.Slack.Messages(person) {
		out.Messages = append(out.Messages, shown{ID: m.ID, Text: m.Text, Where: d.where(m), Blocks: m.Blocks, TS: m.TS})
	}
	if m, open := d.Slack.Modal(person); open {
		out.Modal = drawn(m)
	}
	if h, published := d.Slack.HomeTab(person); published {
		out.Home = h.Blocks
	}
	reply(w, out)
}

func drawn(m slacksim.Modal) *modal {
	out := &modal{ID: m.ID, Title: m.Title, Submit: m.Submit, Close: m.Close, Error: m.Error, Blocks: m.Blocks, Fields: []field{}}
	for _, f := range m.Fields {
		one := field{
			Block: f.BlockID, Kind: f.Kind, Label: f.Label, Hint: f.Hint, Placeholder: f.Placeholder, Value: f.Value,
			Options: []choice{}, Optional: f.Optional, Multiline: f.Multiline, Most: f.MaxLength, Error: f.Error,
		}
		for _, o := range f.Options {
			one.Options = append(one.Options, choice{o.Text, o.Value})
		}
		out.Fields = append(out.Fields, one)
	}
	return out
}

// where says in which conversation a message stands, and who sees it.
func (d *Demo) where(m slacksim.Message) string {
	c, _ := d.Slack.Channel(m.ChannelID)
	named := m.ChannelID == approvals
	switch {
	case m.Ephemeral && named:
		return "#" + c.Name + " · Only visible to you"
	case m.Ephemeral:
		return "Only visible to you"
	case m.UserID != "":
		return "Direct message"
	case !named:
		return "Visible to everybody"
	}
	var names []string
	for _, one := range cast() {
		for _, id := range c.Members {
			if id == one.ID {
				names = append(names, one.Name)
			}
		}
	}
	return "#" + c.Name + " · visible to " + strings.Join(names, " and ")
}

// serveSubmit sends the form that lies in front of a person. What becomes of it
// is seen on the screen.
func (d *Demo) serveSubmit(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Person string
		Values map[string]string // by block
	}
	if !read(w, r, &in) {
		return
	}
	_, err := d.Slack.SubmitModal(r.Context(), in.Person, in.Values)
	switch {
	case err == nil, errors.Is(err, slacksim.ErrField), errors.Is(err, slacksim.ErrBusy):
		reply(w, outcome{})
	case errors.Is(err, slacksim.ErrNoModal), errors.Is(err, slacksim.ErrNoButton), errors.Is(err, slacksim.ErrNoField):
		reply(w, outcome{Error: "That form isn't open any more."})
	default:
		http.Error(w, "gone", http.StatusServiceUnavailable)
	}
}

// serveClose closes it.
func (d *Demo) serveClose(w http.ResponseWriter, r *http.Request) {
	var in struct{ Person string }
	if !read(w, r, &in) {
		return
	}
	if _, err := d.Slack.CloseModal(r.Context(), in.Person); err != nil && !errors.Is(err, slacksim.ErrNoModal) {
		http.Error(w, "gone", http.StatusServiceUnavailable)
		return
	}
	reply(w, outcome{})
}
