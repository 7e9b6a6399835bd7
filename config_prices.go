package studiobot

import (
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/studiobot/studiobot/studio"
)

// maxPrices is how many instance types may have a price; SageMaker has some two
// hundred.
const maxPrices = 500

const wantPrice = "write instance types and prices, like {ml.t3.medium: 0.05}"

var (
	currencyPattern = regexp.MustCompile(`^(\p{L}{1,8}|\p{Sc})$`)
	typePattern     = regexp.MustCompile(`^ml\.[a-z0-9-]{1,30}\.[a-z0-9-]{1,30}$`)
)

// prices reads a list of prices.
func (r *reader) prices(n *yaml.Node, row row, at string) {
	into, seen := map[string]studio.Price{}, map[string]bool{}
	if count := len(n.Content) / 2; count > maxPrices {
		r.wrong(n.Line, at, fmt.Sprintf("has %d prices", count), fmt.Sprintf("write up to %d", maxPrices))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		key := join(at, show(name.Value))
		price, ok := studio.ParsePrice(value.Value)
		twice := seen[name.Value]
		seen[name.Value] = true
		r.lines[key] = name.Line
		switch {
		case name.Kind != yaml.ScalarNode || name.ShortTag() != "!!str":
			r.wrong(name.Line, at, "an instance type has to be text", row.wanted())
		case r.reference(value, key):
		case !typePattern.MatchString(name.Value):
			r.wrong(name.Line, key, "is no instance type", "write one as SageMaker does, like ml.t3.medium")
		case twice:
			r.wrong(name.Line, key, "stands here twice", "keep one")
		case value.Kind != yaml.ScalarNode:
			r.wrong(value.Line, key, "is "+article(value)+", not a price", "write a number like 0.05")
		case !ok:
			r.wrong(value.Line, key, show(value.Value)+" is no price", "write a number above 0 and up to 100000, with at most six digits behind the point, like 0.05")
		default:
			into[name.Value] = price
		}
	}
	*row.at(&r.cfg).(*map[string]studio.Price) = into
}
