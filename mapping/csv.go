package mapping

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

const (
	// maxCSV, maxPeopleCSV and maxRowsCSV bound a users file in CSV.
	maxCSV       = 256 << 20
	maxPeopleCSV = 1_000_000
	maxRowsCSV   = 2_000_000
	// maxRecord bounds a line, or several that a quoted field goes over.
	maxRecord = 16 << 10
)

// csvFile is a users file in CSV, read line by line: slack_id,profile[,domain]
// with or without a header line, in which the columns may stand in any order and
// others among them. The first line decides whether commas or semicolons, which
// spreadsheets of many countries write, are between the fields.
type csvFile struct {
	*reader
	rest  []byte
	line  int // of the record that was taken last; from 1
	after int // the line behind it
	ended bool

	comma   byte // 0 before the first record
	columns columns
	fields  []string // of the record; used again for the next one
	lines   bytes.Reader
	quotes  *csv.Reader // reads lines; nil: to be made
}

// csv reads the whole file.
func (r *reader) csv(data []byte) {
	if len(data) > maxCSV {
		r.wrong(0, "is larger than %d MiB", maxCSV>>20)
		return
	}
	c := &csvFile{reader: r, rest: bytes.TrimPrefix(data, []byte("\ufeff")), after: 1}
	for i := 0; !c.ended && len(c.rest) > 0; i++ {
		breathe(i)
		text, quoted := c.take()
		if text == "" || text[0] == '#' || !c.split(text, quoted) || !slices.ContainsFunc(c.fields, filled) {
			continue
		}
		if c.columns.many == 0 {
			c.begin()
			continue
		}
		c.row()
	}
	r.blank = c.columns.many == 0
}

func filled(field string) bool { return field != "" }

// take takes the next record off the rest: a line, or more of them where a
// quoted field isn't closed on it. It is empty where there is nothing to read.
func (c *csvFile) take() (text string, quoted bool) {
	c.line = c.after
	raw := firstLine(c.rest)
	c.after++
	quotes := 0
	if start := bytes.TrimLeft(raw, " \t"); len(start) > 0 && start[0] != '#' {
		quotes = bytes.Count(raw, []byte{'"'})
	}
	for quotes%2 == 1 && len(raw) <= maxRecord && len(raw) < len(c.rest) {
		more := firstLine(c.rest[len(raw):])
		quotes += bytes.Count(more, []byte{'"'})
		raw = c.rest[:len(raw)+len(more)]
		c.after++
	}
	c.rest = c.rest[len(raw):]
	switch bad := notText(raw); {
	case bad > 0:
		c.wrong(c.line+min(bad, c.after-c.line)-1, "isn't text; save the file as UTF-8, without control characters (in Excel: CSV UTF-8)")
		c.ended = true
		return "", false
	case quotes%2 == 1:
		c.wrong(c.line, "a quote is opened and not closed again (within %d bytes); what follows can't be read", maxRecord)
		c.ended = true
		return "", false
	case len(raw) > maxRecord:
		c.wrong(c.line, "is longer than %d bytes", maxRecord)
		return "", false
	}
	raw = bytes.TrimSpace(raw)
	if quotes == 0 && bytes.IndexByte(raw, '\r') >= 0 {
		c.wrong(c.line, "a line ends in a carriage return alone; save the file with LF or CRLF")
		c.ended = true
		return "", false
	}
	return string(raw), quotes > 0
}

// firstLine is up to the first line feed, and with it.
func firstLine(data []byte) []byte {
	if end := bytes.IndexByte(data, '\n'); end >= 0 {
		return data[:end+1]
	}
	return data
}

// split takes a record apart into c.fields.
func (c *csvFile) split(text string, quoted bool) bool {
	if c.comma == 0 {
		c.comma = separator(text)
	}
	if quoted {
		return c.unquote(text)
	}
	c.fields = c.fields[:0]
	for {
		end := strings.IndexByte(text, c.comma)
		if end < 0 {
			c.fields = append(c.fields, trim(text))
			return true
		}
		c.fields = append(c.fields, trim(text[:end]))
		text = text[end+1:]
	}
}

