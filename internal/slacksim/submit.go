package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

var (
	// ErrField is what a FieldError wraps.
	ErrField = errors.New("slacksim: the client doesn't send this")
	// ErrNoField: the view has no field of that name, or it fits two.
	ErrNoField = errors.New("slacksim: no such field")
	// ErrBusy: the view is being submitted, its button is disabled.
	ErrBusy = errors.New("slacksim: the view is being submitted")
)

// FieldError is a field that Slack's client doesn't accept as it is. The app
// hears nothing of it.
type FieldError struct {
	BlockID, ActionID string
	Reason            string // also the Field's Error
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("slacksim: field %s of block %s: %s", e.ActionID, e.BlockID, e.Reason)
}

// Unwrap returns ErrField.
func (e *FieldError) Unwrap() error { return ErrField }

// Submission is what became of a submitted view.
type Submission struct {
	EnvelopeID string
	Acked      bool // in time
	AckAfter   time.Duration
	// Error is why the person is told ErrorModal: ErrorTimeout, ErrorDispatch
	// or invalid_response_action.
	Error string
	// Action is what the acknowledgement did: close, errors, update, push or
	// clear; empty: none of it.
	Action string
	Errors map[string]string // of the action errors, by block_id
	Modal  *Modal            // that the person has in front of them now, nil: none
}

// SubmitModal fills in fields of the view that a person has in front of them,
// by action_id or block_id, submits it and waits until the app has
// acknowledged that or its time is over. Fields that values doesn't name stay
// as they are. It fails with ErrNoModal, ErrNoButton (the view has nothing to
// submit with), ErrBusy, ErrNoField, a FieldError, or the error of ctx.
func (s *Server) SubmitModal(ctx context.Context, userID string, values map[string]string) (*Submission, error) {
	e, viewID, err := s.submission(userID, values)
	if err != nil {
		return nil, err
	}
	p := s.expect(e, e.frame(0, ""))
	p.onLost = func() { s.trouble(viewID, e.id) }
	s.dispatch(p)
	answer, err := p.Wait(ctx)
	if err != nil {
		return nil, err
	}
	if !answer.Acked {
		s.trouble(viewID, e.id)
	}
	done := &Submission{
		EnvelopeID: e.id, Acked: answer.Acked, AckAfter: answer.AckAfter, Error: answer.Error,
		Action: answer.effect.action, Errors: answer.effect.fields,
	}
	if m, open := s.Modal(userID); open {
		done.Modal = &m
	}
	return done, nil
}

// submission does what the client does, and makes the envelope.
func (s *Server) submission(userID string, values map[string]string) (*envelope, string, error) {
	b := s.modals
	b.mu.Lock()
	defer b.mu.Unlock()
	v := b.top(userID)
	switch {
	case v == nil:
		return nil, "", ErrNoModal
	case absent(v.spec.Submit):
		return nil, "", ErrNoButton
	case v.busy != "":
		return nil, "", ErrBusy
	}
	if err := v.fill(values); err != nil {
		return nil, "", err
	}
	v.fault = ""
	var wrong *FieldError
	for i := range v.fields {
		f := &v.fields[i]
		if f.Error = s.unacceptable(*f); f.Error != "" && wrong == nil {
			wrong = &FieldError{BlockID: f.BlockID, ActionID: f.ActionID, Reason: f.Error}
		}
	}
	if wrong != nil {
		s.history.add(Record{Kind: KindSubmit, UserID: userID, Note: wrong.Error()})
		return nil, "", wrong
	}
	s.history.add(Record{Kind: KindSubmit, UserID: userID, Note: v.id})
	payload := s.interaction("view_submission", userID, s.home(userID))
	maps.Copy(payload, object{"trigger_id": s.trigger(userID), "view": s.viewObject(v), "response_urls": []string{}})
	body, _ := json.Marshal(payload) // strings and checked blocks always marshal
	e := newEnvelope("interactive", userID, body, true)
	viewID, submission := v.id, e.id
	v.busy = submission
	e.onAck = func(payload json.RawMessage) effect { return s.submitted(userID, viewID, submission, payload) }
	return e, viewID, nil
}

// fill types the values. Under the lock.
func (v *view) fill(values map[string]string) error {
	at := make(map[string]int, len(values))
	for name := range values {
		at[name] = -1
		for i, f := range v.fields {
			if f.ActionID != name && f.BlockID != name {
				continue
			}
			if at[name] >= 0 {
				return fmt.Errorf("%w: %q is two", ErrNoField, name)
			}
			at[name] = i
		}
		if at[name] < 0 {
			return fmt.Errorf("%w: %q", ErrNoField, name)
		}
	}
	for name, value := range values {
		v.fields[at[name]].Value = value
	}
	return nil
}

