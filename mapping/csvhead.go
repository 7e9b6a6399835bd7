package mapping

import (
	"slices"
	"strings"
)

// The columns by name.
const (
	columnID      = "slack_id"
	columnProfile = "profile"
	columnDomain  = "domain"
)

// begin reads the first record: the header line, or a person's row already.
func (c *csvFile) begin() {
	names := make([]string, len(c.fields))
	for i, f := range c.fields {
		names[i] = strings.ToLower(f)
	}
	if !slices.Contains(names, columnID) {
		c.columns = columns{id: 0, profile: 1, domain: 2, many: 3}
		if header(names) {
			c.wrong(c.line, "there is no column %s; call the columns %s, %s and, where it is needed, %s", columnID, columnID, columnProfile, columnDomain)
			c.ended = true
			return
		}
		c.row()
		return
	}
	c.columns = columns{id: -1, profile: -1, domain: -1, many: len(names), named: true}
	before := len(c.mistakes)
	for i, name := range names {
		at := c.columns.place(name)
		if at == nil {
			continue
		}
		if *at >= 0 {
			c.wrong(c.line, "there are two columns %s", name)
		}
		*at = i
	}
	c.misspelt(names)
	if c.columns.profile < 0 && len(c.mistakes) == before {
		c.wrong(c.line, "there is no column %s", columnProfile)
	}
	c.ended = len(c.mistakes) > before
}

// header says whether a record without a slack_id is meant as a header line.
func header(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return n == columnProfile || n == columnDomain }) && len(names) > 1 && !startsWithID(names[0])
}

func startsWithID(name string) bool {
	_, ok := personKey(strings.ToUpper(name))
	return ok
}

// misspelt finds columns that are probably meant to be one that isn't there:
// without its domains a file would give everybody everything.
func (c *csvFile) misspelt(names []string) {
	var missing []string
	for _, name := range []string{columnProfile, columnDomain} {
		if *c.columns.place(name) < 0 {
			missing = append(missing, name)
		}
	}
	for _, name := range names {
		if meant := nearest(name, missing); meant != "" {
			c.wrong(c.line, "there is no column %q; did you mean %s?", clip(name), meant)
		}
	}
}

// place is where the place of a column is kept; nil for one that isn't read.
func (c *columns) place(name string) *int {
	switch name {
	case columnID:
		return &c.id
	case columnProfile:
		return &c.profile
	case columnDomain:
		return &c.domain
	}
	return nil
}
