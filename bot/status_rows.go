package bot

import (
	"fmt"
	"strings"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// running is one row of what somebody has running.
type running struct {
	machine studio.Machine
	what    string // JupyterLab
	name    string // of its space, or its own; may be empty
	label   string // of the domain
	status  string // SageMaker's
	// instance is empty where nothing is to be said of it.
	instance      string
	since, active time.Time // zero: not known
	// shared: of a shared space, where others may be working. Never stopped here.
	shared bool
}

// ends says that it is being stopped.
func (r running) ends() bool { return r.status == studio.Deleting || r.status == studio.Stopping }

// runningRows are what costs somebody money, those first that are theirs alone.
func runningRows(r studio.Running) []running {
	var own, shared []running
	for _, h := range r.Holdings {
		for _, s := range h.Spaces {
			for _, a := range s.Apps {
				row := appRow(h, a)
				row.name, row.shared = s.Called(), !s.Own
				if s.Own {
					own = append(own, row)
				} else {
					shared = append(shared, row)
				}
			}
		}
		for _, a := range h.Apps {
			row := appRow(h, a)
			if a.Kind == "" && a.Type == kernels {
				row.name = a.Name
			}
			own = append(own, row)
		}
	}
	for _, n := range r.Notebooks {
		if n.Costs() {
			row := running{machine: n.Machine(), what: "Notebook instance", name: n.Name, label: n.Label, status: n.Status, instance: n.Instance}
			if n.Status == studio.InService {
				row.since = n.Modified
			}
			own = append(own, row)
		}
	}
	return append(own, shared...)
}

func appRow(h studio.Holding, a studio.App) running {
	row := running{machine: a.Machine(h.Domain), what: appWords(a), label: h.Label, status: a.Status, since: a.Since, active: a.Active}
	if a.Instance != noInstance {
		row.instance = a.Instance
	}
	return row
}

const (
	// kernels is SageMaker's word for a kernel of Studio Classic.
	kernels = "KernelGateway"
	// noInstance is its word for what runs on none of its own.
	noInstance = "system"
)

// appWords is what an app is called.
func appWords(a studio.App) string {
	switch {
	case a.Kind != "":
		return thing(a.Kind)
	case a.Type == kernels:
		return "Kernel of Studio Classic"
	case a.Type == "RSessionGateway":
		return "RStudio session"
	}
	return a.Type
}

// stoppedNotebooks are those that could be started.
func stoppedNotebooks(r studio.Running) []studio.HeldNotebook {
	var out []studio.HeldNotebook
	for _, n := range r.Notebooks {
		if n.Status == studio.Stopped {
			out = append(out, n)
		}
	}
	return out
}

// said is the second line of a row: on what, since when, how long idle, at what
// price. Nothing is said that isn't known.
func (r running) said(o Options, now time.Time) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if r.instance != "" {
		add("%s", escape(r.instance))
	}
	switch r.status {
	case studio.InService:
	case studio.Pending:
		add("starting")
	case studio.Deleting, studio.Stopping:
		add("stopping")
	default:
		add("being worked on")
	}
	if r.status == studio.InService && !r.since.IsZero() && r.since.Before(now) {
		add("since %s", when(r.since))
	}
	if r.status == studio.InService && !r.active.IsZero() {
		add("%s", idle(now.Sub(r.active)))
	}
	if price, ok := r.price(o); ok && !r.ends() {
		add("%s an hour", money(o, price))
		if most, ok := r.soFar(price, now); ok {
			add("at most %s so far", money(o, most))
		}
	}
	if r.shared {
		add("shared, others may be working in it")
	}
	return strings.Join(parts, " · ")
}

func (r running) price(o Options) (studio.Price, bool) {
	p, ok := o.Prices.PerHour[r.instance]
	return p, ok
}

// sumsWithin is how old a start may be for a sum to be said. SageMaker keeps the
// first start of an app that was started again, so that a sum is the most that it
// can be; of something that began days ago it would say nothing.
const sumsWithin = 24 * time.Hour

// soFar is the most that an app can have cost since it runs. Of a notebook
// instance it isn't said: the moment may be that of a change meanwhile.
func (r running) soFar(price studio.Price, now time.Time) (studio.Price, bool) {
	age := now.Sub(r.since)
	if r.machine.Notebook != "" || r.status != studio.InService || r.since.IsZero() || age < time.Minute || age > sumsWithin {
		return 0, false
	}
	return price.Over(age), true
}

// busyFor is how long after somebody worked in an app it counts as used.
const busyFor = 15 * time.Minute

// idle says how long nobody has worked in it.
func idle(d time.Duration) string {
	if d < busyFor {
		return "used a moment ago"
	}
	return "idle for " + about(d)
}

// about writes a long time in its largest unit.
func about(d time.Duration) string {
	n, unit := int(d/time.Minute), "minute"
	switch {
	case d >= 48*time.Hour:
		n, unit = int(d/(24*time.Hour)), "day"
	case d >= time.Hour:
		n, unit = int(d/time.Hour), "hour"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// money writes an amount.
func money(o Options, p studio.Price) string {
	return p.String() + " " + escape(o.Prices.Currency)
}

// together is what all that is theirs costs an hour: nothing where no price is
// known.
func together(o Options, rows []running) string {
	var sum studio.Price
	unknown, known := 0, 0
	for _, r := range rows {
		if r.shared || r.ends() || r.instance == "" {
			continue
		}
		if price, ok := r.price(o); ok {
			sum += price
			known++
		} else {
			unknown++
		}
	}
	switch {
	case known == 0:
		return ""
	case unknown == 0:
		return ": " + money(o, sum) + " an hour"
	case unknown == 1:
		return ": " + money(o, sum) + " an hour, and one whose price isn't known"
	}
	return fmt.Sprintf(": %s an hour, and %d whose price isn't known", money(o, sum), unknown)
}
