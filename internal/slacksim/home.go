package slacksim

import (
	"context"
	"encoding/json"
)

// HomeTab is the Home of the app, as one person sees it.
type HomeTab struct {
	ID, Hash, CallbackID string
	// View is as the app sent it, Blocks has the IDs that Slack adds.
	View, Blocks json.RawMessage

	buttons []Button
	menus   []Menu
}

// Buttons returns the buttons from top to bottom; the index is what PressHome
// takes.
func (h HomeTab) Buttons() []Button { return append([]Button(nil), h.buttons...) }

// Menus returns the menus from top to bottom; the index is what ChooseHome
// takes.
func (h HomeTab) Menus() []Menu { return cloned(h.menus) }

// HomeTab returns what was last published for a person, if anything was.
func (s *Server) HomeTab(userID string) (HomeTab, bool) {
	s.modals.mu.Lock()
	defer s.modals.mu.Unlock()
	v, published := s.modals.homes[userID]
	if !published {
		return HomeTab{}, false
	}
	return HomeTab{
		ID: v.id, Hash: v.hash, CallbackID: v.spec.CallbackID, View: v.sent, Blocks: v.blocks, buttons: v.buttons, menus: v.menus,
	}, true
}

// Home returns the view last published for a person, nil if there is none.
func (s *Server) Home(userID string) json.RawMessage {
	h, _ := s.HomeTab(userID)
	return h.View
}

// OpenHome lets a person open the Home of the app, and waits until the app has
// acknowledged app_home_opened or its time is over: what is published because
// of it comes later, see KindHome. The event brings the view where one was
// published before. It fails with the error of ctx.
func (s *Server) OpenHome(ctx context.Context, userID string) (*Answer, error) {
	s.inbox.open(dm(userID), userID) // the app's page has the direct messages too
	event := object{
		"type": "app_home_opened", "user": userID, "channel": dm(userID), "tab": "home", "event_ts": s.stamp(),
	}
	if view := s.homeObject(userID); view != nil {
		event["view"] = view
	}
	body, _ := json.Marshal(event) // strings and checked blocks always marshal
	return s.sendEvent(body, s.people.team(s.home(userID))).Wait(ctx)
}

// homeObject is a person's Home on the wire, nil if there is none.
func (s *Server) homeObject(userID string) object {
	s.modals.mu.Lock()
	defer s.modals.mu.Unlock()
	v, published := s.modals.homes[userID]
	if !published {
		return nil
	}
	return s.viewObject(v)
}

// shown returns a person's Home, or a view of their modal, by its ID. Under the
// lock.
func (b *modalBook) shown(userID, viewID string) *view {
	if home, published := b.homes[userID]; published && home.id == viewID {
		return home
	}
	for _, v := range b.stacks[userID] {
		if v.id == viewID {
			return v
		}
	}
	return nil
}

// shownObject is that view on the wire, nil if it isn't there.
func (s *Server) shownObject(userID, viewID string) object {
	s.modals.mu.Lock()
	defer s.modals.mu.Unlock()
	v := s.modals.shown(userID, viewID)
	if v == nil {
		return nil
	}
	return s.viewObject(v)
}

// viewsPublish shows a view as the Home of a person. That the view keeps its
// ID from then on is not documented. A hash has to be the one of the view that
// is there: an empty one is too, and none at all is how to go without
// (slack-go/slack#1462). What Slack says to the hash of a first view is not
// documented; here it is a conflict.
func (s *Server) viewsPublish(c *call) ([]byte, slackError) {
	userID := c.params.Get("user_id")
	if _, known := s.people.get(userID); !known {
		return nil, "user_not_found"
	}
	next, refusal, code := s.readView(c, "home")
	if code != "" {
		return refusal, code
	}
	b := s.modals
	b.mu.Lock()
	v := b.homes[userID]
	switch {
	case c.params.Has("hash") && (v == nil || c.params.Get("hash") != v.hash):
		code = "hash_conflict"
	case b.taken(next.spec.ExternalID, v):
		code = "duplicate_external_id"
	}
	if code != "" {
		b.mu.Unlock()
		return nil, code
	}
	if v == nil {
		v = next
		v.id, v.hash, v.team = s.slackID("V"), s.hash(), s.people.team(s.home(userID))
		b.homes[userID] = v
	} else {
		v.become(next, s.hash())
	}
	published, id := s.viewObject(v), v.id
	b.mu.Unlock()
	s.history.add(Record{Kind: KindHome, Method: c.method, UserID: userID, Note: id})
	return okWith("view", published), ""
}
