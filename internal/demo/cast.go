package demo

import (
	"fmt"
	"net/url"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// character is somebody whom the page can be.
type character struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	About string `json:"about"`

	slack slacksim.Person
}

// cast is everybody, in the order of the page.
func cast() []character {
	return []character{
		{ID: "U0JANE", Name: "Jane Doe", About: "one Studio profile", slack: slacksim.Person{Name: "jane", Email: "jane.doe@example.com", EmailConfirmed: true}},
		{ID: "U0SAM", Name: "Sam Okoye", About: "profiles in two domains", slack: slacksim.Person{Name: "sam", Email: "sam.okoye@example.com", EmailConfirmed: true}},
		{ID: "U0UMA", Name: "Uma Lind", About: "not linked to a profile", slack: slacksim.Person{Name: "uma", Email: "uma.lind@example.com", EmailConfirmed: true}},
		{ID: "U0GUS", Name: "Gus Meyer", About: "a guest", slack: slacksim.Person{Name: "gus", Guest: true}},
		{ID: "U0DEE", Name: "Dee Adams", About: "deactivated", slack: slacksim.Person{Name: "dee", Deleted: true}},
	}
}

func people() []slacksim.Person {
	var out []slacksim.Person
	for _, c := range cast() {
		p := c.slack
		p.ID, p.RealName = c.ID, c.Name
		out = append(out, p)
	}
	return out
}

const (
	researchID = "d-research00001"
	prodID     = "d-production001"
	// profileOfJane is the one that a switch can remove.
	profileOfJane = "jane-doe"
)

func domains() []sagemakersim.Domain {
	return []sagemakersim.Domain{
		{ID: researchID, Name: "research", Profiles: []sagemakersim.Profile{{Name: profileOfJane}, {Name: "sam-research"}}},
		{ID: prodID, Name: "prod", Profiles: []sagemakersim.Profile{{Name: "sam-prod"}}},
	}
}

// usersFile is the mapping, as an operator would write it.
const usersFile = `# Who may open which Studio user profile.
U0JANE: {research: jane-doe}
U0SAM: {research: sam-research, prod: sam-prod}
U0GUS: {research: sam-research}
U0DEE: {research: sam-research}
`

// configFile is the config, as an operator would write it.
func configFile(public *url.URL, users string, o Options) []byte {
	proof := o.Proof
	if proof == "" {
		proof = "click"
	}
	return fmt.Appendf(nil, `public_url: %s
listen: 127.0.0.1:0
domains:
  - name: research
    id: %s
    region: us-west-2
    label: "Research · dev account"
    session: 8h
  - name: prod
    id: %s
    region: us-west-2
    label: "Production"
    session: 1h
mapping:
  - file: %q
access:
  help: "Ask in #ml-platform."
launch:
  proof: %s
`, public, researchID, prodID, users, proof)
}
