package studio

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Price is an amount of money in millionths of its currency's unit: whole numbers,
// so that a sum is what people get when they add up what they read.
type Price int64

// Prices is what the operator says that instances cost.
type Prices struct {
	// Currency stands behind every amount: USD.
	Currency string
	// PerHour is by instance type, ml.t3.medium; empty: nothing is said about money.
	PerHour map[string]Price
}

const (
	oneUnit Price = 1_000_000
	// maxPrice is what an hour may cost: the dearest instances cost some hundred.
	maxPrice = 100_000 * oneUnit
)

var amount = regexp.MustCompile(`^([0-9]{1,6})(?:\.([0-9]{1,6}))?$`)

// ParsePrice reads an amount like 0.05: above 0, up to 100000, at most six places
// behind the point.
func ParsePrice(text string) (Price, bool) {
	parts := amount.FindStringSubmatch(text)
	if parts == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(parts[1]+(parts[2] + "000000")[:6], 10, 64)
	p := Price(n)
	return p, err == nil && p > 0 && p <= maxPrice
}

// String writes it with at least two places: 0.05, 1.408.
func (p Price) String() string {
	text := fmt.Sprintf("%d.%06d", p/oneUnit, p%oneUnit)
	for strings.HasSuffix(text, "0") && text[len(text)-3] != '.' {
		text = text[:len(text)-1]
	}
	return text
}

// Over is what so long a time costs at a price per hour, rounded up to a hundredth.
// It is for days, not for centuries.
func (p Price) Over(d time.Duration) Price {
	const cent = oneUnit / 100
	cost := int64(p) * int64(max(0, d)/time.Second) / 3600
	return (Price(cost) + cent - 1) / cent * cent
}
