package mapping

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/studiobot/studiobot/studio"
)

// Sheet writes a list as CSV (RFC 4180, but for lines that end in LF) that may be
// a users file: slack_id,profile,domain, and whatever columns stand behind them,
// which reading it leaves alone.
type Sheet struct {
	csv    *csv.Writer
	fields []string // of the row; used again for the next one
}

// NewSheet begins a list with its header line. more are the columns behind the
// first three.
func NewSheet(w io.Writer, more ...string) *Sheet {
	s := &Sheet{csv: csv.NewWriter(w)}
	s.write(append([]string{columnID, columnProfile, columnDomain}, more...))
	return s
}

// Row writes what somebody has in a domain, empty for every domain; who is
// denied has the word deny for a profile. more are the fields of the columns
// behind.
func (s *Sheet) Row(p studio.Person, domain string, a Answer, more ...string) {
	profile := a.Profile
	if a.Denied {
		profile = denyWord
	}
	s.write(append(append(s.fields[:0], key(p), profile, domain), more...))
}

// End writes what is held back, and returns the first error of all.
func (s *Sheet) End() error {
	s.csv.Flush()
	return s.csv.Error()
}

func (s *Sheet) write(fields []string) {
	for i, f := range fields {
		fields[i] = plain(f)
	}
	s.fields = fields
	_ = s.csv.Write(fields) // End tells
}

// plain keeps a spreadsheet from taking a field for a formula, which may send
// elsewhere what stands beside it: people choose their own names. Quotes don't
// help, a spreadsheet takes them off before it looks; an apostrophe does. IDs,
// user profiles and domains begin with a letter or a digit, and stay as they are.
func plain(field string) string {
	if field != "" && strings.IndexByte("=+-@\t\r\n", field[0]) >= 0 {
		return "'" + field
	}
	return field
}