// unquote is split for a record with quotes, by the rules of encoding/csv.
func (c *csvFile) unquote(text string) bool {
	c.lines.Reset([]byte(text))
	if c.quotes == nil {
		c.quotes = csv.NewReader(&c.lines)
		c.quotes.Comma, c.quotes.FieldsPerRecord = rune(c.comma), -1
		c.quotes.TrimLeadingSpace, c.quotes.ReuseRecord = true, true
	}
	fields, err := c.quotes.Read()
	if err != nil {
		c.quotes = nil // it may hold the rest of this one
		problem := "can't be read"
		if errors.Is(err, csv.ErrQuote) || errors.Is(err, csv.ErrBareQuote) {
			problem = `quotes belong around a whole field, and are doubled inside of one ("")`
		}
		c.wrong(c.line, "%s", problem)
		return false
	}
	c.fields = c.fields[:0]
	for _, f := range fields {
		c.fields = append(c.fields, trim(f))
	}
	return true
}

// trim is strings.TrimSpace, which is slower for what has nothing to trim.
func trim(s string) string {
	if n := len(s); n > 0 && s[0] > ' ' && s[0] < 0x80 && s[n-1] > ' ' && s[n-1] < 0x80 {
		return s
	}
	return strings.TrimFunc(s, unicode.IsSpace)
}

// separator is the first comma or semicolon outside of quotes.
func separator(line string) byte {
	quoted := false
	for i := range len(line) {
		switch c := line[i]; {
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ',' || c == ';'):
			return c
		}
	}
	return ','
}

// row takes in a person's row.
func (c *csvFile) row() {
	c.cut()
	if problem := c.columns.counted(len(c.fields)); problem != "" {
		c.wrong(c.line, "%s, separated by %q as on the first line", problem, c.comma)
		return
	}
	id, domain := c.fields[c.columns.id], ""
	if at := c.columns.domain; at >= 0 && at < len(c.fields) {
		domain = c.fields[at]
	}
	e := c.profile(c.fields[c.columns.profile])
	e.domain, e.mark = domain, uint32(c.line)
	var ok bool
	switch e.person, ok = personKey(id); {
	case id == "":
		c.wrong(c.line, "no Slack user ID; write one like U012AB3CD")
		return
	case !ok && formula(id):
		c.formula(id)
		return
	case !ok:
		c.wrong(c.line, "%s", noUser(id))
		return
	}
	if domain != "" && !c.known(domain) {
		c.unknown(domain)
		return
	}
	c.add(e)
}

// cut drops empty fields behind the last column: spreadsheets write them.
func (c *csvFile) cut() {
	for n := len(c.fields); n > c.columns.many && c.fields[n-1] == ""; n-- {
		c.fields = c.fields[:n-1]
	}
}

// add takes in a row that is right by itself.
func (c *csvFile) add(e record) {
	if earlier := c.list.add(e); earlier != nil {
		who := key(e.person)
		if e.domain != "" {
			who += " in " + e.domain
		}
		c.wrong(c.line, "%s stands on line %d already; keep one of the two", who, earlier.mark)
		return
	}
	switch {
	case c.list.people > maxPeopleCSV:
		c.wrong(c.line, "names more than %d people", maxPeopleCSV)
	case c.list.count > maxRowsCSV:
		c.wrong(c.line, "has more than %d rows", maxRowsCSV)
	default:
		return
	}
	c.ended = true
}

// profile reads the column of that name.
func (c *csvFile) profile(name string) record {
	switch {
	case name == "":
		c.wrong(c.line, "%s", noProfile)
		return record{}
	case formula(name):
		c.formula(name)
		return record{}
	}
	return c.named(c.line, name)
}

// formula says whether a spreadsheet wrote a formula or an error instead of a
// value.
func formula(field string) bool {
	return strings.IndexByte("=+@#", field[0]) >= 0
}

func (c *csvFile) formula(field string) {
	c.wrong(c.line, "%q is a spreadsheet's formula or error; export the value", clip(field))
}

// unknown says what a domain should be instead.
func (c *csvFile) unknown(domain string) {
	switch strings.ToLower(domain) {
	case "*", "all", "any", "every", "-":
		c.wrong(c.line, "there is no domain %q; leave the field empty for every domain", domain)
	default:
		c.noDomain(c.line, domain)
	}
}

// columns are the places of what is read of a record.
type columns struct {
	id, profile, domain int // domain is -1 where there is none
	// many is how many fields there are; 0 before the first record.
	many int
	// named: there is a header line, whose number of fields every line has.
	named bool
}

// counted says what is wrong with the number of fields, or "".
func (c columns) counted(n int) string {
	switch {
	case c.named && n != c.many:
		return fmt.Sprintf("%d fields, and the header line has %d", n, c.many)
	case !c.named && (n < 2 || n > 3):
		return fmt.Sprintf("%d fields; write slack_id,profile or slack_id,profile,domain", n)
	}
	return ""
}
