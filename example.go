package studiobot

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// exampleHead stands at the top of the example.
const exampleHead = `# studiobot.yaml: what studiobot does, and for whom.
# "studiobot check" says everything that is wrong with it,
# "studiobot config reference" explains every key. The secrets aren't in this
# file: they come from the environment, SLACK_APP_TOKEN and SLACK_BOT_TOKEN.

`

// commentColumn is where the comments of the example begin.
const commentColumn = 42

// Example returns a commented studiobot.yaml to start from, with every key that
// has an effect. It parses without a mistake, once users.yaml is beside it.
func Example() []byte {
	var b strings.Builder
	b.WriteString(exampleHead)
	apart := false // a group stands between empty lines
	for _, top := range grow(rows()).children {
		if !top.shown() {
			continue
		}
		nested := len(top.children) > 0
		if nested || apart {
			b.WriteString("\n")
		}
		apart = nested
		top.example(&b, "")
	}
	return []byte(b.String())
}

// shown says whether a key, or one below it, is in the example.
func (b *branch) shown() bool {
	for _, c := range b.children {
		if c.shown() {
			return true
		}
	}
	return b.row.example != ""
}

// example writes a key, its comment, and what is below it. lead is what stands
// in front of the key.
func (b *branch) example(out *strings.Builder, lead string) {
	line := lead + b.name + ":"
	if b.row.example != "" {
		line += " " + b.row.example
	}
	pad := max(1, commentColumn-utf8.RuneCountInString(line)-1)
	fmt.Fprintf(out, "%s%s# %s\n", line, strings.Repeat(" ", pad), b.row.doc)
	indent := strings.Repeat(" ", len(lead)) + "  "
	first := indent
	if b.row.kind == items {
		first, indent = indent+"- ", indent+"  "
	}
	for _, c := range b.children {
		if c.shown() {
			c.example(out, first)
			first = indent
		}
	}
}
