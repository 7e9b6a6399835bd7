package slacksim_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

type limitTest struct {
	name string
	good bool
	view any
}

// limits opens each of the views.
func limits(t *testing.T, tests []limitTest) {
	t.Helper()
	s := start(t, slacksim.Options{NoRateLimits: true})
	a := connect(t, s)
	for _, tt := range tests {
		want := ""
		if !tt.good {
			want = "invalid_arguments"
		}
		_, answer := post(t, s, "views.open", s.BotToken(), obj{"trigger_id": trigger(t, s, a, "U1"), "view": tt.view})
		if or(answer["error"]) != want {
			t.Errorf("%s: %v", tt.name, answer)
		}
		if _, open := s.Modal("U1"); open != tt.good {
			t.Errorf("%s: shown: %v", tt.name, open)
		} else if open {
			if _, err := s.CloseModal(within(t), "U1"); err != nil {
				t.Error(err)
			}
		}
	}
}

// field is a view with one input block.
func field(element, extra obj) obj { return form(obj{"blocks": []any{input("b", element, extra)}}) }

func TestViewLimits(t *testing.T) {
	t.Parallel()
	divider := obj{"type": "divider"}
	dividers := func(n int) []any { return many(n, func(int) obj { return divider }) }
	limits(t, []limitTest{
		{"title of 24", true, form(obj{"title": plain(xs(24))})},
		{"title of 25", false, form(obj{"title": plain(xs(25))})},
		{"no title", false, form(obj{"title": nil})},
		{"title in mrkdwn", false, form(obj{"title": mrkdwn("x")})},
		{"submit of 25", false, form(obj{"submit": plain(xs(25))})},
		{"close of 24", true, form(obj{"close": plain(xs(24))})},
		{"close of 25", false, form(obj{"close": plain(xs(25))})},
		{"fields and no submit", false, form(obj{"submit": nil})},
		{"neither fields nor submit", true, form(obj{"submit": nil, "blocks": []any{divider}})},
		{"callback_id of 255", true, form(obj{"callback_id": xs(255)})},
		{"callback_id of 256", false, form(obj{"callback_id": xs(256)})},
		{"external_id of 256", false, form(obj{"external_id": xs(256)})},
		{"private_metadata of 3000", true, form(obj{"private_metadata": xs(3000)})},
		{"private_metadata of 3001", false, form(obj{"private_metadata": xs(3001)})},
		{"100 blocks", true, form(obj{"blocks": dividers(100)})},
		{"101 blocks", false, form(obj{"blocks": dividers(101)})},
		{"no blocks", false, form(obj{"blocks": nil})},
		{"a home", false, obj{"type": "home", "blocks": []any{divider}}},
		{"an unknown member", false, form(obj{"colour": "red"})},
		{"a member of the wrong type", false, form(obj{"callback_id": 7})},
		{"no object", false, "modal"},
		{"two objects", false, `{"type":"modal"}{}`},
	})
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	big := form(obj{"blocks": []any{obj{"type": "markdown", "text": strings.Repeat("x", 250_000)}}})
	if _, answer := post(t, s, "views.open", s.BotToken(), obj{"trigger_id": trigger(t, s, a, "U1"), "view": big}); answer["error"] != "view_too_large" {
		t.Errorf("large: %v", answer["error"])
	}
}

