package slacksim_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// inSeconds is a post_at.
func inSeconds(n int64) int64 { return time.Now().Unix() + n }

// scheduled calls chat.scheduleMessage and returns the scheduled_message_id.
func scheduled(t *testing.T, s *slacksim.Server, params obj, want string) string {
	t.Helper()
	_, answer := post(t, s, "chat.scheduleMessage", s.BotToken(), merged(obj{"channel": "U1", "text": "Soon over.", "post_at": inSeconds(3600)}, params))
	if or(answer["error"]) != want {
		t.Errorf("chat.scheduleMessage %v: %v, want %q", params, answer, want)
	}
	return or(answer["scheduled_message_id"])
}

func unscheduled(t *testing.T, s *slacksim.Server, channel, id, want string) {
	t.Helper()
	_, answer := post(t, s, "chat.deleteScheduledMessage", s.BotToken(), obj{"channel": channel, "scheduled_message_id": id})
	if or(answer["error"]) != want {
		t.Errorf("chat.deleteScheduledMessage: %v, want %q", answer, want)
	}
}

func TestScheduleMessage(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1"})
	post(t, s, "conversations.open", s.BotToken(), obj{"users": "U1"})
	now := inSeconds(0)
	_, answer := post(t, s, "chat.scheduleMessage", s.BotToken(), obj{"channel": "U1", "text": "Soon over.", "post_at": strconv.FormatInt(now+7200, 10), "blocks": targets()})
	later := or(answer["scheduled_message_id"])
	if later == "" || answer["channel"] != "D1" || answer["post_at"] != float64(now+7200) || at(answer, "message", "text") != "Soon over." {
		t.Fatalf("answer %v", answer)
	}
	sooner := scheduled(t, s, obj{"channel": "C0GENERAL"}, "")
	list := s.Scheduled()
	if len(list) != 2 || list[0].ID != sooner || list[0].UserID != "" || list[1].ID != later || list[1].UserID != "U1" || list[1].ChannelID != "D1" || list[1].At.Unix() != now+7200 {
		t.Errorf("waiting: %+v", list)
	}
	if len(s.Messages("U1")) != 0 {
		t.Error("a message came before its time")
	}
	m, err := s.PostScheduled(later)
	if err != nil || m.Source != slacksim.SourceSchedule || m.UserID != "U1" || m.Text != "Soon over." || len(m.Buttons()) != 2 || len(m.Menus()) != 2 {
		t.Errorf("posted %+v, %v", m, err)
	}
	if _, err := s.PostScheduled(later); !errors.Is(err, slacksim.ErrNoScheduled) {
		t.Errorf("twice: %v", err)
	}
	unscheduled(t, s, "U1", later, "invalid_scheduled_message_id")
	unscheduled(t, s, "U1", sooner, "invalid_scheduled_message_id")
	unscheduled(t, s, "C404", sooner, "channel_not_found")
	unscheduled(t, s, "C0GENERAL", sooner, "")
	if _, err := s.PostScheduled(sooner); !errors.Is(err, slacksim.ErrNoScheduled) || len(s.Scheduled()) != 0 {
		t.Errorf("taken back: %v, %+v", err, s.Scheduled())
	}
	if seen := s.Messages("U1"); len(seen) != 1 || seen[0].ID != m.ID {
		t.Errorf("seen %+v", seen)
	}
}

func TestScheduledMessageComesByItself(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1"})
	id := scheduled(t, s, obj{"post_at": inSeconds(2)}, "")
	unscheduled(t, s, "U1", id, "invalid_scheduled_message_id") // less than a minute before
	if r := wait(t, s, slacksim.KindShown); r.Method != slacksim.SourceSchedule || r.UserID != "U1" || len(s.Scheduled()) != 0 {
		t.Errorf("record %+v, waiting %+v", r, s.Scheduled())
	}
}

func TestScheduleLimits(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{NoRateLimits: true})
	s.AddPeople(slacksim.Person{ID: "U1"})
	const days = 24 * 3600
	for _, tt := range []struct {
		want   string
		params obj
	}{
		{"", obj{"post_at": inSeconds(119 * days)}},
		{"time_too_far", obj{"post_at": inSeconds(120*days + 60)}},
		{"time_too_far", obj{"post_at": int64(1) << 62}},
		{"time_in_past", obj{"post_at": inSeconds(-1)}},
		{"time_in_past", obj{"post_at": -(int64(1) << 62)}},
		{"invalid_time", obj{"post_at": "tomorrow"}},
		{"invalid_time", obj{"post_at": nil}},
		{"invalid_time", obj{"post_at": 1.5}},
		{"channel_not_found", obj{"channel": "C404"}},
		{"no_text", obj{"text": ""}},
		{"msg_too_long", obj{"text": xs(40001)}},
		{"invalid_blocks", obj{"blocks": []any{actions()}}},
	} {
		scheduled(t, s, tt.params, tt.want)
	}
	at := inSeconds(7200)
	for i := range int64(30) {
		scheduled(t, s, obj{"post_at": at + i}, "")
	}
	scheduled(t, s, obj{"post_at": at + 200}, "restricted_too_many")
	scheduled(t, s, obj{"post_at": at - 200}, "restricted_too_many")
	scheduled(t, s, obj{"post_at": at + 300}, "")
	scheduled(t, s, obj{"post_at": at + 200, "channel": "C0GENERAL"}, "")
}

func TestScheduledWhereTheAppIsGone(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddChannel(slacksim.Channel{ID: "C1", BotMember: true, Members: []string{"U1"}})
	id := scheduled(t, s, obj{"channel": "C1"}, "")
	s.AddChannel(slacksim.Channel{ID: "C1", Members: []string{"U1"}})
	if _, err := s.PostScheduled(id); !errors.Is(err, slacksim.ErrNoScheduled) || len(s.Messages("U1")) != 0 {
		t.Errorf("posted: %v, %+v", err, s.Messages("U1"))
	}
	if r := wait(t, s, slacksim.KindUnscheduled); r.Note != id || r.ChannelID != "C1" {
		t.Errorf("record %+v", r)
	}
	narrow := start(t, slacksim.Options{Scopes: []string{"users:read"}})
	scheduled(t, narrow, obj{}, "missing_scope")
	limited := start(t, slacksim.Options{RateLimits: map[string]int{"chat.scheduleMessage": 1}})
	limited.AddPeople(slacksim.Person{ID: "U1"})
	scheduled(t, limited, obj{}, "")
	scheduled(t, limited, obj{}, "ratelimited")
}
