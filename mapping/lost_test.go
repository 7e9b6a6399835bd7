package mapping_test

import (
	"testing"
	"time"
)

func TestLost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, before, after, want string }{
		{"removed", "U1: a\nU2: b", "U2: b", "[/U1]"},
		{"denied", "U1: a", "U1: deny", "[/U1]"},
		{"denied in one domain", "U1: a", "U1: {research: a, prod: deny}", "[/U1]"},
		{"a domain removed", "U1: {research: a, prod: b}", "U1: {research: a}", "[/U1]"},
		{"another profile", "U1: {research: a, prod: b}", "U1: {research: a, prod: c}", "[/U1]"},
		{"denied for the first time", "U2: b", "U2: b\nU1: deny", "[/U1]"},
		{"by a key with the team", "U1: a", "U1: a\nT1/U1: b", "[T1/U1]"},
		{"of a key with the team", "U1: a\nT1/U1: b", "U1: a", "[T1/U1]"},
		{"under a key with the team", "U1: a\nT1/U1: {prod: b}", "U1: c\nT1/U1: {prod: b}", "[/U1 T1/U1]"},
		{"several", "U3: c\nU1: a\nU2: b", "U2: b", "[/U1 /U3]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := watch(t, usersFile(t, c.before), time.Hour)
			write(t, w.path, c.after)
			if got := w.waitLost(); got != c.want {
				t.Errorf("lost %s, want %s", got, c.want)
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		w := watch(t, usersFile(t, "U1: jane\nU2: deny\nU3: c"), time.Hour)
		for i, text := range []string{"U1: Jane\nU2: deny\nU3: {research: c, prod: c}", "U3: c\nU4: d\nU1: jane"} {
			write(t, w.path, text)
			w.log.wait(i+2, inForce)
		}
		write(t, w.path, "U1: jane\nU4: d") // told in order: the others came before
		if got := w.waitLost(); got != "[/U3]" {
			t.Errorf("lost %s", got)
		}
	})
}
