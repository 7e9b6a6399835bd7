package studiobot

import (
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/studiobot/studiobot/studio"
)

// set puts a value where it belongs, or says what is wrong with it. Relative
// files are of folder.
func (r row) set(c *Config, value, folder string) (problem string) {
	switch p := r.at(c).(type) {
	case *string:
		if problem = r.checkText(value); problem == "" {
			if r.kind == file {
				value = within(folder, value)
			}
			*p = value
		}
	case *studio.Target:
		if problem = r.checkText(value); problem == "" {
			*p = studio.Target(value)
		}
	case *[]string:
		if problem = r.checkText(value); problem == "" {
			*p = append(*p, value)
		}
	case *bool:
		if problem = r.checkText(value); problem == "" {
			*p = value == "true" || value == "allow"
		}
	case *slog.Level:
		if problem = r.checkText(value); problem == "" {
			_ = p.UnmarshalText([]byte(value)) // it is one of the words
		}
	case *time.Duration:
		*p, problem = r.duration(value)
	case *Rate:
		*p, problem = readRate(value)
	case *Store:
		*p, problem = readStore(value, folder)
	case **url.URL:
		*p, problem = readPublicURL(value)
	case *[]netip.Prefix:
		var network netip.Prefix
		if network, problem = readNetwork(value); problem == "" {
			*p = append(*p, network)
		}
	}
	return problem
}

// within makes a relative path one of folder.
func within(folder, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}

// wanted says what would be right.
func (r row) wanted() string {
	switch {
	case r.want != "":
		return r.want
	case r.kind == duration && r.whole:
		return fmt.Sprintf("write a duration from %s to %s in whole seconds", short(r.from), short(r.to))
	case r.kind == duration:
		return fmt.Sprintf("write a duration from %s to %s", short(r.from), short(r.to))
	case r.kind == choice:
		return "write " + anyOf(r.words)
	case r.kind == rate:
		return "write a number and a duration like 30/1m, or off"
	case r.kind == address:
		return "write host:port, like 127.0.0.1:8080, or :8080 for every address"
	case r.kind == flag:
		return "write true or false"
	case r.kind == file:
		return "write the path of a file"
	case r.kind == group:
		return "write keys below it: " + anyOf(childNames(r.path))
	case r.kind == items:
		return `write a list, each item beginning with "- "`
	case r.kind == list:
		return "write a list, like [a, b], or [] for none"
	}
	return fmt.Sprintf("write text in quotes, up to %d characters on one line", r.limit())
}

func (r row) limit() int {
	if r.runes > 0 {
		return r.runes
	}
	return 1000
}

// checkText checks what is kept as it is written.
func (r row) checkText(value string) (problem string) {
	switch {
	case value == "" && r.kind != choice && !r.must && !r.filled && r.def == "":
		return ""
	case value == "":
		return "is empty"
	case utf8.RuneCountInString(value) > r.limit():
		return fmt.Sprintf("is longer than %d characters", r.limit())
	case strings.IndexFunc(value, unicode.IsControl) >= 0 || strings.ContainsAny(value, "\u2028\u2029"):
		return "has a line break or another control character"
	case r.kind == address:
		return checkAddress(value)
	case r.kind == choice && !slices.Contains(r.words, value):
		return show(value) + " isn't one of the choices"
	case r.pattern != nil && !r.pattern.MatchString(value):
		return show(value) + " doesn't fit"
	case strings.TrimSpace(value) == "":
		return "is blank"
	}
	return ""
}

// duration reads a duration within the row's range.
func (r row) duration(value string) (time.Duration, string) {
	d, err := time.ParseDuration(value)
	switch {
	case err != nil && isNumber(value):
		return 0, show(value) + " has no unit"
	case err != nil:
		return 0, show(value) + " isn't a duration"
	case d < r.from:
		return 0, show(value) + " is too short"
	case d > r.to:
		return 0, show(value) + " is too long"
	case r.whole && d%time.Second != 0:
		return 0, show(value) + " has a fraction of a second"
	}
	return d, ""
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

const (
	maxRate   = 1_000_000
	maxPeriod = 24 * time.Hour
)

// readRate reads N/DURATION, or off.
func readRate(value string) (Rate, string) {
	if value == "off" {
		return Rate{}, ""
	}
	number, period, ok := strings.Cut(value, "/")
	if !ok {
		return Rate{}, show(value) + " isn't a rate"
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > maxRate {
		return Rate{}, fmt.Sprintf("%s: the number isn't one from 1 to %d", show(value), maxRate)
	}
	per, err := time.ParseDuration(period)
	if err != nil || per < time.Second || per > maxPeriod {
		return Rate{}, fmt.Sprintf("%s: the duration isn't one from 1s to %s", show(value), short(maxPeriod))
	}
	return Rate{N: n, Per: per}, ""
}

// short prints a duration as people write it: 15m, not 15m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// anyOf joins words: a, b or c.
func anyOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