func TestInputLimits(t *testing.T) {
	t.Parallel()
	limits(t, []limitTest{
		{"no label", false, field(typed("x", nil), obj{"label": nil})},
		{"label of 2001", false, field(typed("x", nil), obj{"label": plain(xs(2001))})},
		{"label in mrkdwn", false, field(typed("x", nil), obj{"label": mrkdwn("x")})},
		{"hint of 2000", true, field(typed("x", nil), obj{"hint": plain(xs(2000))})},
		{"hint of 2001", false, field(typed("x", nil), obj{"hint": plain(xs(2001))})},
		{"no element", false, field(nil, obj{"element": nil})},
		{"no action_id", true, field(obj{"type": "plain_text_input"}, nil)},
		{"action_id of 256", false, field(typed(xs(256), nil), nil)},
		{"placeholder of 150", true, field(typed("x", obj{"placeholder": plain(xs(150))}), nil)},
		{"placeholder of 151", false, field(typed("x", obj{"placeholder": plain(xs(151))}), nil)},
		{"initial_value of 3000", true, field(typed("x", obj{"initial_value": xs(3000)}), nil)},
		{"initial_value of 3001", false, field(typed("x", obj{"initial_value": xs(3001)}), nil)},
		{"max_length 3000", true, field(typed("x", obj{"max_length": 3000}), nil)},
		{"max_length 3001", false, field(typed("x", obj{"max_length": 3001}), nil)},
		{"max_length 0", false, field(typed("x", obj{"max_length": 0}), nil)},
		{"min_length -1", false, field(typed("x", obj{"min_length": -1}), nil)},
		{"min_length 3001", false, field(typed("x", obj{"min_length": 3001}), nil)},
		{"min above max", false, field(typed("x", obj{"min_length": 3, "max_length": 2}), nil)},
		{"multiline of the wrong type", false, field(typed("x", obj{"multiline": "yes"}), nil)},
		{"initial_user", true, field(obj{"type": "users_select", "initial_user": "U1"}, nil)},
		{"users_select with a long placeholder", false, field(obj{"type": "users_select", "placeholder": plain(xs(151))}, nil)},
		{"an element the simulator can't fill in", false, field(obj{"type": "datepicker", "action_id": "x"}, nil)},
		{"a button as input", false, field(button(nil), nil)},
	})
}

func TestMenuLimits(t *testing.T) {
	t.Parallel()
	values := func(n int) []string {
		all := make([]string, n)
		for i := range all {
			all[i] = "v" + strconv.Itoa(i)
		}
		return all
	}
	one := func(option obj) obj { return field(obj{"type": "static_select", "options": []any{option}}, nil) }
	groups := func(label string, values ...string) obj {
		return obj{"type": "static_select", "option_groups": []any{obj{"label": plain(label), "options": menu("", values...)["options"]}}}
	}
	limits(t, []limitTest{
		{"100 options", true, field(menu("x", values(100)...), nil)},
		{"101 options", false, field(menu("x", values(101)...), nil)},
		{"no options", false, field(menu("x"), nil)},
		{"neither options nor groups", false, field(obj{"type": "static_select"}, nil)},
		{"both", false, field(merged(menu("x", "a"), groups("g", "b")), nil)},
		{"value of 150", true, one(obj{"text": plain("x"), "value": xs(150)})},
		{"value of 151", false, one(obj{"text": plain("x"), "value": xs(151)})},
		{"no value", false, one(obj{"text": plain("x")})},
		{"option text of 75", true, one(obj{"text": plain(xs(75)), "value": "v"})},
		{"option text of 76", false, one(obj{"text": plain(xs(76)), "value": "v"})},
		{"description of 76", false, one(merged(option("v"), obj{"description": plain(xs(76))}))},
		{"group", true, field(groups(xs(75), "a"), nil)},
		{"group label of 76", false, field(groups(xs(76), "a"), nil)},
		{"empty group", false, field(groups("g"), nil)},
		{"no groups", false, field(obj{"type": "static_select", "option_groups": []any{}}, nil)},
		{"initial_option", true, field(merged(menu("x", "a", "b"), obj{"initial_option": option("b")}), nil)},
		{"initial_option of none", false, field(merged(menu("x", "a", "b"), obj{"initial_option": option("c")}), nil)},
		{"initial_option of another text", false, field(merged(menu("x", "a"), obj{"initial_option": obj{"text": plain("x"), "value": "a"}}), nil)},
	})
}

func TestMenusOfMessages(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	for want, element := range map[string]obj{"": menu("x", "a"), "invalid_blocks": menu("x")} {
		_, answer := post(t, s, "chat.postMessage", s.BotToken(), obj{"channel": "C0GENERAL", "text": "x", "blocks": []any{actions(element)}})
		if or(answer["error"]) != want {
			t.Errorf("%v: %v", element, answer)
		}
	}
}
