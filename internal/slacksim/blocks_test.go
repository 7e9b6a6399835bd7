package slacksim_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

type obj = map[string]any

func plain(text string) obj { return obj{"type": "plain_text", "text": text} }

func mrkdwn(text string) obj { return obj{"type": "mrkdwn", "text": text} }

func button(change obj) obj {
	b := obj{"type": "button", "text": plain("Open"), "action_id": "open"}
	for name, v := range change {
		b[name] = v
	}
	return b
}

func actions(elements ...any) obj { return obj{"type": "actions", "elements": elements} }

func many(n int, of func(int) obj) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = of(i)
	}
	return list
}

func buttons(n int) []any {
	return many(n, func(i int) obj { return button(obj{"action_id": fmt.Sprint("a", i)}) })
}

func xs(n int) string { return strings.Repeat("é", n) } // characters count, not bytes

// limit is a case at the edge: one message that fits and one that doesn't.
type limit struct {
	name    string
	fits    []any
	exceeds []any
}

func checkLimits(t *testing.T, limits []limit) {
	t.Helper()
	for _, tt := range limits {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, slacksim.Options{})
			s.AddPeople(slacksim.Person{ID: "U1"})
			for want, blocks := range map[string][]any{"": tt.fits, "invalid_blocks": tt.exceeds} {
				_, answer := post(t, s, "chat.postMessage", s.BotToken(), obj{"channel": "U1", "text": "x", "blocks": blocks})
				if or(answer["error"]) != want {
					t.Errorf("want %q, got %q: %s", want, or(answer["error"]), refusal(s))
				}
			}
			if len(s.Messages("U1")) != 1 || refusal(s) == "" {
				t.Error("the refused message is shown, or its refusal not recorded")
			}
		})
	}
}

func TestBlockLimits(t *testing.T) {
	t.Parallel()
	section := func(n int) obj { return obj{"type": "section", "text": mrkdwn(xs(n))} }
	divider := func(int) obj { return obj{"type": "divider"} }
	checkLimits(t, []limit{
		{name: "blocks", fits: many(50, divider), exceeds: many(51, divider)},
		{name: "section text", fits: []any{section(3000)}, exceeds: []any{section(3001)}},
		{name: "section text of nothing", fits: []any{section(1)}, exceeds: []any{section(0)}},
		{name: "fields", fits: []any{obj{"type": "section", "fields": many(10, func(int) obj { return plain(xs(2000)) })}},
			exceeds: []any{obj{"type": "section", "fields": many(11, func(int) obj { return plain("x") })}}},
		{name: "field text", fits: []any{obj{"type": "section", "fields": []any{mrkdwn(xs(2000))}}},
			exceeds: []any{obj{"type": "section", "fields": []any{mrkdwn(xs(2001))}}}},
		{name: "section of nothing", fits: []any{section(2)}, exceeds: []any{obj{"type": "section"}}},
		{name: "header", fits: []any{obj{"type": "header", "text": plain(xs(150))}}, exceeds: []any{obj{"type": "header", "text": plain(xs(151))}}},
		{name: "header type", fits: []any{obj{"type": "header", "text": plain("x")}}, exceeds: []any{obj{"type": "header", "text": mrkdwn("x")}}},
		{name: "context", fits: []any{obj{"type": "context", "elements": many(10, func(int) obj { return mrkdwn("x") })}},
			exceeds: []any{obj{"type": "context", "elements": many(11, func(int) obj { return mrkdwn("x") })}}},
		{name: "context of nothing", fits: []any{obj{"type": "context", "elements": []any{plain("x")}}},
			exceeds: []any{obj{"type": "context", "elements": []any{}}}},
		{name: "no elements", fits: []any{actions(buttons(1)...)}, exceeds: []any{actions()}},
		{name: "block_id", fits: []any{obj{"type": "divider", "block_id": xs(255)}}, exceeds: []any{obj{"type": "divider", "block_id": xs(256)}}},
		{name: "block_id twice", fits: []any{obj{"type": "divider", "block_id": "a"}, obj{"type": "divider", "block_id": "b"}},
			exceeds: []any{obj{"type": "divider", "block_id": "a"}, obj{"type": "divider", "block_id": "a"}}},
		{name: "accessory", fits: []any{obj{"type": "section", "text": mrkdwn("x"), "accessory": button(nil)}},
			exceeds: []any{obj{"type": "section", "text": mrkdwn("x"), "accessory": obj{"type": "lever"}}}},
		{name: "image", fits: []any{obj{"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a"}},
			exceeds: []any{obj{"type": "image", "image_url": "https://x.example/a.png"}}},
		{name: "type", fits: []any{obj{"type": "rich_text", "elements": []any{}}}, exceeds: []any{obj{"type": "hologram"}}},
		{name: "object", fits: []any{divider(0)}, exceeds: []any{7}},
	})
}

