package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/studiobot/studiobot"
	"github.com/studiobot/studiobot/studio"
)

// phrase is what is said to an operator for an error.
type phrase struct {
	err   error
	words string
}

// writeExplained says what somebody gets, and what each source says.
func writeExplained(w io.Writer, e studiobot.Explained) error {
	out := bufio.NewWriter(w)
	who := e.Person.User
	if e.Person.Team != "" {
		who = e.Person.String()
	}
	fmt.Fprintf(out, "%s: %s\n", who, whoItIs(e))
	wide := 0
	for _, d := range e.Domains {
		for _, s := range d.Words {
			wide = max(wide, utf8.RuneCountInString(s.Name))
		}
	}
	for _, d := range e.Domains {
		switch {
		case d.Err == nil && e.Refused != nil:
			fmt.Fprintf(out, "\n%s: nothing, it would be %s\n", d.Domain, d.Profile)
		case d.Err == nil:
			fmt.Fprintf(out, "\n%s: %s\n", d.Domain, d.Profile)
		default:
			fmt.Fprintf(out, "\n%s: nothing, %s\n", d.Domain, whyNothing(d.Err))
		}
		for _, s := range d.Words {
			fmt.Fprintf(out, "  %d. %s", s.Source, s.Name)
			pad(out, wide-utf8.RuneCountInString(s.Name)+3)
			fmt.Fprintf(out, "%s\n", word(d, s))
		}
	}
	return out.Flush()
}

// whoItIs is what Slack says of the person, and whether they are let in.
func whoItIs(e studiobot.Explained) string {
	if e.Offline {
		return "Slack wasn't asked who that is (--offline)"
	}
	if e.Refused != nil {
		return "isn't let in, " + spoken(e.Refused, []phrase{
			{studio.ErrDeactivated, "the Slack account is deactivated"},
			{studio.ErrGuest, "a guest, and access.guests is deny"},
			{studio.ErrNotPerson, "a bot, a workflow, or an invitation that wasn't accepted yet"},
			{studio.ErrStranger, "of another workspace or organisation"},
			{studio.ErrUnknownPerson, "Slack knows no such person"},
			{studio.ErrNotInGroup, "in none of access.user_groups"},
		})
	}
	kind := "a member of the workspace"
	if e.Member.Guest {
		kind = "a guest of the workspace"
	}
	if e.Member.Email != "" {
		kind += " with the confirmed address " + e.Member.Email
	}
	return kind + "; let in"
}

// whyNothing says why somebody gets nothing in a domain.
func whyNothing(err error) string {
	return spoken(err, []phrase{
		{studio.ErrNotMapped, "no source knows them"},
		{studio.ErrDenied, "denied by the mapping"},
		{studio.ErrConflict, "several profiles claim them and none is used"},
		{studio.ErrNotInGroup, "they are in none of the domain's user_groups"},
	})
}

// spoken is the phrase for an error. One that can't be decided says why.
func spoken(err error, phrases []phrase) string {
	for _, p := range phrases {
		if errors.Is(err, p.err) {
			return p.words
		}
	}
	return err.Error()
}

// word is what one source says.
func word(d studio.DomainExplanation, s studio.SourceWord) string {
	text := ""
	switch {
	case errors.Is(s.Err, studio.ErrDenied):
		text = "deny"
	case s.Err != nil:
		text = s.Err.Error()
	case s.Profile != "":
		text = s.Profile
	case s.Why != "":
		return s.Why + read(s)
	default:
		return "doesn't know them" + read(s)
	}
	if s.Origin != "" {
		text += " (" + s.Origin + ")"
	}
	if s.Source == d.Source {
		return text + read(s) + " <- counts"
	}
	return text + read(s) + " - shadowed"
}

// read is how old what a source answers from is, where that is worth saying.
func read(s studio.SourceWord) string {
	if !s.Aged || s.Age < time.Minute {
		return ""
	}
	return ", read " + strings.TrimSuffix(s.Age.Truncate(time.Minute).String(), "0s") + " ago"
}
