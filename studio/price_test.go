package studio_test

import (
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/studio"
)

func TestPrices(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0.05": "0.05", "1.408": "1.408", "1.4080": "1.408", "3": "3.00", "0.5": "0.50", "0.000001": "0.000001", "100000": "100000.00", "007.10": "7.10", "20.1000": "20.10", "100": "100.00",
		"": "", "0": "", "0.0": "", "-1": "", "+1": "", "1e3": "", "1,5": "", ".5": "", "5.": "", "0.0000001": "", "100000.01": "", "1000000": "", "1_0": "", "0x1": "", " 1": "", "1\n": "", "NaN": "", "٣": "",
		strings.Repeat("9", 100): "",
	} {
		p, ok := studio.ParsePrice(text)
		if ok != (want != "") || ok && p.String() != want {
			t.Errorf("%q is %s, %v; want %q", text, p, ok, want)
		}
	}
}

func TestPriceOver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		price string
		time  time.Duration
		want  string
	}{
		{"0.05", time.Hour, "0.05"}, {"0.05", 90 * time.Minute, "0.08"}, {"1.408", 24 * time.Hour, "33.80"}, {"0.05", time.Second, "0.01"},
		{"0.05", 0, "0.00"}, {"0.05", -time.Hour, "0.00"}, {"100000", 240 * time.Hour, "24000000.00"},
	} {
		p, _ := studio.ParsePrice(tt.price)
		if got := p.Over(tt.time).String(); got != tt.want {
			t.Errorf("%s for %s is %s, want %s", tt.price, tt.time, got, tt.want)
		}
	}
}
