package studiobot

import (
	"bytes"
	_ "embed" // the manifest
	"fmt"

	"go.yaml.in/yaml/v3"
)

//go:embed manifest.yaml
var defaultManifest []byte

// need is what a feature needs of Slack.
type need struct {
	// feature says who needs it, and stands behind it in the manifest.
	feature        string
	scopes, events []string
	// when says whether the config switches the feature on.
	when func(*Config) bool
}

// needs are beyond those of every config, which stand in manifest.yaml. A
// feature that asks Slack for more gets a row here, so that nobody who doesn't
// use it is asked for its scopes.
func needs() []need {
	return []need{
		{feature: "user groups", scopes: []string{"usergroups:read"}, events: []string{"subteam_members_changed", "subteam_updated"},
			when: func(c *Config) bool { return len(c.userGroups()) > 0 }},
		{feature: "the confirmed e-mail address", scopes: []string{"users:read.email"}, when: (*Config).readsEmail},
	}
}

// readsEmail says whether addresses are asked for: by a source, or for the
// proposal in a request, or because browsers sign in with one.
func (c *Config) readsEmail() bool {
	return c.has(SourceEmail) || c.takesRequests() || c.signsInByEmail()
}

// takesRequests says whether people can ask for access.
func (c *Config) takesRequests() bool { return c.Access.ApprovalsChannel != "" }

// Manifest returns the Slack app manifest, in YAML, that fits a config: with
// its command, and with the least scopes and events. A nil config is the default
// one.
func Manifest(c *Config) []byte { return manifest(c, needs()) }

func manifest(c *Config, needs []need) []byte {
	if c == nil {
		return defaultManifest
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(defaultManifest, &doc); err != nil {
		panic(err) // it is part of the program, and a test reads it
	}
	root := doc.Content[0]
	below(root, "features", "slash_commands").Content[0].Content[1].Value = c.Command
	if len(c.Access.Teams) > 0 {
		below(root, "settings", "org_deploy_enabled").Value = "true"
	}
	if c.signsIn() && c.slackSignsIn() {
		redirectTo(below(root, "oauth_config"), c.PublicURL.String()+"/auth/callback")
	}
	for _, n := range needs {
		if n.when(c) {
			extend(below(root, "oauth_config", "scopes", "bot"), n.scopes, n.feature)
			extend(below(root, "settings", "event_subscriptions", "bot_events"), n.events, n.feature)
		}
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		panic(err) // a buffer takes everything
	}
	return out.Bytes()
}

// below returns the value behind keys that are there.
func below(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		next := (*yaml.Node)(nil)
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				next = n.Content[i+1]
			}
		}
		if next == nil {
			panic(fmt.Sprintf("manifest.yaml has no %s", key))
		}
		n = next
	}
	return n
}

// redirectTo lists the address where Slack sends browsers that signed in.
func redirectTo(oauth *yaml.Node, address string) {
	word := func(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }
	there := word(address)
	there.LineComment = "# where browsers come back to from signing in"
	oauth.Content = append([]*yaml.Node{word("redirect_urls"), {Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{there}}}, oauth.Content...)
}

// extend appends what a list doesn't have yet.
func extend(list *yaml.Node, values []string, why string) {
next:
	for _, v := range values {
		for _, have := range list.Content {
			if have.Value == v {
				continue next
			}
		}
		list.Content = append(list.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v, LineComment: "# " + why})
	}
}
