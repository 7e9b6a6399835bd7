package studiobot_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/studiobot/studiobot"
)

// manifestSchemas compiles our schema, and Slack's own where it is at hand.
func manifestSchemas(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	paths := []string{filepath.Join("testdata", "manifest.schema.json")}
	if own := os.Getenv("STUDIOBOT_SLACK_SCHEMA"); own != "" {
		paths = append(paths, own)
	}
	schemas := map[string]*jsonschema.Schema{}
	for _, path := range paths {
		compiler := jsonschema.NewCompiler()
		compiler.UseRegexpEngine(schemaPattern)
		s, err := compiler.Compile(path)
		if err != nil {
			t.Fatal(err)
		}
		schemas[path] = s
	}
	return schemas
}

// schemaPattern reads a pattern of a schema. Slack's has two with a lookahead,
// which Go's regular expressions don't know, for domains that our manifest
// doesn't have: those take anything.
func schemaPattern(pattern string) (jsonschema.Regexp, error) {
	re, err := regexp.Compile(pattern)
	if err != nil && strings.Contains(pattern, "(?!") {
		return anything(pattern), nil
	}
	return re, err
}

// anything is a pattern that every text fits.
type anything string

func (anything) MatchString(string) bool { return true }
func (a anything) String() string        { return string(a) }

// manifestFile is what the tests look at in a manifest.
type manifestFile struct {
	Features struct {
		SlashCommands []struct {
			Command      string
			ShouldEscape bool `yaml:"should_escape"`
		} `yaml:"slash_commands"`
		Shortcuts []struct {
			Type       string
			CallbackID string `yaml:"callback_id"`
		}
	}
	OAuth struct {
		Scopes struct{ Bot, User []string }
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
	}
}

func readManifest(t testing.TB, data []byte) (m manifestFile, all any) {
	t.Helper()
	if err := yaml.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return m, all
}

func TestManifestFitsTheSchema(t *testing.T) {
	t.Parallel()
	schemas := manifestSchemas(t)
	later := studiobot.Need{
		Feature: "later", Scopes: []string{"pins:read", "commands"}, Events: []string{"team_rename", "team_join"},
		When: func(c *studiobot.Config) bool { return c.Command == "/studio" },
	}
	groups := studiobot.Config{Command: "/studio", Access: studiobot.Access{UserGroups: []string{"S0123ABCD"}}}
	admins := studiobot.Config{Command: "/studio", Access: studiobot.Access{Admins: []string{"U0ANN", "S0ADMINS"}}}
	mail := studiobot.Config{Command: "/studio", Mapping: []studiobot.Source{{Kind: studiobot.SourceEmail}}}
	asking := studiobot.Config{Command: "/studio", Access: studiobot.Access{Admins: []string{"U0ANN"}, ApprovalsChannel: "C0APPROVE"}}
	org := studiobot.Config{Command: "/studio", Access: studiobot.Access{Teams: []string{"T0ACME"}}}
	for name, c := range map[string]struct {
		data           []byte
		command        string
		scopes, events int // more than in the default
	}{
		"default":           {studiobot.Manifest(nil), "/studio", 0, 0},
		"same command":      {studiobot.Manifest(&studiobot.Config{Command: "/studio"}), "/studio", 0, 0},
		"other command":     {studiobot.Manifest(&studiobot.Config{Command: "/ml_lab-2"}), "/ml_lab-2", 0, 0},
		"longest command":   {studiobot.Manifest(&studiobot.Config{Command: "/" + strings.Repeat("a", 31)}), "/" + strings.Repeat("a", 31), 0, 0},
		"user groups":       {studiobot.Manifest(&groups), "/studio", 1, 2},
		"a group of admins": {studiobot.Manifest(&admins), "/studio", 1, 2},
		"e-mail addresses":  {studiobot.Manifest(&mail), "/studio", 1, 0},
		"requests":          {studiobot.Manifest(&asking), "/studio", 1, 0},
		"an organisation":   {studiobot.Manifest(&org), "/studio", 0, 0},
		"everything":        {studiobot.Manifest(everything()), "/studio", 2, 2},
		"a feature on":      {studiobot.ManifestWith(&groups, later), "/studio", 2, 3},
		"the feature off":   {studiobot.ManifestWith(&studiobot.Config{Command: "/lab"}, later), "/lab", 0, 0},
		"no manifest stays": {studiobot.Manifest(nil), "/studio", 0, 0}, // the embedded one wasn't changed by the others
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, all := readManifest(t, c.data)
			for path, s := range schemas {
				if err := s.Validate(all); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
			if len(m.Features.SlashCommands) != 1 || m.Features.SlashCommands[0].Command != c.command || !m.Features.SlashCommands[0].ShouldEscape {
				t.Errorf("the commands are %+v", m.Features.SlashCommands)
			}
			if len(m.OAuth.Scopes.Bot) != 3+c.scopes || len(m.Settings.Events.Bot) != 5+c.events {
				t.Errorf("scopes %v, events %v", m.OAuth.Scopes.Bot, m.Settings.Events.Bot)
			}
		})
	}
}

// The file is what is printed for the default config, comments and all.
func TestManifestIsTheFile(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if got := studiobot.Manifest(&studiobot.Config{Command: "/studio"}); string(got) != string(file) || string(studiobot.Manifest(nil)) != string(file) {
		t.Errorf("manifest.yaml isn't as the program would write it:\n%s", got)
	}
}

