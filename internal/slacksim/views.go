package slacksim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Slack's limits of a view, in characters unless said otherwise
// (docs.slack.dev/reference/views/modal-views).
const (
	maxViewTitle    = 24 // and the texts of its two buttons
	maxCallbackID   = 255
	maxExternalID   = 255
	maxMetadata     = 3000
	maxViewSize     = 250_000 // bytes
	maxStack        = 3       // views of one modal
	defaultCloseTxt = "Cancel"
)

// viewSpec is a view as the app sends it. Slack refuses members it doesn't
// know.
type viewSpec struct {
	Type            string          `json:"type"`
	Title           json.RawMessage `json:"title"`
	Submit          json.RawMessage `json:"submit"`
	Close           json.RawMessage `json:"close"`
	Blocks          json.RawMessage `json:"blocks"`
	CallbackID      string          `json:"callback_id"`
	PrivateMetadata string          `json:"private_metadata"`
	ExternalID      string          `json:"external_id"`
	ClearOnClose    bool            `json:"clear_on_close"`
	NotifyOnClose   bool            `json:"notify_on_close"`
	SubmitDisabled  bool            `json:"submit_disabled"` // of workflow steps: no meaning here
}

// checkView applies the limits to a view of one type, home or modal.
func checkView(raw []byte, kind string) (viewSpec, layout, error) {
	var v viewSpec
	in := json.NewDecoder(bytes.NewReader(raw))
	in.DisallowUnknownFields()
	if err := in.Decode(&v); err != nil {
		return v, layout{}, fmt.Errorf("not a view object: %w", err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return v, layout{}, errors.New("more than a view object")
	}
	switch {
	case v.Type != kind:
		return v, layout{}, fmt.Errorf("/type: %q, must be %q", v.Type, kind)
	case runes(v.CallbackID) > maxCallbackID:
		return v, layout{}, fmt.Errorf("/callback_id: more than %d characters", maxCallbackID)
	case runes(v.ExternalID) > maxExternalID:
		return v, layout{}, fmt.Errorf("/external_id: more than %d characters", maxExternalID)
	case runes(v.PrivateMetadata) > maxMetadata:
		return v, layout{}, fmt.Errorf("/private_metadata: more than %d characters", maxMetadata)
	case absent(v.Blocks):
		return v, layout{}, errors.New("/blocks: missing")
	}
	l, err := checkBlocks(v.Blocks, maxViewBlocks)
	if err != nil {
		return v, layout{}, err
	}
	if l.blocks == nil {
		l.blocks = json.RawMessage("[]")
	}
	if kind != "modal" {
		return v, l, nil
	}
	for _, part := range []struct {
		name string
		raw  json.RawMessage
	}{{"title", v.Title}, {"submit", v.Submit}, {"close", v.Close}} {
		if part.name != "title" && absent(part.raw) {
			continue
		}
		if err := checkText(part.raw, maxViewTitle, "plain_text"); err != nil {
			return v, layout{}, fmt.Errorf("/%s: %w", part.name, err)
		}
	}
	if len(l.fields) > 0 && absent(v.Submit) {
		return v, layout{}, errors.New("/submit: required where there is an input block")
	}
	return v, l, nil
}

func absent(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// readView checks the view of a call.
func (s *Server) readView(c *call, kind string) (*view, []byte, slackError) {
	raw := []byte(c.params.Get("view"))
	if len(raw) > maxViewSize {
		return nil, nil, "view_too_large"
	}
	spec, l, err := checkView(raw, kind)
	if err != nil {
		s.history.add(Record{Kind: KindRefused, Method: c.method, Note: err.Error()})
		return nil, faulty("invalid_arguments", err.Error()), "invalid_arguments"
	}
	return &view{spec: spec, layout: l, sent: raw}, nil, ""
}

// viewsOpen opens a modal for whoever the trigger belongs to. What Slack does
// with a modal that is open already is not documented: here it is gone. A view
// that is refused doesn't use the trigger up.
func (s *Server) viewsOpen(c *call) ([]byte, slackError) { return s.openView(c, false) }

// viewsPush puts a view on top of the person's modal. From where in it the
// trigger comes is not checked.
func (s *Server) viewsPush(c *call) ([]byte, slackError) { return s.openView(c, true) }

func (s *Server) openView(c *call, push bool) ([]byte, slackError) {
	v, refusal, code := s.readView(c, "modal")
	if code != "" {
		return refusal, code
	}
	userID, code := s.board.useTrigger(c.params.Get("trigger_id"))
	if code != "" {
		return nil, code
	}
	opened, code := s.place(userID, v, push)
	if code != "" {
		return nil, code
	}
	s.sawModal(userID, c.method, v.id)
	return okWith("view", opened), ""
}

// viewsUpdate replaces a view that is open, by view_id or external_id. What
// was typed into fields that are still there stays.
func (s *Server) viewsUpdate(c *call) ([]byte, slackError) {
	next, refusal, code := s.readView(c, "modal")
	if code != "" {
		return refusal, code
	}
	id, external := c.params.Get("view_id"), c.params.Get("external_id")
	b := s.modals
	b.mu.Lock()
	userID, v := b.find(func(v *view) bool {
		return id != "" && v.id == id || id == "" && external != "" && v.spec.ExternalID == external
	})
	switch hash := c.params.Get("hash"); {
	case v == nil:
		code = "not_found"
	case hash != "" && hash != v.hash:
		code = "hash_conflict"
	case b.taken(next.spec.ExternalID, v):
		code = "duplicate_external_id"
	}
	if code != "" {
		b.mu.Unlock()
		return nil, code
	}
	v.become(next, s.hash())
	updated := s.viewObject(v)
	id = v.id
	b.mu.Unlock()
	s.sawModal(userID, c.method, id)
	return okWith("view", updated), ""
}

func (s *Server) sawModal(userID, method, viewID string) {
	s.history.add(Record{Kind: KindModal, Method: method, UserID: userID, Note: viewID})
}

// hash is the state of a view.
func (s *Server) hash() string {
	at, _, _ := strings.Cut(s.stamp(), ".")
	return at + "." + secret()[:8]
}

// viewObject is a view on the wire, with what was typed and chosen so far.
// Under the lock of the modals, if the view is one of them or a Home.
func (s *Server) viewObject(v *view) object {
	installed := s.o.TeamID
	if s.o.OrgInstall {
		installed = s.o.EnterpriseID
	}
	var previous any
	if v.previous != "" {
		previous = v.previous
	}
	part := func(raw json.RawMessage) any {
		if absent(raw) {
			return nil
		}
		return raw
	}
	return object{
		"id": v.id, "team_id": v.team, "type": v.spec.Type, "hash": v.hash,
		"title": part(v.spec.Title), "submit": part(v.spec.Submit), "close": part(v.spec.Close), "blocks": v.blocks,
		"callback_id": v.spec.CallbackID, "private_metadata": v.spec.PrivateMetadata, "external_id": v.spec.ExternalID,
		"clear_on_close": v.spec.ClearOnClose, "notify_on_close": v.spec.NotifyOnClose,
		"root_view_id": or(v.root, v.id), "previous_view_id": previous, "app_id": s.o.AppID, "bot_id": "B0STUDIO",
		"app_installed_team_id": installed, "state": object{"values": v.values()},
	}
}

// okWith is {"ok":true} and one more member.
func okWith(name string, value any) []byte {
	body, _ := json.Marshal(object{"ok": true, name: value}) // plain values always marshal
	return body
}
