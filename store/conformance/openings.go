package conformance

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/studiobot/studiobot/studio"
)

func openings() suite {
	return suite{
		"LatestOpeningStays":        latestOpeningStays,
		"OpeningsAreApart":          openingsAreApart,
		"WhatWasOpenedLastStays":    openedLastStays,
		"ManyOpeningsInOneCall":     manyOpenings,
		"ConcurrentOpenings":        concurrentOpenings,
		"ErrorOfEachEndsLastOpened": errorEndsLastOpened,
	}
}

// opened has every field set. Not all of them are kept.
func opened(user string, at time.Time) studio.Opened {
	return studio.Opened{
		Ref: "REF0-0001", Person: studio.Person{Team: "T1", User: user}, At: at, ResponseURL: "https://hooks.slack.com/actions/T1/x/y",
		Option: studio.Option{Domain: "research", Label: "Research", Profile: "jane-doe", Target: studio.Home},
	}
}

func keepOpened(t *testing.T, s Store, os ...studio.Opened) {
	t.Helper()
	if err := s.KeepOpened(ctx, os); err != nil {
		t.Fatal(err)
	}
}

// lastOpened returns what was opened when, and fails the test where something
// comes twice or has more than is kept.
func lastOpened(t *testing.T, s Store) map[studio.Opened]time.Time {
	t.Helper()
	got := map[studio.Opened]time.Time{}
	err := s.LastOpened(ctx, func(o studio.Opened) error {
		at := o.At.UTC()
		if o != (studio.Opened{Person: o.Person, Option: studio.Option{Domain: o.Option.Domain, Profile: o.Option.Profile, Target: o.Option.Target, Name: o.Option.Name}, At: o.At}) {
			t.Errorf("more is kept: %+v", o)
		}
		o.At, o.Option.Target, o.Option.Name = time.Time{}, "", ""
		if was, twice := got[o]; twice {
			t.Errorf("%+v comes twice: %v and %v", o, was, at)
		}
		got[o] = at
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func key(team, user, domain, profile string) studio.Opened {
	return studio.Opened{Person: studio.Person{Team: team, User: user}, Option: studio.Option{Domain: domain, Profile: profile}}
}

func wasOpened(t *testing.T, s Store, want map[studio.Opened]time.Time) {
	t.Helper()
	if got := lastOpened(t, s); !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func latestOpeningStays(t *testing.T, open func() Store) {
	at := now()
	wasOpened(t, open(), map[studio.Opened]time.Time{})
	keepOpened(t, open())
	jane := key("T1", "U1", "research", "jane-doe")
	for _, after := range []time.Duration{0, -time.Hour, time.Millisecond, 0} {
		keepOpened(t, open(), opened("U1", at.Add(after)))
	}
	wasOpened(t, open(), map[studio.Opened]time.Time{jane: at.Add(time.Millisecond)})
	keepOpened(t, open(), opened("U1", at.Add(time.Hour)), opened("U1", at.Add(3*time.Hour)), opened("U1", at.Add(2*time.Hour)))
	wasOpened(t, open(), map[studio.Opened]time.Time{jane: at.Add(3 * time.Hour)})
}

func openedLastStays(t *testing.T, open func() Store) {
	at := now()
	as := func(target studio.Target, name string, after time.Duration) studio.Opened {
		o := opened("U1", at.Add(after))
		o.Option.Target, o.Option.Name = target, name
		return o
	}
	for _, step := range []struct {
		keep []studio.Opened
		want string
	}{
		{[]studio.Opened{as(studio.Lab, "first", 0)}, "lab first"},
		{[]studio.Opened{as(studio.Code, "earlier", -time.Hour)}, "lab first"},
		{[]studio.Opened{as(studio.MLflow, "later", time.Hour), as(studio.Lab, "between", time.Minute)}, "mlflow later"},
		{[]studio.Opened{as(studio.MLflow, "at the same moment", time.Hour)}, "mlflow later"},
		{[]studio.Opened{as("", "", 2*time.Hour)}, " "},
	} {
		keepOpened(t, open(), step.keep...)
		got := ""
		if err := open().LastOpened(ctx, func(o studio.Opened) error {
			got += string(o.Option.Target) + " " + o.Option.Name
			return nil
		}); err != nil || got != step.want {
			t.Errorf("%q, %v, want %q", got, err, step.want)
		}
	}
}

func openingsAreApart(t *testing.T, open func() Store) {
	at := now().Add(-399 * 24 * time.Hour)
	want := map[studio.Opened]time.Time{}
	for i, k := range []studio.Opened{
		key("T1", "U1", "research", "jane-doe"), key("T1", "U1", "research", "Jane-Doe"), key("T1", "U1", "prod", "jane-doe"),
		key("T1", "U2", "research", "jane-doe"), key("T2", "U1", "research", "jane-doe"), key("T", "1U1", "research", "jane-doe"),
	} {
		want[k] = at.Add(time.Duration(i) * time.Second)
		k.At = want[k]
		keepOpened(t, open(), k)
	}
	wasOpened(t, open(), want)
}

func manyOpenings(t *testing.T, open func() Store) {
	at := now()
	var os []studio.Opened
	want := map[studio.Opened]time.Time{}
	for n := range 2500 {
		o := opened(fmt.Sprint("U", n), at.Add(time.Duration(n)*time.Millisecond))
		os = append(os, o)
		want[key("T1", o.Person.User, "research", "jane-doe")] = o.At
	}
	keepOpened(t, open(), os...)
	wasOpened(t, open(), want)
}

func concurrentOpenings(t *testing.T, open func() Store) {
	at := now()
	var wg sync.WaitGroup
	for n := range 20 {
		s := open()
		wg.Go(func() {
			o := []studio.Opened{opened("U1", at.Add(time.Duration(n)*time.Second)), opened(fmt.Sprint("U1-", n), at)}
			if err := s.KeepOpened(ctx, o); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got := lastOpened(t, open())
	if len(got) != 21 || !got[key("T1", "U1", "research", "jane-doe")].Equal(at.Add(19*time.Second)) {
		t.Errorf("%v", got)
	}
}

func errorEndsLastOpened(t *testing.T, open func() Store) {
	keepOpened(t, open(), opened("U1", now()), opened("U2", now()), opened("U3", now()))
	enough, calls := errors.New("enough"), 0
	err := open().LastOpened(ctx, func(studio.Opened) error {
		if calls++; calls == 2 {
			return enough
		}
		return nil
	})
	if err != enough || calls != 2 { //nolint:errorlint // as it is
		t.Errorf("LastOpened = %v after %d calls", err, calls)
	}
	if got := lastOpened(t, open()); len(got) != 3 {
		t.Errorf("then there are %d", len(got))
	}
}
