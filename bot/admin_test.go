package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/studio"
)

var jane, ann = studio.Person{Team: "T0ACME", User: "U0JANE"}, studio.Person{Team: "T0ACME", User: "U0ANN"}

// explanation has a word of every kind.
func explanation() studio.Explanation {
	return studio.Explanation{Person: jane, Known: true, Domains: []studio.DomainExplanation{
		{Domain: "research", Profile: "jane-doe", Source: 2, Words: []studio.SourceWord{
			{Source: 1, Name: "users.yaml"},
			{Source: 2, Name: "tag slack-user-id", Profile: "jane-doe", Origin: "tag slack-user-id on jane-doe", Age: 7*time.Minute + 40*time.Second, Aged: true},
			{Source: 3, Name: "e-mail address", Why: "the confirmed address jane.doe@example.com makes jane-doe, which doesn't exist in research"},
			{Source: 4, Name: "table", Profile: "j<doe>", Origin: "table, linked by U0ANN on 2026-11-24"},
		}},
		{Domain: "prod", Err: studio.ErrConflict, Source: 1, Words: []studio.SourceWord{
			{Source: 1, Name: "tag slack-user-id", Err: studio.ErrConflict, Origin: "tags on jane and jdoe"},
			{Source: 2, Name: "table", Err: studio.ErrDenied, Origin: "table"},
			{Source: 3, Name: "users.csv", Err: studio.ErrUnsure},
		}},
		{Domain: "gone", Err: studio.ErrNotInGroup},
		{Domain: "away", Err: studio.ErrUnsure},
		{Domain: "denied", Err: studio.ErrDenied, Source: 1, Words: []studio.SourceWord{{Source: 1, Name: "users.yaml", Err: studio.ErrDenied, Origin: "users.yaml:7"}}},
		{Domain: "none", Err: studio.ErrNotMapped},
	}}
}

// adminMessages is every message that only admins get.
func adminMessages(o Options) map[string]message {
	link := adminCommand{verb: "link", person: "U0JANE", profile: "jane-doe", domain: "prod"}
	refused, unknown := explanation(), explanation()
	refused.Refused, unknown.Known = studio.ErrGuest, false
	refused.Domains, unknown.Domains = nil, unknown.Domains[:1]
	var rows []studio.Granted
	for i := range 25 {
		rows = append(rows, studio.Granted{Person: studio.Person{User: fmt.Sprintf("U0P%d", i)}, Domain: "prod", Profile: "p-" + strings.Repeat("x", 60), Origin: "users.csv:" + strings.Repeat("9", 200)})
	}
	long := explanation()
	for range 30 {
		long.Domains = append(long.Domains, studio.DomainExplanation{Domain: "research", Err: studio.ErrNotMapped, Words: []studio.SourceWord{{Source: 1, Name: "x", Why: strings.Repeat("why ", 400)}}})
	}
	out := map[string]message{
		"admin_help":           adminHelp(o, false),
		"admin_unclear":        adminHelp(o, true),
		"admin_linked":         linkedMessage(o, jane, link, studio.Linked{}),
		"admin_linked_refused": linkedMessage(o, jane, link, studio.Linked{Refused: studio.ErrGuest}),
		"admin_linked_barred":  linkedMessage(o, jane, link, studio.Linked{Barred: studio.ErrNotInGroup}),
		"admin_linked_again":   linkedMessage(o, jane, link, studio.Linked{Before: "Jane-Doe"}),
		"admin_linked_notes":   linkedMessage(o, jane, link, studio.Linked{Before: "deny", Missing: true, Others: []studio.Person{ann, jane}, Behind: "users.yaml:12"}),
		"admin_unlinked":       unlinkedMessage(o, jane, []studio.Granted{{Domain: "prod", Profile: "jane-doe"}, {Denied: true}}, explanation()),
		"admin_unlinked_none":  unlinkedMessage(o, jane, nil, explanation()),
		"admin_who":            whoMessage(o, explanation()),
		"admin_who_refused":    whoMessage(o, refused),
		"admin_who_unknown":    whoMessage(o, unknown),
		"admin_who_long":       whoMessage(o, long),
		"admin_list":           listMessage(o, []studio.Granted{{Person: jane, Domain: "prod", Profile: "jane-doe", Origin: "users.yaml:3"}, {Person: ann, Denied: true, Origin: "table"}, {Person: ann, Domain: "prod", Origin: "tag slack-user-id on ann and ann-b"}}, 0, true),
		"admin_list_end":       listMessage(o, nil, 7, false),
		"admin_list_long":      listMessage(o, rows, 1, false),
		"admin_no_name":        notice(wordsNoProfileName),
		"admin_no_requests":    notice(wordsNoRequests),
		"admin_internal_error": notice(adminRefusal(errUsage)),
	}
	for name, err := range map[string]error{"deactivated": studio.ErrDeactivated, "not_a_person": studio.ErrNotPerson, "stranger": studio.ErrStranger,
		"nobody": studio.ErrUnknownPerson, "no_group": studio.ErrNotInGroup, "unsure": studio.ErrUnsure} {
		x := refused
		x.Refused = err
		out["admin_who_"+name] = whoMessage(o, x)
	}
	for name, err := range map[string]error{"no_table": studio.ErrNoTable, "invalid": studio.ErrInvalid, "oneself": studio.ErrOwnRequest, "unsure": studio.ErrUnsure} {
		out["admin_refused_"+name] = notice(adminRefusal(err))
	}
	return out
}

