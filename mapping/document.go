package mapping

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// document returns the mapping at the top of the file, or nil where there is
// none to read: it is empty, or was found wrong.
func (r *reader) document(data []byte) *yaml.Node {
	if len(data) > maxYAML {
		r.wrong(0, "is larger than %d MiB; %s", maxYAML>>20, rather)
		return nil
	}
	if line := notText(data); line > 0 {
		r.wrong(line, "isn't text; save the file as UTF-8, without control characters")
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		r.notYAML(data, err)
		return nil
	}
	switch err := dec.Decode(&more); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.notYAML(data, err)
		return nil
	default:
		r.wrong(more.Line, "a second document (---) begins here; write everybody into one")
		return nil
	}
	root := doc.Content[0]
	switch {
	case root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null":
		return nil
	case root.Kind == yaml.ScalarNode:
		r.wrong(root.Line, "write one line for each person, with a space behind the colon: U012AB3CD: jane-doe")
		return nil
	case root.Kind != yaml.MappingNode:
		r.wrong(root.Line, "write one line for each person, and no list: U012AB3CD: jane-doe")
		return nil
	}
	return root
}

// notText is the first line with something that no text has, or 0. The YAML
// parser refuses the same, but doesn't say where.
func notText(data []byte) (line int) {
	line = 1
	for len(data) > 0 {
		c, size := utf8.DecodeRune(data)
		switch {
		case c == '\n':
			line++
		case c == utf8.RuneError && size == 1, c < ' ' && c != '\t' && c != '\r', c == 0x7f:
			return line
		}
		data = data[size:]
	}
	return 0
}

// The parser's errors have no type to ask for the line, only this form. It tells
// no line for what is wrong on the first, or for an unknown anchor, and counts
// from 0 where it did not find what it expected.
var (
	yamlError     = regexp.MustCompile(`^yaml: (?:line (\d+): )?(did not find expected )?.*$`)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.+)' referenced$`)
)

// notYAML says where a file stops being YAML.
func (r *reader) notYAML(data []byte, err error) {
	line, problem := 1, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlError.FindStringSubmatch(err.Error()); m != nil && m[1] != "" {
		line, _ = strconv.Atoi(m[1]) // digits, by the pattern
		problem = strings.TrimPrefix(problem, "line "+m[1]+": ")
		if m[2] != "" {
			line++
		}
	}
	if m := unknownAnchor.FindStringSubmatch(problem); m != nil {
		before, _, _ := bytes.Cut(data, []byte("*"+m[1]))
		line, problem = 1+bytes.Count(before, []byte("\n")), "aliases aren't taken here; write it out"
	} else if at := tabbed(data); at > 0 {
		line, problem = at, "begins with a tab; YAML takes spaces only"
	}
	// What is missing at the end, it sees behind the end.
	lines := 1 + bytes.Count(bytes.TrimRight(data, "\r\n"), []byte("\n"))
	r.wrong(min(line, lines), "isn't YAML: %s", clip(problem))
}

// tabbed is the first line that begins with a tab, or 0.
func tabbed(data []byte) int {
	n := 0
	for line := range bytes.Lines(data) {
		n++
		text := bytes.TrimSpace(line)
		if len(text) > 0 && text[0] != '#' && bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("\t")) {
			return n
		}
	}
	return 0
}
