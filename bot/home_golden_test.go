package bot

import (
	"context"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/studiobot/studiobot/studio"
)

// nobody is reminded.
type nobody struct{}

func (nobody) Remind(context.Context, studio.Person, bool) error      { return nil }
func (nobody) Reminding(context.Context, studio.Person) (bool, error) { return false, nil }

// noticeMessages is what people are told unasked, and of reminders.
func noticeMessages(o Options) map[string]message {
	n := studio.Notice{
		Person: studio.Person{Team: "T0ACME", User: "U0JANE"}, Ends: time.Unix(1763980000, 0),
		Option: studio.Option{Domain: "prod", Label: "Prod & <live>", Profile: "jane-doe"},
	}
	p := request{person: n.Person}
	out := map[string]message{
		"told_ends":       endsMessage(o, n),
		"told_ready":      becameMessage(o, n, nil),
		"told_not_ready":  becameMessage(o, n, studio.ErrPending),
		"told_broken":     becameMessage(o, n, studio.ErrBroken),
		"told_gone":       becameMessage(o, n, studio.ErrNoProfile),
		"told_stopped":    becameMessage(o, n, studio.ErrStopped),
		"no_window":       noWindowMessage(),
		"remind_on":       notice(remindWords(true, false)),
		"remind_on_now":   notice(remindWords(true, true)),
		"remind_off":      notice(remindWords(false, false)),
		"remind_unsure":   notice(wordsRemindUnsure),
		"remind_refused":  refusalMessage(o, refusal(studio.ErrNotMapped), p),
		"told_ready_code": becameMessage(o, studio.Notice{Option: studio.Option{Domain: "prod", Label: "Prod", Profile: "p", Target: studio.Code}}, nil),
	}
	return out
}

// homeViews is every Home, and the modals that answer from it.
func homeViews(o Options) map[string]any {
	jane := studio.Person{Team: "T0ACME", User: "U0JANE"}
	var many []studio.Option
	for _, l := range issuedLinks(25).Links {
		many = append(many, l.Option)
	}
	on, off := true, false
	own := []signIn{{o.Domains[1], "https://d-prod.studio.us-west-2.sagemaker.aws"}}
	refused := refusal(studio.ErrNotMapped)
	o.Requests = &struct{ Requests }{}
	all := everything()
	return map[string]any{
		"home_one":       homeView(o, homeState{person: jane, options: many[:1], reminding: &off}),
		"home_two":       homeView(o, homeState{person: jane, options: many[:2], reminding: &on, unsure: []string{"Prod & <live>"}}),
		"home_many":      homeView(o, homeState{person: jane, options: many}),
		"home_sign_in":   homeView(o, homeState{person: jane, options: many[:1], signIns: own}),
		"home_only_own":  homeView(o, homeState{person: jane, signIns: own}),
		"home_books":     homeView(o, homeState{person: jane, named: true}),
		"home_unlooked":  homeView(o, homeState{person: jane, options: many[:1], running: &studio.Running{}}),
		"home_running":   homeView(withPrices(o), homeState{person: jane, options: many[:1], running: &all, looked: true, now: at, reminding: &off}),
		"home_refused":   homeView(o, homeState{person: jane, refused: &refused}),
		"open_ready":     messageView(readyMessage(o, issuedLinks(1), nil, nil)),
		"asking":         messageView(notice(wordsAsking)),
		"open_not_yours": messageView(refusalMessage(o, refused, request{person: jane})),
	}
}

// A Home is kept by Slack, and its digest tells whether it shows what it would
// show now.
func TestHomeHoldsNoLinkAndKnowsItself(t *testing.T) {
	t.Parallel()
	o := golden()
	jane := studio.Person{Team: "T0ACME", User: "U0JANE"}
	option := issuedLinks(1).Links[0].Option
	one := homeView(o, homeState{person: jane, options: []studio.Option{option}})
	if again := homeView(o, homeState{person: jane, options: []studio.Option{option}}); again.PrivateMetadata != one.PrivateMetadata || len(one.PrivateMetadata) != 24 {
		t.Errorf("the same Home has the digests %q and %q", one.PrivateMetadata, again.PrivateMetadata)
	}
	option.Profile = "john"
	if other := homeView(o, homeState{person: jane, options: []studio.Option{option}}); other.PrivateMetadata == one.PrivateMetadata {
		t.Error("another Home has the same digest")
	}
	for _, b := range one.Blocks.BlockSet {
		actions, ok := b.(*slack.ActionBlock)
		if !ok {
			continue
		}
		for _, e := range actions.Elements.ElementSet {
			if b, ok := e.(*slack.ButtonBlockElement); ok && b.URL != "" {
				t.Errorf("a button of the Home has the address %q", b.URL)
			}
		}
	}
}
