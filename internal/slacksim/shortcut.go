package slacksim

import (
	"context"
	"encoding/json"
)

// Shortcut lets a person use a global shortcut, and waits until the app has
// acknowledged it or its time is over. There is no channel and no
// response_url: the app answers with a modal or a direct message. It fails
// with the error of ctx.
func (s *Server) Shortcut(ctx context.Context, userID, callbackID string) (*Answer, error) {
	return s.StartShortcut(userID, callbackID).Wait(ctx)
}

// StartShortcut is Shortcut without waiting.
//
// The payload has no api_app_id, and its user no name: neither is in Slack's
// documentation of shortcuts nor in what others have captured, which also has
// accepts_response_payload false.
func (s *Server) StartShortcut(userID, callbackID string) *Pending {
	payload := s.interaction("shortcut", userID, s.home(userID))
	delete(payload, "api_app_id")
	payload["user"] = object{"id": userID, "username": s.userName(userID), "team_id": s.home(userID)}
	payload["callback_id"], payload["trigger_id"], payload["action_ts"] = callbackID, s.trigger(userID), s.stamp()
	body, _ := json.Marshal(payload) // strings always marshal
	return s.send(newEnvelope("interactive", userID, body, false))
}