func TestParseAdmin(t *testing.T) {
	t.Parallel()
	domains := []string{"research", "prod"}
	for text, want := range map[string]adminCommand{
		"":                               {verb: "help"},
		"help":                           {verb: "help"},
		"requests":                       {verb: "requests"},
		"list":                           {verb: "list"},
		"list 3":                         {verb: "list", page: 2},
		"WHO <@U0JANE|jane>":             {verb: "who", person: "U0JANE"},
		"who <@W0JANE>":                  {verb: "who", person: "W0JANE"},
		"who U0JANE":                     {verb: "who", person: "U0JANE"},
		"unlink <@U0JANE|j>":             {verb: "unlink", person: "U0JANE"},
		"unlink <@U0JANE|j> Prod":        {verb: "unlink", person: "U0JANE", domain: "prod"},
		"link <@U0JANE|j> jane-doe":      {verb: "link", person: "U0JANE", profile: "jane-doe", domain: "research"},
		"link U0JANE jane-doe PROD":      {verb: "link", person: "U0JANE", profile: "jane-doe", domain: "prod"},
		"link U0JANE not.valid":          {verb: "link", person: "U0JANE", profile: "not.valid", domain: "research"}, // its own words
		"who":                            {},
		"who jane":                       {},
		"who @jane":                      {},
		"who <@U0JANE|a|b>":              {},
		"who <@U0JANE|jane> prod":        {},
		"who <!channel>":                 {},
		"who <@U0JANE":                   {},
		"who <#C0ML|ml>":                 {},
		"link U0JANE":                    {},
		"link jane-doe U0JANE":           {},
		"link U0JANE jane-doe elsewhere": {},
		"link U0JANE jane-doe prod x":    {},
		"unlink U0JANE elsewhere":        {},
		"list 0":                         {},
		"list -1":                        {},
		"list 1 2":                       {},
		"list 99999999999999999999":      {},
		"delete U0JANE":                  {},
	} {
		got, err := parseAdmin(strings.Fields(text), domains)
		if (err != nil) != (want.verb == "") || err == nil && got != want || err != nil && !errors.Is(err, errUsage) {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func FuzzParseAdmin(f *testing.F) {
	for _, seed := range []string{"link <@U0JANE|jane> jane-doe prod", "who <@U1>", "list 2", "unlink U1", "<@U1|\xff>", "link <@U1|<>> x"} {
		f.Add(seed)
	}
	o := golden()
	b := &Bot{o: o}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseAdmin(strings.Fields(text), b.domainNames())
		if err != nil {
			return
		}
		if c.person != "" && !slackID.MatchString(c.person) {
			t.Errorf("%q gives the person %q", text, c.person)
		}
		raw, err := json.Marshal(linkedMessage(o, studio.Person{User: c.person}, c, studio.Linked{Before: c.profile + "x"}))
		if err != nil || strings.Contains(string(raw), `\u003c!`) || len(c.profile) < 1000 && len(raw) > 18_000 {
			t.Errorf("%q: %s, %v", text, raw, err)
		}
	})
}

func TestCutLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		most int
		want string
	}{
		{"short", 10, "short"}, {"one\ntwo\nthree", 12, "one\ntwo\n…"}, {"one long line", 8, "one \n…"}, {strings.Repeat("é", 10), 9, "éé\n…"},
	} {
		if got := cutLines(c.text, c.most); got != c.want {
			t.Errorf("%q to %d: %q, want %q", c.text, c.most, got, c.want)
		}
	}
}

