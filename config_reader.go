package studiobot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader walks a config file along the table of keys, and collects what is
// wrong. It never goes deeper than the table, whatever the file does.
type reader struct {
	role   Role
	name   string // of the file, as in the mistakes
	folder string // of relative paths
	// outside: the environment and the files that the config names are looked
	// at, too.
	outside bool
	unbuilt []unbuilt

	cfg      Config
	mistakes Mistakes
	// lines tells where a key was written, by its path with indexes.
	lines map[string]int
}

func (r *reader) add(m Mistake) { r.mistakes = append(r.mistakes, m) }

// wrong adds a mistake in the config file.
func (r *reader) wrong(line int, key, problem, want string) {
	r.add(Mistake{File: r.name, Line: max(line, 1), Key: key, Problem: problem, Want: want})
}

// document returns the top of the file: nil where it is empty. ok is false
// where there is nothing to walk along.
func (r *reader) document(data []byte) (root *yaml.Node, ok bool) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, true
	case err != nil:
		r.syntax(err)
		return nil, false
	}
	switch err := dec.Decode(&more); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.syntax(err)
	default:
		r.wrong(more.Line, "", "a second document begins here", "write one")
	}
	root = doc.Content[0]
	if isNull(root) {
		return nil, true
	}
	if root.Kind != yaml.MappingNode {
		r.wrong(root.Line, "", "this is no config", "write keys and values, like public_url: https://studio.example.com")
		return nil, false
	}
	return root, true
}

// yamlLine takes the line out of the parser's error, which has it in its text
// only.
var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)

func (r *reader) syntax(err error) {
	first, _, _ := strings.Cut(err.Error(), "\n")
	parts := yamlLine.FindStringSubmatch(first)
	line, _ := strconv.Atoi(parts[1]) // none is line 1
	r.wrong(line, "", "this is no YAML ("+parts[2]+")", "")
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// group reads keys and their values; a nil node has none. What isn't written
// gets its default.
func (r *reader) group(n *yaml.Node, b *branch, at string) {
	line, written := 0, map[string]bool{}
	if n != nil {
		line = n.Line
		for i := 0; i+1 < len(n.Content); i += 2 {
			r.entry(n.Content[i], n.Content[i+1], b, at, written)
		}
	}
	for _, child := range b.children {
		switch {
		case written[child.name]:
		case child.row.must:
			r.wrong(line, join(at, child.name), "is missing", child.row.wanted())
		case child.row.kind == group:
			r.group(nil, child, join(at, child.name))
		case child.row.def != "":
			// A default fits its own row; a test sees to that.
			_ = child.row.set(&r.cfg, child.row.def, r.folder)
		}
	}
}

// entry reads one key and its value.
func (r *reader) entry(key, value *yaml.Node, b *branch, at string, written map[string]bool) {
	name := key.Value
	if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
		r.wrong(key.Line, at, "a key can't be a list, a group, an alias or a merge", "write each key out")
		return
	}
	full := join(at, show(name))
	child := b.child(name)
	switch {
	case child == nil:
		r.wrong(key.Line, full, "is no key of the config", hint(b, at, name))
	case written[name]:
		r.wrong(key.Line, full, fmt.Sprintf("stands here twice, first in line %d", r.lines[full]), "keep one")
	default:
		written[name] = true
		r.lines[full] = key.Line
		r.value(value, child, full, key.Line)
	}
}

// value reads what stands behind a key. line is the key's: where people look.
func (r *reader) value(n *yaml.Node, b *branch, at string, line int) {
	row := b.row
	if r.reference(n, at) {
		return
	}
	switch row.kind {
	case group, items, list, pairs, prices:
		r.collection(n, b, at, line)
		return
	}
	text, problem := scalar(n, row)
	if problem == "" {
		problem = row.set(&r.cfg, text, r.folder)
	}
	if problem != "" {
		r.wrong(n.Line, at, problem, row.wanted())
		return
	}
	if text != "" {
		r.built(n.Line, at, row.path, text)
	}
}