// unacceptable says why Slack's client would not let the field pass, empty
// where it would. Its own words are not documented.
func (s *Server) unacceptable(f Field) string {
	switch {
	case f.Value == "" && f.Optional:
		return ""
	case f.Value == "":
		return "Please complete this required field."
	case f.Kind == FieldText && runes(f.Value) < f.MinLength:
		return fmt.Sprintf("Must be at least %d characters.", f.MinLength)
	case f.Kind == FieldText && runes(f.Value) > f.MaxLength:
		return fmt.Sprintf("Must be at most %d characters.", f.MaxLength)
	case f.Kind == FieldText && !f.Multiline && strings.ContainsAny(f.Value, "\r\n"):
		return "Must be one line."
	case f.Kind == FieldSelect:
		if _, there := f.option(f.Value); !there {
			return "Must be one of the options."
		}
	case f.Kind == FieldUser:
		if p, known := s.people.get(f.Value); !known || p.Deleted {
			return "Must be somebody in the workspace."
		}
	}
	return ""
}

// invalidAction is the Error of a Submission that Slack can't make sense of.
const invalidAction = "invalid_response_action"

// submitted applies the acknowledgement of a submission, once, and where the
// view is still open.
func (s *Server) submitted(userID, viewID, submission string, payload json.RawMessage) effect {
	answer, next := readAction(payload)
	b := s.modals
	b.mu.Lock()
	stack := b.stacks[userID]
	at := slices.IndexFunc(stack, func(v *view) bool { return v.id == viewID && v.busy == submission })
	if at < 0 {
		b.mu.Unlock()
		return effect{}
	}
	v := stack[at]
	v.busy = ""
	done := effect{action: answer.Action, fields: answer.Errors}
	var gone []string
	pushed := v
	problem := answer.problem
	switch {
	case problem != "":
	case answer.Action == "errors":
		problem = v.blame(answer.Errors)
	case b.taken(next.spec.ExternalID, v):
		problem = "external_id used twice"
	case answer.Action == "update":
		v.become(next, s.hash())
	case answer.Action == "push" && len(stack) >= maxStack:
		problem = fmt.Sprintf("more than %d views", maxStack)
	case answer.Action == "push":
		pushed = next
		next.id, next.hash, next.team, next.root, next.previous = s.slackID("V"), s.hash(), v.team, stack[0].id, v.id
		b.stacks[userID] = append(slices.Clone(stack), next)
	default:
		gone = b.drop(userID, viewID, answer.Action == "clear")
	}
	if problem != "" {
		v.fault, done = ErrorModal, effect{err: invalidAction}
	}
	b.mu.Unlock()
	if problem != "" {
		s.history.add(Record{Kind: KindRefused, Method: SourceAck, UserID: userID, Note: problem})
	}
	s.lostModal(userID, gone)
	if len(gone) == 0 {
		s.sawModal(userID, SourceAck, pushed.id)
	}
	return done
}

// blame puts errors under fields, all or none. Under the lock.
func (v *view) blame(wrong map[string]string) (problem string) {
	if len(wrong) == 0 {
		return "errors without any"
	}
	for id, text := range wrong {
		if text == "" || !slices.ContainsFunc(v.fields, func(f Field) bool { return f.BlockID == id }) {
			return fmt.Sprintf("errors: %q is no input block, or has no text", id)
		}
	}
	for i := range v.fields {
		v.fields[i].Error = wrong[v.fields[i].BlockID]
	}
	return ""
}

// action is the payload of an acknowledgement.
type action struct {
	Action  string            `json:"response_action"`
	View    json.RawMessage   `json:"view"`
	Errors  map[string]string `json:"errors"`
	problem string
}

// readAction reads it. The view is never nil, and empty where there is none.
func readAction(payload json.RawMessage) (action, *view) {
	none := &view{}
	if empty(payload) {
		return action{Action: "close"}, none
	}
	var a action
	if json.Unmarshal(payload, &a) != nil {
		return action{problem: "payload is no response_action"}, none
	}
	switch a.Action {
	case "errors", "clear":
		return a, none
	case "update", "push":
		spec, l, err := checkView(a.View, "modal")
		if err != nil {
			a.problem = "view: " + err.Error()
		}
		return a, &view{spec: spec, layout: l, sent: a.View}
	}
	a.problem = fmt.Sprintf("unknown response_action %q", a.Action)
	return a, none
}

// trouble ends a submission without an acknowledgement in time.
func (s *Server) trouble(viewID, submission string) {
	b := s.modals
	b.mu.Lock()
	userID, v := b.find(func(v *view) bool { return v.id == viewID && v.busy == submission })
	if v != nil {
		v.busy, v.fault = "", ErrorModal
	}
	b.mu.Unlock()
	if v != nil {
		s.sawModal(userID, ErrorTimeout, viewID)
	}
}
