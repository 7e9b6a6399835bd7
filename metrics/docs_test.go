package metrics_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/metrics"
)

var update = flag.Bool("update", false, "write the table anew")

// The table of docs/operations.md is made from the definitions.
func TestDocs(t *testing.T) {
	t.Parallel()
	const path, from, to = "../docs/operations.md", "<!-- metrics -->\n", "<!-- /metrics -->\n"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(data), from)
	_, tail, ok2 := strings.Cut(rest, to)
	if !ok1 || !ok2 {
		t.Fatalf("%s lacks its marks", path)
	}
	var table strings.Builder
	table.WriteString("| metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n")
	for _, d := range metrics.Definitions() {
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", d.Name, d.Kind, strings.Join(d.Labels, ", "), d.Help)
	}
	want := head + from + table.String() + to + tail
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(data) != want {
		t.Error("docs/operations.md differs (go test ./metrics -update writes it anew)")
	}
}