func TestElementLimits(t *testing.T) {
	t.Parallel()
	confirm := func(title, text, button int) obj {
		return obj{"confirm": obj{"title": plain(xs(title)), "text": mrkdwn(xs(text)), "confirm": plain(xs(button)), "deny": plain("No")}}
	}
	address := func(n int) string { return "https://x.example/" + strings.Repeat("a", n-len("https://x.example/")) }
	checkLimits(t, []limit{
		{name: "elements", fits: []any{actions(buttons(25)...)}, exceeds: []any{actions(buttons(26)...)}},
		{name: "button text", fits: []any{actions(button(obj{"text": plain(xs(75))}))}, exceeds: []any{actions(button(obj{"text": plain(xs(76))}))}},
		{name: "button text type", fits: []any{actions(button(nil))}, exceeds: []any{actions(button(obj{"text": mrkdwn("x")}))}},
		{name: "button url", fits: []any{actions(button(obj{"url": address(3000)}))}, exceeds: []any{actions(button(obj{"url": address(3001)}))}},
		{name: "button url form", fits: []any{actions(button(obj{"url": "http://127.0.0.1:8080/launch/x"}))}, exceeds: []any{actions(button(obj{"url": "launch"}))}},
		{name: "button value", fits: []any{actions(button(obj{"value": xs(2000)}))}, exceeds: []any{actions(button(obj{"value": xs(2001)}))}},
		{name: "button label", fits: []any{actions(button(obj{"accessibility_label": xs(75)}))}, exceeds: []any{actions(button(obj{"accessibility_label": xs(76)}))}},
		{name: "button style", fits: []any{actions(button(obj{"style": "danger"}))}, exceeds: []any{actions(button(obj{"style": "loud"}))}},
		{name: "action_id", fits: []any{actions(button(obj{"action_id": xs(255)}))}, exceeds: []any{actions(button(obj{"action_id": xs(256)}))}},
		{name: "action_id twice", fits: []any{actions(button(nil)), actions(button(obj{"action_id": "other"}))}, exceeds: []any{actions(button(nil)), actions(button(nil))}},
		{name: "confirm title", fits: []any{actions(button(confirm(100, 300, 30)))}, exceeds: []any{actions(button(confirm(101, 300, 30)))}},
		{name: "confirm text", fits: []any{actions(button(confirm(1, 300, 1)))}, exceeds: []any{actions(button(confirm(1, 301, 1)))}},
		{name: "confirm button", fits: []any{actions(button(confirm(1, 1, 30)))}, exceeds: []any{actions(button(confirm(1, 1, 31)))}},
		{name: "element type", fits: []any{actions(obj{"type": "users_select", "action_id": "who"})}, exceeds: []any{actions(obj{"type": "lever"})}},
	})
}

func refusal(s *slacksim.Server) string {
	for _, r := range s.History() {
		if r.Kind == slacksim.KindRefused {
			return r.Note
		}
	}
	return ""
}

func TestBlocksGetTheirIDs(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1"})
	post(t, s, "chat.postMessage", s.BotToken(), obj{"channel": "U1", "text": "x", "blocks": []any{
		obj{"type": "section", "text": plain("x"), "accessory": button(obj{"action_id": "first"})},
		actions(obj{"type": "button", "text": plain("Second")}),
	}})
	m := s.Messages("U1")[0]
	var blocks []struct {
		BlockID string `json:"block_id"`
	}
	if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
		t.Fatal(err)
	}
	found := m.Buttons()
	if len(found) != 2 || found[0].ActionID != "first" || found[0].BlockID != blocks[0].BlockID ||
		found[1].BlockID != blocks[1].BlockID || found[1].ActionID == "" || blocks[0].BlockID == blocks[1].BlockID {
		t.Errorf("buttons %+v in %s", found, m.Blocks)
	}
}
