package studiobot_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/studiobot/studiobot"
)

// What is wrong about sources, groups and requests for access.
func TestMistakesOfAccess(t *testing.T) {
	line := func(yaml string, want ...string) mistakeCase {
		c := mistakeCase{name: yaml, add: yaml + "\n"}
		for _, w := range want {
			c.want = append(c.want, "6: "+w)
		}
		return c
	}
	domain := func(key, value, problem, below string) mistakeCase {
		return mistakeCase{name: key + " " + value, old: "region: us-west-2", change: "region: us-west-2, " + key + ": " + value,
			want: []string{"3: domains[0]." + key + below + ": " + problem}}
	}
	source := func(yaml string, want ...string) mistakeCase {
		c := mistakeCase{name: "source " + yaml, old: "- file: users.yaml", change: "- file: users.yaml\n  - " + yaml}
		for _, w := range want {
			c.want = append(c.want, "6: "+w)
		}
		return c
	}
	runMistakes(t, []mistakeCase{
		line("access: {teams: [E0123ABCD]}", "access.teams[0]: E0123ABCD doesn't fit; write a workspace's ID, like T0123ABCD"),
		line("access: {admins: [U012AB3CD, S0123ABCD, W012AB3CD]}"),
		line("access: {admins: [B0123ABCD]}", "access.admins[0]: B0123ABCD doesn't fit; write the ID of a person or a user group, like U012AB3CD or S0123ABCD"),
		line("access: {approvals_channel: C0123ABCD}",
			"access.approvals_channel: needs access.admins: nobody could decide; write who may, like admins: [U012AB3CD]",
			"access.approvals_channel: needs a table in mapping: an approved request is kept there; add the source - table: true"),
		line("access: {approvals_channel: ml, admins: [U012AB3CD]}", "access.approvals_channel: ml doesn't fit; write a channel's ID, like C0123ABCD"),
		line("access: {self_approval: yes please}", `access.self_approval: "yes please" is neither true nor false; write true or false`),
		source("{file: other.yaml, max_age: 1h}", "mapping[1].max_age: goes with tag, email and table only; leave it out",
			"mapping[1].file: other.yaml can't be read (no such file or directory); write it with a line for each person: U012AB3CD: jane-doe"),
		source("{tag: slack-user-id, max_age: 30s}", "mapping[1].max_age: 30s is too short; write a duration from 1m to 168h in whole seconds"),
		{name: "a tag twice", old: "- file: users.yaml", change: "- file: users.yaml\n  - {tag: slack-user-id}\n  - {tag: slack-user-id}",
			want: []string{"7: mapping[2].tag: is the source in line 6, too; keep one"}},
		source(`{email: "{{ .Local }}"}`, "mapping[1].domains: is missing; write the mail domains whose addresses count, like [example.com]"),
		source(`{email: jane, domains: [example.com]}`, `mapping[1].email: without {{ .Local }} or {{ .Email }} everybody would get the same user profile; write a template like "{{ .Local }}"`),
		domain("profile_tags", "[a]", "is a list, not a group; write tags, like {studiobot: enabled}", ""),
		domain("profile_tags", "{a: [b]}", "is a list, not a value; write text, in quotes if it looks like something else", ".a"),
		domain("user_groups", "[U012AB3CD]", "U012AB3CD doesn't fit; write a Slack user group's ID, like S0123ABCD", "[0]"),
	})
}

// What has no effect is said.
func TestAccessWarnings(t *testing.T) {
	t.Parallel()
	folder := configFolder(t)
	yaml := strings.Replace(least, "region: us-west-2", "region: us-west-2, create_profiles: true", 1)
	yaml = strings.Replace(yaml, "mapping:", "  - {name: prod, id: d-abcdefghijkm, region: us-west-2, profile_tags: {a: b}}\nmapping:", 1)
	cfg, err := studiobot.Parse(filepath.Join(folder, "studiobot.yaml"), []byte(yaml), tokens)
	if err != nil || len(cfg.Warnings) != 2 || !strings.Contains(cfg.Warnings[0], "domains[0].create_profiles has no effect without access.approvals_channel") ||
		!strings.Contains(cfg.Warnings[1], "domains[1].profile_tags has no effect without create_profiles") {
		t.Errorf("%q, %v", cfg.Warnings, err)
	}
}
