package slacksim

import (
	"context"
	"errors"
	"time"
)

// ErrNoButton: the message, the Home or the view isn't there (any more) or
// doesn't show to this person, or has no such button.
var ErrNoButton = errors.New("slacksim: no such button")

// ErrNoMenu: the message or the Home isn't there (any more) or doesn't show to
// this person, or has no such menu, or that no such option.
var ErrNoMenu = errors.New("slacksim: no such menu or option")

// PressOptions is a press of a button.
type PressOptions struct {
	UserID    string // empty: the person whose message it is
	MessageID string
	Home      bool // it is in the Home of UserID, MessageID says nothing
	Modal     bool // it is in the view that UserID has in front of them, as Home
	Button    int  // index in Message.Buttons, HomeTab.Buttons or Modal.Buttons
	// As is the ID that the event names instead of UserID, and AsTeam its
	// workspace: somebody else pressed it.
	As, AsTeam string
	// Decline: the person reads the dialog (see Confirm) and cancels. Nothing
	// opens and the app hears nothing. Otherwise they accept it.
	Decline bool
	// NoEvent: the browser opens the address, the app hears nothing of it.
	NoEvent bool
	// Delay of the event. Press.Event is how to wait for it.
	Delay time.Duration
	// Times is how many presses in a row; 0 is one. Each is a click of its own
	// with its own trigger_id and response_url.
	Times int
}

// ChooseOptions is a choice from a menu.
type ChooseOptions struct {
	PressOptions // of which Button says nothing
	Menu         int
	Value        string // of the option
}

// Press is what a press of a button, or a choice from a menu, did.
type Press struct {
	URL string // what the browser opens, empty if it isn't a URL button or option

	// The rest is of the (last) event, empty if there is none or it was delayed.
	EnvelopeID  string
	ResponseURL string // empty in a Home and a modal, which have none
	Acked       bool
	AckAfter    time.Duration
	Error       string
	// Event is the (last) event on its way, nil with NoEvent and Decline.
	Event *Pending
}

// Press presses a button of a message and waits until the app has acknowledged
// the event or its time is over. It fails with ErrNoButton or the error of ctx.
func (s *Server) Press(ctx context.Context, userID, messageID string, button int) (*Press, error) {
	return s.PressWith(ctx, PressOptions{UserID: userID, MessageID: messageID, Button: button})
}

// PressHome is Press for a button of the person's Home.
func (s *Server) PressHome(ctx context.Context, userID string, button int) (*Press, error) {
	return s.PressWith(ctx, PressOptions{UserID: userID, Home: true, Button: button})
}

// PressModal is Press for a button of the view that the person has in front of
// them, outside of its input blocks. An address opens as anywhere, and the event
// comes all the same; the view stays.
func (s *Server) PressModal(ctx context.Context, userID string, button int) (*Press, error) {
	return s.PressWith(ctx, PressOptions{UserID: userID, Modal: true, Button: button})
}

// Choose chooses an option, by its value, from a menu of a message, and waits
// until the app has acknowledged the event or its time is over. An option with
// a url opens it, as a button does. It fails with ErrNoMenu or the error of
// ctx.
func (s *Server) Choose(ctx context.Context, userID, messageID string, menu int, value string) (*Press, error) {
	return s.ChooseWith(ctx, ChooseOptions{
		PressOptions: PressOptions{UserID: userID, MessageID: messageID}, Menu: menu, Value: value,
	})
}

// ChooseHome is Choose for a menu of the person's Home.
func (s *Server) ChooseHome(ctx context.Context, userID string, menu int, value string) (*Press, error) {
	return s.ChooseWith(ctx, ChooseOptions{PressOptions: PressOptions{UserID: userID, Home: true}, Menu: menu, Value: value})
}

// PressWith is Press with choices. With Delay or NoEvent it doesn't wait. To
// decline a button without a dialog is ErrNoConfirm.
func (s *Server) PressWith(ctx context.Context, o PressOptions) (*Press, error) {
	on, there := s.surface(o)
	if !there || o.Button < 0 || o.Button >= len(on.buttons) {
		return nil, ErrNoButton
	}
	b := on.buttons[o.Button]
	o.UserID = or(o.UserID, on.message.UserID)
	return s.gesture(ctx, o, gesture{
		on: on, kind: KindPress, label: b.Text, url: b.URL, confirm: b.Confirm, action: b.action(s.o.OmitActionURL),
	})
}

// ChooseWith is Choose with choices, as PressWith.
func (s *Server) ChooseWith(ctx context.Context, o ChooseOptions) (*Press, error) {
	on, there := s.surface(o.PressOptions)
	if !there || o.Menu < 0 || o.Menu >= len(on.menus) {
		return nil, ErrNoMenu
	}
	m := on.menus[o.Menu]
	option, there := m.option(o.Value)
	if !there {
		return nil, ErrNoMenu
	}
	o.UserID = or(o.UserID, on.message.UserID)
	if m.Kind == MenuSelect && !o.Decline {
		s.picked(&on, pick{userID: o.UserID, blockID: m.BlockID, actionID: m.ActionID, value: o.Value})
	}
	return s.gesture(ctx, o.PressOptions, gesture{
		on: on, kind: KindChoice, label: option.Text, url: option.URL, confirm: m.Confirm, action: m.action(option, s.o.OmitActionURL),
	})
}

// gesture is what a person does to one element.
type gesture struct {
	on         surface
	kind       string // of its record
	label, url string
	confirm    *Confirm
	action     object // of block_actions, without its time
}

// gesture sends its events and waits for them.
func (s *Server) gesture(ctx context.Context, o PressOptions, g gesture) (*Press, error) {
	if o.Decline {
		if g.confirm == nil {
			return nil, ErrNoConfirm
		}
		g.kind = KindDeclined
	}
	s.history.add(Record{Kind: g.kind, UserID: o.UserID, ChannelID: g.on.message.ChannelID, Note: g.label})
	if o.Decline {
		return &Press{}, nil
	}
	press := &Press{URL: g.url}
	if o.NoEvent {
		return press, nil
	}
	all := make([]*Pending, 0, max(1, o.Times))
	for range max(1, o.Times) {
		var e *envelope
		e, press.ResponseURL = s.click(g, o)
		press.Event = s.expect(e, e.frame(0, ""))
		all = append(all, press.Event)
		press.EnvelopeID = e.id
	}
	if o.Delay > 0 {
		s.later(o.Delay, func() {
			for _, p := range all {
				s.dispatch(p)
			}
		})
		return press, nil
	}
	for _, p := range all {
		s.dispatch(p)
	}
	for _, p := range all {
		answer, err := p.Wait(ctx)
		if err != nil {
			return press, err
		}
		press.Acked, press.AckAfter, press.Error = answer.Acked, answer.AckAfter, answer.Error
	}
	return press, nil
}
