package sagemakersim

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The patterns of the API model (2017-07-24), as its sentences print them.
const (
	domainIDPattern = `d-(-*[a-z0-9]){1,61}`
	namePattern     = `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`
)

var (
	domainIDRegexp = regexp.MustCompile(`^(?:` + domainIDPattern + `)$`)
	nameRegexp     = regexp.MustCompile(`^(?:` + namePattern + `)$`)
)

// constraints collects what is wrong with an input, in the service's words.
type constraints []string

func (c *constraints) violated(value, member, constraint string) {
	*c = append(*c, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", value, member, constraint))
}

// text checks a string. Nil means that it wasn't given.
func (c *constraints) text(member string, value *string, required bool, limit int, pattern string, compiled *regexp.Regexp) {
	if value == nil {
		if required {
			c.violated("null", member, "Member must not be null")
		}
		return
	}
	quoted := "'" + *value + "'"
	if utf8.RuneCountInString(*value) > limit {
		c.violated(quoted, member, "Member must have length less than or equal to "+strconv.Itoa(limit))
	}
	if compiled != nil && !compiled.MatchString(*value) {
		c.violated(quoted, member, "Member must satisfy regular expression pattern: "+pattern)
	}
}

// number checks an integer. Nil means that it wasn't given.
func (c *constraints) number(member string, value *int, low, high int) {
	switch {
	case value == nil:
	case *value < low:
		c.violated("'"+strconv.Itoa(*value)+"'", member, "Member must have value greater than or equal to "+strconv.Itoa(low))
	case *value > high:
		c.violated("'"+strconv.Itoa(*value)+"'", member, "Member must have value less than or equal to "+strconv.Itoa(high))
	}
}

// length checks how many members a list has.
func (c *constraints) length(member string, n, low, high int) {
	switch {
	case n < low:
		c.violated("'[]'", member, "Member must have length greater than or equal to "+strconv.Itoa(low))
	case n > high:
		c.violated("'["+strconv.Itoa(n)+" items]'", member, "Member must have length less than or equal to "+strconv.Itoa(high))
	}
}

// oneOf checks a word. Nil means that it wasn't given.
func (c *constraints) oneOf(member string, value *string, words ...string) {
	if value != nil && !slices.Contains(words, *value) {
		c.violated("'"+*value+"'", member, "Member must satisfy enum value set: ["+strings.Join(words, ", ")+"]")
	}
}

func (c constraints) failure() *failure {
	switch len(c) {
	case 0:
		return nil
	case 1:
		return invalid("1 validation error detected: " + c[0])
	}
	return invalid(fmt.Sprintf("%d validation errors detected: %s", len(c), strings.Join(c, "; ")))
}