// A schema that takes everything would prove nothing.
func TestManifestSchemaRefuses(t *testing.T) {
	t.Parallel()
	schemas := manifestSchemas(t)
	for name, change := range map[string][2]string{
		"unknown key":      {"settings:", "setings: {}\nsettings:"},
		"long name":        {"name: studiobot\n", "name: " + strings.Repeat("x", 36) + "\n"},
		"no slash":         {"command: /studio", "command: studio"},
		"long command":     {"command: /studio", "command: /" + strings.Repeat("a", 32)},
		"no description":   {"      description: Open your SageMaker Studio\n", ""},
		"scope twice":      {"- users:read", "- users:read\n      - users:read"},
		"no interactivity": {"    is_enabled: true\n", "    {}\n"},
	} {
		text := strings.Replace(string(studiobot.Manifest(nil)), change[0], change[1], 1)
		_, all := readManifest(t, []byte(text))
		refused := schemas[filepath.Join("testdata", "manifest.schema.json")].Validate(all) != nil
		if text == string(studiobot.Manifest(nil)) || !refused {
			t.Errorf("%s: accepted", name)
		}
	}
}

// everything is a config with every feature that asks Slack for more.
func everything() *studiobot.Config {
	return &studiobot.Config{
		Command: "/studio", Mapping: []studiobot.Source{{Kind: studiobot.SourceEmail}},
		Access: studiobot.Access{UserGroups: []string{"S0123ABCD"}, Admins: []string{"U0ANN"}, ApprovalsChannel: "C0APPROVE"},
	}
}

// slackMethods says what slack-go's methods need. A method that the bot calls
// and that isn't here needs a row, and perhaps a scope.
func slackMethods() map[string]string {
	return map[string]string{
		"AuthTestContext":        "", // auth.test
		"StartSocketModeContext": "", // apps.connections.open, the app token's
		"GetUsersPaginated":      "users:read",
		"GetUserInfoContext":     "users:read",
		"Debug":                  "", // no call

		"GetUserGroupMembersContext": "usergroups:read",
		"PostMessageContext":         "chat:write",
		"UpdateMessageContext":       "chat:write",
		"OpenViewContext":            "", // a trigger is enough
		"PushViewContext":            "",
		"UpdateViewContext":          "",
		"PublishViewContext":         "",
		"ListTeamsContext":           "", // auth.teams.list
	}
}

// slackEvents says which scope an event needs: those of the Events API that a
// bot like this one could want.
func slackEvents() map[string]string {
	return map[string]string{
		"user_change": "users:read", "team_join": "users:read", "user_profile_changed": "users:read", "user_status_changed": "users:read",
		"user_guest_status_changed": "users:read", "app_uninstalled": "", "tokens_revoked": "", "app_home_opened": "",
		"subteam_members_changed": "usergroups:read", "subteam_updated": "usergroups:read", "subteam_created": "usergroups:read",
		"team_domain_change": "team:read", "team_rename": "team:read", "app_mention": "app_mentions:read", "link_shared": "links:read",
		"channel_shared": "channels:read", "member_joined_channel": "channels:read",
	}
}

// The manifest asks for what the code uses: no more, no less.
func TestManifestFitsTheCode(t *testing.T) {
	t.Parallel()
	calls, events := slackUses(t)
	scopes := map[string]bool{"commands": true, "users:read.email": true} // the slash command itself, and a field of users.list
	for call := range calls {
		scope, known := slackMethods()[call]
		if !known {
			t.Errorf("bot calls %s; which scope does that take?", call)
		}
		if scope != "" {
			scopes[scope] = true
		}
	}
	for event := range events {
		if scope := slackEvents()[event]; scope != "" {
			scopes[scope] = true
		}
	}
	if len(calls) < 3 || len(events) < 2 {
		t.Fatalf("too little was found in bot: calls %v, events %v", calls, events)
	}
	m, _ := readManifest(t, studiobot.Manifest(everything()))
	if got, want := slices.Sorted(slices.Values(m.OAuth.Scopes.Bot)), slices.Sorted(maps.Keys(scopes)); !slices.Equal(got, want) {
		t.Errorf("the manifest has the scopes %v, the code needs %v", got, want)
	}
	if got, want := slices.Sorted(slices.Values(m.Settings.Events.Bot)), slices.Sorted(maps.Keys(events)); !slices.Equal(got, want) {
		t.Errorf("the manifest has the events %v, the code takes %v", got, want)
	}
	if len(m.OAuth.Scopes.User) > 0 {
		t.Errorf("user scopes: %v", m.OAuth.Scopes.User)
	}
}

// slackUses finds, in the source of package bot, the methods called on the Slack
// client (x.api().Method) and the events that are told apart (case "event").
func slackUses(t *testing.T) (calls, events map[string]bool) {
	t.Helper()
	calls, events = map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir("bot", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if method, ok := n.Fun.(*ast.SelectorExpr); ok && isSlackClient(method.X) {
					calls[method.Sel.Name] = true
				}
			case *ast.CaseClause:
				for _, e := range n.List {
					if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
						if event, _ := strconv.Unquote(lit.Value); isSlackEvent(event) {
							events[event] = true
						}
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return calls, events
}

// isSlackClient says whether an expression is the client in use, x.api(), or the
// one that fresh tokens are tried with.
func isSlackClient(x ast.Expr) bool {
	if name, ok := x.(*ast.Ident); ok {
		return name.Name == "fresh"
	}
	call, ok := x.(*ast.CallExpr)
	if !ok {
		return false
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	return ok && method.Sel.Name == "api"
}

func isSlackEvent(s string) bool {
	_, known := slackEvents()[s]
	return known
}
