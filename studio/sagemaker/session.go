package sagemaker

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// maxSessionName is STS's bound of RoleSessionName and of SourceIdentity.
const maxSessionName = 64

// ownName is the session that nobody's launch is made in. A person's has an @.
const ownName = "studiobot"

// session is all that STS is asked for beside the role. Two launches share one
// only where they would ask for the very same, so that no key can be mistaken
// for another.
type session struct {
	name, source string
	tags         tags
	policy       string
	life         time.Duration
}

// tags are the session's; empty ones are left out.
type tags struct{ team, user, domain, profile string }

// The keys of the session tags.
const (
	tagTeam    = "studiobot-team"
	tagUser    = "studiobot-user"
	tagDomain  = "studiobot-domain"
	tagProfile = "studiobot-profile"
)

func (t tags) list() [][2]string {
	var out [][2]string
	for _, one := range [][2]string{{tagTeam, t.team}, {tagUser, t.user}, {tagDomain, t.domain}, {tagProfile, t.profile}} {
		if one[1] != "" {
			out = append(out, one)
		}
	}
	return out
}

// ownSession is asked for with everything that a person's has, so that what the
// role's trust policy lacks is found before anybody clicks.
func (d *domain) ownSession() session {
	return session{name: ownName, source: ownName, tags: tags{domain: d.Name}, life: d.actor.Session}
}

// sessionOf is the session that a person's launch of o is made in:
//
//	RoleSessionName  jane-doe@U012AB3CD      the user profile and the Slack user
//	SourceIdentity   T012AB3CD.U012AB3CD     the workspace and the Slack user
//
// SageMaker takes no notice of the case of a profile's name, so it is lower case
// here, whoever wrote it how.
func (d *domain) sessionOf(p studio.Person, o studio.Option, limited bool) session {
	opens := strings.ToLower(cmp.Or(o.Profile, o.Name))
	s := session{
		name: named(opens, "@", p.User, p.Team), source: named(p.Team, ".", p.User, ""),
		tags: tags{team: tagValue(p.Team), user: tagValue(p.User), domain: d.Name, profile: strings.ToLower(o.Profile)},
		life: d.actor.Session,
	}
	if limited {
		s.policy = d.policy(o)
	}
	return s
}

// plainPart is what stands in a session's name as it is: profiles and Slack's IDs.
var plainPart = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// named joins two parts to a name that STS takes. One that is too long, or has
// other characters, is cut and says so with a digest of all that it stands for,
// behind a plus sign, which no plain name has: no two people share one.
func named(left, between, right, beside string) string {
	plain := left + between + right
	if len(plain) <= maxSessionName && plainPart.MatchString(left) && plainPart.MatchString(right) {
		return plain
	}
	sum := sha256.Sum256([]byte(left + "\x00" + right + "\x00" + beside))
	mark := "+" + hex.EncodeToString(sum[:8])
	right = clean(right)[:min(len(right), 16)]
	left = clean(left)
	return left[:min(len(left), maxSessionName-len(mark)-len(between)-len(right))] + mark + between + right
}

// clean has one byte for each of text's.
func clean(text string) string {
	out := []byte(text)
	for i, b := range out {
		if !plainPart.Match([]byte{b}) {
			out[i] = '_'
		}
	}
	return string(out)
}

// tagValue is an ID as a tag's value: Slack's are shorter and plainer than a tag may be.
func tagValue(id string) string { return clean(id)[:min(len(id), maxTagValue)] }

// policy limits a session to what one launch opens. CreatePresignedDomainUrl's
// policies hold for every request to Studio, too, together with
// DescribeUserProfile (the examples of the VPC guide have the two);
// …WithPrincipalTag is what sessions with tags need by AWS's Canvas guide.
//
// How an ARN spells a profile isn't documented, so both spellings are allowed:
// they are the same profile.
func (d *domain) policy(o studio.Option) string {
	actions, kind, name := []string{
		"sagemaker:CreatePresignedDomainUrl", "sagemaker:CreatePresignedDomainUrlWithPrincipalTag", "sagemaker:DescribeUserProfile",
	}, "user-profile/"+d.ID+"/", o.Profile
	switch o.Target {
	case studio.Notebook, studio.NotebookLab:
		actions, kind, name = []string{"sagemaker:CreatePresignedNotebookInstanceUrl"}, "notebook-instance/", o.Name
	case studio.MLflow:
		actions, kind, name = []string{"sagemaker:CreatePresignedMlflowTrackingServerUrl"}, "mlflow-tracking-server/", o.Name
	}
	prefix := strings.Join([]string{"arn", d.actor.partition, "sagemaker", d.Region, d.actor.account, kind}, ":")
	resources := []string{prefix + strings.ToLower(name)}
	if name != strings.ToLower(name) {
		resources = append(resources, prefix+name)
	}
	type statement struct {
		Effect           string
		Action, Resource []string
	}
	text, _ := json.Marshal(struct { // strings can't fail
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{{"Allow", actions, resources}}})
	return string(text)
}
