package bot

import (
	"fmt"
	"time"
)

// heardGroups notes what it is told.
type heardGroups struct{ heard []string }

func (g *heardGroups) IDs() []string                   { return []string{"S0ML"} }
func (g *heardGroups) Moment() time.Time               { return time.Now() }
func (g *heardGroups) Set(string, []string, time.Time) {}
func (g *heardGroups) Apply(id string, added, removed []string) {
	g.heard = append(g.heard, fmt.Sprint(id, " ", added, " ", removed))
}
