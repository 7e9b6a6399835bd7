package mapping_test

import (
	"strings"
	"testing"

	"github.com/studiobot/studiobot/mapping"
)

// FuzzUsers feeds anything to the users file's reader. Whatever it is, the file
// is either refused with lines that exist, or read.
func FuzzUsers(f *testing.F) {
	for _, s := range []string{"", "U1A: jane\nT1A/U1A: {prod: deny}\n", "U1A: &a x\nU2B: *a", "<<: {}", "---\n---\n", "a: [", "? x\n: y",
		"U1A: !!binary eA==", "%YAML 1.2\n---\nU1A: x", "U1A: |\n  x\n", "\ufeffU1A: x", "{U1A: x}\n# end\n", "U1A: {prod: x, prod: y}", "&a : *a"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		mistakes, warnings := mapping.Check("u", data, domains())
		if len(mistakes) > 0 && len(warnings) > 0 {
			t.Errorf("refused and warned of: %q %q", mistakes, warnings)
		}
		last := strings.Count(strings.NewReplacer("\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(string(data)), "\n") + 1
		for _, m := range mistakes {
			if m.Line < 0 || m.Line > last+1 || m.Problem == "" || len(m.Problem) > 1000 {
				t.Errorf("%+v of %d lines", m, last)
			}
		}
	})
}