// collection reads a group or a list. One that holds nothing, as when all below
// it is commented out, is as good as not written.
func (r *reader) collection(n *yaml.Node, b *branch, at string, line int) {
	row := b.row
	want, noun := yaml.SequenceNode, "list"
	if row.kind == group || row.kind == pairs || row.kind == prices {
		want, noun = yaml.MappingNode, "group"
	}
	switch {
	case row.kind == group && isNull(n):
		r.group(nil, b, at)
	case row.must && (isNull(n) || n.Kind == want && len(n.Content) == 0):
		r.wrong(line, at, "is empty", row.wanted())
	case isNull(n):
	case n.Kind != want:
		r.wrong(n.Line, at, "is "+article(n)+", not a "+noun, kindWant(row))
	case row.kind == group:
		r.group(n, b, at)
	case row.kind == pairs:
		r.pairs(n, row, at)
	case row.kind == prices:
		r.prices(n, row, at)
	default:
		r.list(n, b, at)
		if len(n.Content) > 0 {
			r.built(line, at, row.path, "")
		}
	}
}

// kindWant is how a list or a group is written.
func kindWant(r row) string {
	if r.kind != pairs && r.kind != prices {
		r.want = ""
	}
	return r.wanted()
}

// list reads the items of a list.
func (r *reader) list(n *yaml.Node, b *branch, at string) {
	row := b.row
	for i, item := range n.Content {
		key := fmt.Sprintf("%s[%d]", at, i)
		r.lines[key] = item.Line
		if row.kind == items {
			row.grow(&r.cfg)
		}
		switch {
		case r.reference(item, key):
		case row.kind == items && item.Kind == yaml.MappingNode:
			r.group(item, b, key)
		case row.kind == items:
			r.wrong(item.Line, key, "is "+article(item)+", not a group", "write keys below it: "+anyOf(childNames(row.path)))
		default:
			text, problem := scalar(item, row)
			if problem == "" && text == "" {
				problem = "is empty"
			}
			if problem == "" {
				problem = row.set(&r.cfg, text, r.folder)
			}
			if problem != "" {
				r.wrong(item.Line, key, problem, row.wanted())
			}
		}
	}
}

// pairs reads names and values that the operator chooses.
func (r *reader) pairs(n *yaml.Node, row row, at string) {
	into := map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		key := join(at, show(name.Value))
		r.lines[key] = name.Line
		text, problem := scalar(value, row)
		_, twice := into[name.Value]
		switch {
		case name.Kind != yaml.ScalarNode || name.ShortTag() != "!!str":
			r.wrong(name.Line, at, "a name has to be text", row.wanted())
		case r.reference(value, key):
		case twice:
			r.wrong(name.Line, key, "stands here twice", "keep one")
		case problem != "":
			r.wrong(value.Line, key, problem, "write text, in quotes if it looks like something else")
		default:
			into[name.Value] = text
		}
	}
	*row.at(&r.cfg).(*map[string]string) = into
}

// reference refuses anchors and aliases: a config is what it says where it says
// it.
func (r *reader) reference(n *yaml.Node, at string) bool {
	if n.Kind != yaml.AliasNode && n.Anchor == "" {
		return false
	}
	r.wrong(n.Line, at, "is an anchor or an alias, which a config can't have", "write the value out")
	return true
}

// built adds a mistake for what is written and this version can't do, and a
// warning for what it doesn't do. The text of a list is empty.
func (r *reader) built(line int, at, path, text string) {
	for _, u := range r.unbuilt {
		if u.path == path && u.covers(text) {
			r.wrong(line, at, u.what+" isn't in this version yet", "leave it out")
		}
	}
	for _, p := range notServed() {
		if p == path && text != "off" {
			r.cfg.Warnings = append(r.cfg.Warnings, fmt.Sprintf("%s:%d: %s has no effect in this version yet", r.name, line, at))
		}
	}
}
