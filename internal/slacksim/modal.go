package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"sync"
)

// ErrNoModal: the person has no modal open.
var ErrNoModal = errors.New("slacksim: no modal is open")

// ErrorModal is what a modal says where the app's answer to a submission came
// too late, or was none that Slack understands.
const ErrorModal = "We had some trouble connecting. Try again?"

// Modal is the view that a person has in front of them.
type Modal struct {
	ID, CallbackID string
	Title          string
	Submit         string // empty: it has no such button
	Close          string
	Blocks         json.RawMessage // with the IDs that Slack adds
	Fields         []Field         // of its input blocks, from top to bottom
	Depth          int             // of the stack it is on top of, 1 to 3
	Error          string          // ErrorModal, or empty

	buttons []Button
	menus   []Menu
}

// Buttons returns the buttons outside of input blocks, from top to bottom; the
// index is what PressModal takes.
func (m Modal) Buttons() []Button { return append([]Button(nil), m.buttons...) }

// Menus returns the menus outside of input blocks; the index is that of
// ChooseOptions with Modal.
func (m Modal) Menus() []Menu { return cloned(m.menus) }

// view is one view of a modal. Its fields belong to the lock of the modals
// from when it is placed.
type view struct {
	id, hash, team string
	root, previous string // IDs of other views; empty: itself, none
	spec           viewSpec
	layout
	sent  json.RawMessage // as the app sent it
	picks picks           // outside of input blocks
	fault string
	busy  string // of the submission under way
}

// modalBook has the open views, by person; the last is on top. And it has
// everybody's Home.
type modalBook struct {
	mu     sync.Mutex
	stacks map[string][]*view
	homes  map[string]*view
}

func newModalBook() *modalBook {
	return &modalBook{stacks: make(map[string][]*view), homes: make(map[string]*view)}
}

// find returns the first open view that match accepts, and whose it is. Under
// the lock, as the next two.
func (b *modalBook) find(match func(*view) bool) (userID string, _ *view) {
	for userID, stack := range b.stacks {
		if at := slices.IndexFunc(stack, match); at >= 0 {
			return userID, stack[at]
		}
	}
	return "", nil
}

// taken reports whether another view has this external_id.
func (b *modalBook) taken(external string, but *view) bool {
	match := func(v *view) bool { return external != "" && v.spec.ExternalID == external && v != but }
	for _, home := range b.homes {
		if match(home) {
			return true
		}
	}
	_, v := b.find(match)
	return v != nil
}

func (b *modalBook) top(userID string) *view {
	stack := b.stacks[userID]
	if len(stack) == 0 {
		return nil
	}
	return stack[len(stack)-1]
}

// place shows a new view to a person, in place of their modal or on top of it.
func (s *Server) place(userID string, v *view, push bool) (object, slackError) {
	b := s.modals
	b.mu.Lock()
	defer b.mu.Unlock()
	stack := b.stacks[userID]
	switch {
	case push && len(stack) == 0:
		return nil, "not_found"
	case push && len(stack) >= maxStack:
		return nil, "push_limit_reached"
	case b.taken(v.spec.ExternalID, nil):
		return nil, "duplicate_external_id"
	}
	v.id, v.hash, v.team = s.slackID("V"), s.hash(), s.people.team(s.home(userID))
	if !push {
		stack = nil
	} else {
		v.root, v.previous = stack[0].id, stack[len(stack)-1].id
	}
	b.stacks[userID] = append(slices.Clone(stack), v)
	return s.viewObject(v), ""
}

// become takes over what another view shows; what a person put into a field
// that is still there stays, whatever its new initial value. Under the lock.
func (v *view) become(next *view, hash string) {
	for i := range next.fields {
		f := &next.fields[i]
		at := slices.IndexFunc(v.fields, func(old Field) bool {
			return old.BlockID == f.BlockID && old.ActionID == f.ActionID && old.Kind == f.Kind
		})
		if at < 0 {
			continue
		}
		kept := v.fields[at].Value
		if _, there := f.option(kept); f.Kind != FieldSelect || kept == "" || there {
			f.Value = kept
		}
	}
	v.spec, v.layout, v.sent, v.hash, v.fault = next.spec, next.layout, next.sent, hash, ""
}

