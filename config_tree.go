package studiobot

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// branch is the table of keys as a tree, which is how a file has them.
type branch struct {
	name     string
	row      row
	children []*branch
}

// grow makes the tree. A row's parent stands before it.
func grow(rows []row) *branch {
	root := &branch{row: row{kind: group}}
	for _, r := range rows {
		b, parts := root, strings.Split(r.path, ".")
		for _, part := range parts[:len(parts)-1] {
			b = b.child(strings.TrimSuffix(part, "[]"))
		}
		b.children = append(b.children, &branch{name: parts[len(parts)-1], row: r})
	}
	return root
}

func (b *branch) child(name string) *branch {
	i := slices.IndexFunc(b.children, func(c *branch) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return b.children[i]
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// childNames are the keys right below path.
func childNames(path string) []string {
	var names []string
	for _, r := range rows() {
		rest, ok := strings.CutPrefix(r.path, path)
		rest = strings.TrimPrefix(rest, "[]")
		if ok && strings.HasPrefix(rest, ".") && !strings.Contains(rest[1:], ".") {
			names = append(names, rest[1:])
		}
	}
	return names
}

// hint names the key that was probably meant: one with a similar name here, or
// the same one elsewhere.
func hint(b *branch, at, name string) string {
	var here []string
	for _, c := range b.children {
		here = append(here, c.name)
	}
	if near := Nearest(name, here); near != "" {
		return "did you mean " + join(at, near) + "?"
	}
	var all []string
	for _, r := range rows() {
		all = append(all, r.path[strings.LastIndex(r.path, ".")+1:])
	}
	near := Nearest(name, all)
	for _, r := range rows() {
		if near != "" && (r.path == near || strings.HasSuffix(r.path, "."+near)) {
			return "did you mean " + r.path + "?"
		}
	}
	return "the keys here are " + strings.Join(here, ", ")
}

// covers says whether a value is one of those that aren't there yet.
func (u unbuilt) covers(value string) bool {
	kind, _, _ := strings.Cut(value, ":")
	return len(u.values) == 0 || slices.Contains(u.values, kind)
}

// scalar returns the text of a value that is written as the row's kind is.
func scalar(n *yaml.Node, r row) (value, problem string) {
	if n.Kind != yaml.ScalarNode {
		return "", "is " + article(n) + ", not a value"
	}
	switch tag := n.ShortTag(); tag {
	case "!!str":
		if r.kind == flag {
			return "", show(n.Value) + " is neither true nor false"
		}
		return n.Value, ""
	case "!!bool":
		if r.kind == flag {
			return strings.ToLower(n.Value), ""
		}
	case "!!int", "!!float":
		// What is wrong with these, their own check says best.
		if slices.Contains([]kind{duration, rate, address}, r.kind) {
			return n.Value, ""
		}
	}
	if isNull(n) {
		return "", "has no value"
	}
	return "", show(n.Value) + " is " + article(n) + ", not text"
}

// article says what a node is.
func article(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a group of keys"
	}
	names := map[string]string{"!!str": "text", "!!bool": "a boolean", "!!int": "a number", "!!float": "a number", "!!timestamp": "a date", "!!null": "empty"}
	if name := names[n.ShortTag()]; name != "" {
		return name
	}
	return "a value with a tag of its own"
}