var asked = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

func openRequest() studio.Request {
	return studio.Request{ID: "ABCDEFGH", Serial: "S1", Person: jane, Domain: "prod", Label: "Prod & <live>", Profile: "jane-doe",
		Reason: "I need <!channel> *GPUs*\nfor the paper", Asked: asked, Closes: asked.AddDate(0, 0, 7), State: studio.RequestOpen}
}

// requestMessages is every message about requests for access.
func requestMessages(o Options) map[string]message {
	asking := o
	asking.Requests = (Requests)(nil)
	out := map[string]message{}
	add := func(name string, change func(*studio.Request)) {
		r := openRequest()
		r.Decider, r.Decided = ann, asked.Add(time.Hour)
		change(&r)
		out["request_"+name] = requestMessage(r)
		if r.State != studio.RequestOpen {
			out["told_"+name] = toldMessage(o, r)
		}
	}
	add("open", func(*studio.Request) {})
	add("open_without_reason", func(r *studio.Request) { r.Reason = "" })
	add("open_of_others", func(r *studio.Request) { r.Exists, r.Others = "yes", []studio.Person{ann, jane} })
	add("open_that_exists", func(r *studio.Request) { r.Exists = "yes" })
	add("open_that_is_new", func(r *studio.Request) { r.Exists = "no" })
	add("approved", func(r *studio.Request) { r.State, r.Linked = studio.RequestApproved, true })
	add("approved_in_work", func(r *studio.Request) { r.State = studio.RequestApproved })
	add("denied", func(r *studio.Request) { r.State, r.Answer = studio.RequestDenied, "Ask your <@U0ANN> lead *first*" })
	for _, a := range []string{studio.AnswerExpired, studio.AnswerTaken, studio.AnswerForbidden, studio.AnswerFailed, studio.AnswerWithdrawn, studio.AnswerDenied} {
		add("closed_"+strings.NewReplacer(" ", "_", "'", "").Replace(a), func(r *studio.Request) { r.State, r.Answer = studio.RequestClosed, a })
	}
	many := make([]studio.Request, 12)
	for i := range many {
		many[i] = openRequest()
		many[i].Reason = strings.Repeat("why ", 125)
	}
	out["requests_none"], out["requests_one"], out["requests_many"] = requestsMessage(nil), requestsMessage(many[:1]), requestsMessage(many)
	inWork := openRequest()
	inWork.State, inWork.Decider = studio.RequestApproved, ann
	out["requests_in_work"] = requestsMessage([]studio.Request{openRequest(), inWork})
	taken := openRequest()
	taken.Others = []studio.Person{ann}
	out["decision_refused_others"] = notice(decisionRefusal(studio.ErrProfileTaken, taken))
	approved := openRequest()
	approved.State, approved.Decider = studio.RequestApproved, ann
	for name, err := range map[string]error{"decided": studio.ErrDecided, "gone": studio.ErrRequestGone, "own": studio.ErrOwnRequest, "no_admin": studio.ErrNotAdmin,
		"no_profile": studio.ErrNoProfile, "taken": studio.ErrProfileTaken, "unsure": studio.ErrUnsure, "denied": studio.ErrDenied} {
		out["decision_refused_"+name] = notice(decisionRefusal(err, approved))
	}
	out["request_no_modal"] = notice(wordsNoModal)
	out["request_nothing_to_ask"] = notice(wordsNothingToAsk)
	return out
}
