package studiobot_test

import (
	"fmt"
	"strings"
	"testing"
)

// What is wrong about stopping, starting and prices.
func TestMistakesOfRunning(t *testing.T) {
	line := func(yaml string, want ...string) mistakeCase {
		c := mistakeCase{name: yaml, add: yaml + "\n"}
		for _, w := range want {
			c.want = append(c.want, "6: "+w)
		}
		return c
	}
	perHour := func(prices string, want ...string) mistakeCase {
		for i := range want {
			want[i] = "prices.per_hour" + want[i]
		}
		return line("prices: {per_hour: "+prices+"}", want...)
	}
	const wantNumber = "; write a number above 0 and up to 100000, with at most six digits behind the point, like 0.05"
	many := make([]string, 501)
	for i := range many {
		many[i] = fmt.Sprintf("ml.t%d.large: 1", i)
	}
	runMistakes(t, []mistakeCase{
		line("studio: {allow_stop: maybe}", "studio.allow_stop: maybe is neither true nor false; write true or false"),
		line("notebooks: {allow_start: 1}", "notebooks.allow_start: 1 is a number, not text; write true or false"),
		line("studio: {allow_start: true}", "studio.allow_start: is no key of the config; did you mean notebooks.allow_start?"),
		line("prices: {ml.t3.medium: 0.05}", "prices.ml.t3.medium: is no key of the config; the keys here are currency, per_hour"),
		line("prices: {currency: US Dollar}", `prices.currency: "US Dollar" doesn't fit; write up to 8 letters or a sign, like USD or €`),
		line(`prices: {currency: "<!here>"}`, `prices.currency: <!here> doesn't fit; write up to 8 letters or a sign, like USD or €`),
		perHour("{}"), perHour(""), perHour("{ml.t3.medium: 0.05, ml.g5.2xlarge: 1.515, ml.c6id.xlarge: 3}"),
		perHour("[0.05]", ": is a list, not a group; write instance types and prices, like {ml.t3.medium: 0.05}"),
		perHour("cheap", ": is text, not a group; write instance types and prices, like {ml.t3.medium: 0.05}"),
		perHour("{t3.medium: 1, ml.T3.medium: 1, 7: 1, ml.t3.medium: 0, ml.t3.large: -1, ml.t3.xlarge: a lot, ml.t3.a: [1], ml.m5.large: 1e3}",
			".t3.medium: is no instance type; write one as SageMaker does, like ml.t3.medium",
			".ml.T3.medium: is no instance type; write one as SageMaker does, like ml.t3.medium",
			": an instance type has to be text; write instance types and prices, like {ml.t3.medium: 0.05}",
			".ml.t3.medium: 0 is no price"+wantNumber, ".ml.t3.large: -1 is no price"+wantNumber, `.ml.t3.xlarge: "a lot" is no price`+wantNumber,
			".ml.t3.a: is a list, not a price; write a number like 0.05", ".ml.m5.large: 1e3 is no price"+wantNumber),
		perHour("{ml.t3.medium: 1, ml.t3.medium: 2}", ".ml.t3.medium: stands here twice; keep one"),
		perHour("{ml.t3.medium: &p 1, ml.t3.large: *p}",
			".ml.t3.medium: is an anchor or an alias, which a config can't have; write the value out",
			".ml.t3.large: is an anchor or an alias, which a config can't have; write the value out"),
		{name: "too many prices", add: "prices: {per_hour: {" + strings.Join(many, ", ") + "}}\n", want: []string{"6: prices.per_hour: has 501 prices; write up to 500"}},
	})
}
