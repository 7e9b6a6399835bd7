package demo

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
)

// character is somebody whom the page can be.
type character struct {
	ID     string `json:"id"`
	Handle string `json:"handle"`
	Name   string `json:"name"`
	About  string `json:"about"`
	// Admin: the page suggests the admin commands. What they may do is decided by
	// studiobot, of course.
	Admin bool `json:"admin"`

	slack slacksim.Person
}

// cast is everybody, in the order of the page.
func cast() []character {
	return []character{
		colleague("U0JANE", "Jane Doe", "has a profile, from users.yaml"),
		colleague("U0SAM", "Sam Okoye", "has profiles in two domains"),
		colleague("U0TOM", "Tom Reyes", "has a profile, from its tag"),
		colleague("U0MIA", "Mia Larsen", "has a profile, from her e-mail address"),
		colleague("U0LEA", "Lea Novak", "has left things running"),
		colleague("U0UMA", "Uma Lind", "isn't linked yet, can ask for access"),
		admin("U0ANN", "Ann Berg", "is an admin, decides requests"),
		admin("U0ABE", "Abe Cole", "is an admin by his user group"),
		colleague("U0KIM", "Kim Park", "is claimed by two profiles"),
		colleague("U0NIA", "Nia Costa", "isn't in production's user group"),
		{ID: "U0GUS", Handle: "gus", Name: "Gus Meyer", About: "is a guest", slack: slacksim.Person{Guest: true}},
		{ID: "U0DEE", Handle: "dee", Name: "Dee Adams", About: "is deactivated", slack: slacksim.Person{Deleted: true}},
	}
}

// colleague is a member whose handle and confirmed address follow from the name.
func colleague(id, name, about string) character {
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	email := strings.ReplaceAll(strings.ToLower(name), " ", ".") + "@example.com"
	return character{ID: id, Handle: first, Name: name, About: about, slack: slacksim.Person{Email: email, EmailConfirmed: true}}
}

func admin(id, name, about string) character {
	c := colleague(id, name, about)
	c.Admin = true
	return c
}

func people() []slacksim.Person {
	var out []slacksim.Person
	for _, c := range cast() {
		p := c.slack
		p.ID, p.Name, p.RealName = c.ID, c.Handle, c.Name
		out = append(out, p)
	}
	return out
}

// typed is somebody whose name was typed in a command.
var typed = regexp.MustCompile(`(^|\s)@([A-Za-z0-9][A-Za-z0-9._-]*)`)

// escaped is a command's text as Slack sends it to an app that asks for
// should_escape: @uma is <@U0UMA|uma>, and nothing else is markup.
func escaped(text string) string {
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	return typed.ReplaceAllStringFunc(text, func(match string) string {
		parts := typed.FindStringSubmatch(match)
		for _, c := range cast() {
			if strings.EqualFold(c.Handle, parts[2]) {
				return parts[1] + "<@" + c.ID + "|" + c.Handle + ">"
			}
		}
		return match
	})
}

// The user groups and the one channel that matters.
const (
	groupOfProd   = "S0PROD"
	groupOfAdmins = "S0ADMINS"
	approvals     = "C0APPROVE"
)

// furnish puts everybody and everything into the workspace.
func furnish(s *slacksim.Server) {
	s.AddPeople(people()...)
	s.AddUserGroup(groupOfProd, "U0SAM", "U0UMA", "U0ANN", "U0ABE")
	s.AddUserGroup(groupOfAdmins, "U0ABE")
	s.AddChannel(slacksim.Channel{ID: approvals, Name: "studio-approvals", Private: true, Members: []string{"U0ANN", "U0ABE"}, BotMember: true})
}

const (
	researchID = "d-research00001"
	prodID     = "d-production001"
	// profileOfJane is the one that a switch can remove.
	profileOfJane = "jane-doe"
	// profileOfLea is the one with spaces, see estate.go.
	profileOfLea = "lea-novak"
	// tagKey is the tag of a profile that says whose it is.
	tagKey = "slack-user-id"
)

func domains(now time.Time) []sagemakersim.Domain {
	of := func(user string) map[string]string { return map[string]string{tagKey: user} }
	return []sagemakersim.Domain{
		{ID: researchID, Name: "research", Profiles: []sagemakersim.Profile{
			{Name: profileOfJane}, {Name: profileOfLea}, {Name: "sam-research"}, {Name: "ann-berg"}, {Name: "mia-larsen"},
			{Name: "forecast-tom", Tags: of("U0TOM")}, {Name: "kim-park", Tags: of("U0KIM")}, {Name: "kim-park-gpu", Tags: of("U0KIM")},
		}, Spaces: spaces(), Apps: apps(now)},
		{ID: prodID, Name: "prod", Profiles: []sagemakersim.Profile{{Name: "sam-prod"}, {Name: "nia-prod"}, {Name: "team-prod"}}},
	}
}

// usersFile is the mapping, as an operator would write it.
const usersFile = `# Who may open which Studio user profile.
U0JANE: {research: jane-doe}
U0SAM: {research: sam-research, prod: sam-prod, notebooks: [gpu-box]}
U0ANN: {research: ann-berg}
U0LEA: {research: lea-novak}
U0NIA: {prod: nia-prod}
U0GUS: {research: sam-research}
U0DEE: {research: sam-research}
`

// configFile is the config, as an operator would write it.
func configFile(public *url.URL, users, store string, o Options) []byte {
	proof := o.Proof
	if proof == "" {
		proof = "click"
	}
	return fmt.Appendf(nil, `public_url: %s
listen: 127.0.0.1:0
trusted_proxies: [127.0.0.1]
domains:
  - name: research
    id: %s
    region: us-west-2
    label: "Research · dev account"
    session: 8h
    create_profiles: true
    profile_tags: {studiobot: enabled}
    mlflow: [team-tracking]
  - name: prod
    id: %s
    region: us-west-2
    label: "Production"
    session: 1h
    user_groups: [%s]
mapping:
  - file: %q
  - tag: %s
  - email: "{{ .Local }}"
    domains: [example.com]
  - table: true
access:
  help: "Ask in #ml-platform."
  admins: [U0ANN, %s]
  approvals_channel: %s
launch:
  proof: %s
studio:
  allow_stop: true
notebooks:
  tag: %s
  allow_start: true
prices:
  currency: USD
  per_hour: {ml.t3.medium: 0.05, ml.m5.large: 0.115, ml.g5.xlarge: 1.408}
store: %s
`, public, researchID, prodID, groupOfProd, users, tagKey, groupOfAdmins, approvals, proof, tagKey, store)
}