// values is the state of a view as the app gets it: of all that has one, in
// input blocks and outside of them.
func (v *view) values() object {
	values := object{}
	for _, f := range v.fields {
		inBlock(values, f.BlockID)[f.ActionID] = f.state()
	}
	return v.picks.state(values, "", v.menus)
}

func (f Field) state() object {
	state := object{"type": f.Kind}
	var value any
	if f.Value != "" {
		value = f.Value
	}
	switch f.Kind {
	case FieldUser:
		state["selected_user"] = value
	case FieldSelect:
		state["selected_option"] = nil
		if o, there := f.option(f.Value); there {
			state["selected_option"] = o.wire()
		}
	default:
		state["value"] = value
	}
	return state
}

// Modal returns what a person has in front of them, if anything.
func (s *Server) Modal(userID string) (Modal, bool) {
	s.modals.mu.Lock()
	defer s.modals.mu.Unlock()
	v := s.modals.top(userID)
	if v == nil {
		return Modal{}, false
	}
	return Modal{
		ID: v.id, CallbackID: v.spec.CallbackID, Title: plain(v.spec.Title), Submit: plain(v.spec.Submit),
		Close: or(plain(v.spec.Close), defaultCloseTxt), Blocks: v.blocks, Fields: slices.Clone(v.fields),
		Depth: len(s.modals.stacks[userID]), Error: v.fault,
		buttons: v.buttons, menus: v.menus,
	}, true
}

// WaitModal waits until a person has a modal in front of them. It fails with
// the error of ctx.
func (s *Server) WaitModal(ctx context.Context, userID string) (Modal, error) {
	for {
		_, changed := s.history.after(math.MaxInt)
		if m, open := s.Modal(userID); open {
			return m, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Modal{}, ctx.Err()
		}
	}
}

// CloseModal presses the close button: the view on top is gone, with
// clear_on_close the whole modal. Where the view has notify_on_close the app
// hears of it (view_closed, once, also where views below are gone with it),
// and CloseModal waits for its acknowledgement; otherwise the Answer is nil.
// It fails with ErrNoModal or the error of ctx.
func (s *Server) CloseModal(ctx context.Context, userID string) (*Answer, error) {
	b := s.modals
	b.mu.Lock()
	v := b.top(userID)
	if v == nil {
		b.mu.Unlock()
		return nil, ErrNoModal
	}
	whole := s.viewObject(v)
	notify, cleared := v.spec.NotifyOnClose, v.spec.ClearOnClose
	gone := b.drop(userID, v.id, cleared)
	b.mu.Unlock()
	s.lostModal(userID, gone)
	if !notify {
		return nil, nil
	}
	payload := s.interaction("view_closed", userID, s.home(userID))
	maps.Copy(payload, object{"view": whole, "is_cleared": cleared})
	body, _ := json.Marshal(payload) // strings and checked blocks always marshal
	return s.send(newEnvelope("interactive", userID, body, true)).Wait(ctx)
}

// drop takes a view out, or all of the person's, and returns the IDs of those
// that were there. Under the lock.
func (b *modalBook) drop(userID, id string, all bool) (gone []string) {
	stack := slices.DeleteFunc(slices.Clone(b.stacks[userID]), func(v *view) bool {
		if all || v.id == id {
			gone = append(gone, v.id)
			return true
		}
		return false
	})
	b.stacks[userID] = stack
	if len(stack) == 0 {
		delete(b.stacks, userID)
	}
	return gone
}

func (s *Server) lostModal(userID string, gone []string) {
	for _, id := range gone {
		s.history.add(Record{Kind: KindModalClosed, UserID: userID, Note: id})
	}
}
