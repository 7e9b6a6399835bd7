package studiobot

import "time"

// policyRows are about who may ask and what a link is worth.
func policyRows() []row {
	return []row{
		{path: "access", kind: group, doc: "who may ask"},
		{path: "access.guests", kind: choice, def: "deny", words: []string{"deny", "allow"},
			doc: "guests of the workspace", example: "deny",
			at: func(c *Config) any { return &c.Access.Guests }},
		{path: "access.user_groups", kind: list, pattern: groupPattern, want: "write a Slack user group's ID, like S0123ABCD",
			doc: "only members of one of these Slack user groups; empty: everyone who is mapped",
			at:  func(c *Config) any { return &c.Access.UserGroups }},
		{path: "access.teams", kind: list, pattern: teamPattern, want: "write a workspace's ID, like T0123ABCD",
			doc: "on Enterprise Grid, the workspaces that people may ask from; empty: all that the app is installed in",
			at:  func(c *Config) any { return &c.Access.Teams }},
		{path: "access.help", kind: text, runes: 300,
			doc: "said to whoever is refused", example: `"Ask in #ml-platform."`,
			at: func(c *Config) any { return &c.Access.Help }},
		{path: "access.admins", kind: list, pattern: adminPattern, want: "write the ID of a person or a user group, like U012AB3CD or S0123ABCD",
			doc: "who may use the admin commands and decide requests for access",
			at:  func(c *Config) any { return &c.Access.Admins }},
		{path: "access.approvals_channel", kind: text, pattern: channelPattern, want: "write a channel's ID, like C0123ABCD",
			doc: "the channel where requests for access are decided; needs a table and admins; empty: nobody can ask",
			at:  func(c *Config) any { return &c.Access.ApprovalsChannel }},
		{path: "access.self_approval", kind: flag, def: "false",
			doc: "admins may approve their own requests, and link and unlink themselves",
			at:  func(c *Config) any { return &c.Access.SelfApproval }},

		{path: "launch", kind: group, doc: "what a link is worth"},
		{path: "launch.link_ttl", kind: duration, def: "2m", from: 10 * time.Second, to: 15 * time.Minute,
			doc: "how long a link can be used", example: "2m",
			at: func(c *Config) any { return &c.Launch.LinkTTL }},
		{path: "launch.url_ttl", kind: duration, def: "5s", from: 5 * time.Second, to: 5 * time.Minute, whole: true,
			doc: "how long the presigned URL behind it can be used", example: "5s",
			at: func(c *Config) any { return &c.Launch.URLTTL }},
		{path: "launch.proof", kind: choice, def: "click", words: []string{"click", "confirm", "sign_in"},
			doc: "what shows that the right person opens it; confirm lets in whoever holds the link", example: "click",
			at: func(c *Config) any { return &c.Launch.Proof }},
		{path: "launch.delivery", kind: choice, def: "redirect", words: []string{"redirect", "page"},
			doc: "how the browser gets the presigned URL; page: in a page instead of a header, for proxies that can't pass a long one",
			at:  func(c *Config) any { return &c.Launch.Delivery }},
		{path: "launch.session_policy", kind: choice, def: SessionPolicyNone, words: []string{SessionPolicyNone, SessionPolicyProfile},
			doc: "profile: the role session that a launch is made in can open nothing but what it is for; needs a role_arn",
			at:  func(c *Config) any { return &c.Launch.SessionPolicy }},
	}
}

// runningRows are about what runs in Studio, and beside it.
func runningRows() []row {
	return []row{
		{path: "studio", kind: group, doc: "what people may do with what runs"},
		{path: "studio.allow_stop", kind: flag, def: "false",
			doc: "people may stop their own apps and notebook instances; needs sagemaker:DeleteApp and StopNotebookInstance",
			at:  func(c *Config) any { return &c.Studio.AllowStop }},
		{path: "notebooks", kind: group, doc: "notebook instances"},
		{path: "notebooks.tag", kind: text, pattern: tagPattern, want: "write the key of a tag, like slack-user-id",
			doc: "the tag on a notebook instance that holds the Slack user ID of whoever may open it; empty: no tag counts",
			at:  func(c *Config) any { return &c.Notebooks.Tag }},
		{path: "notebooks.allow_start", kind: flag, def: "false",
			doc: "people may start the notebook instances that are theirs; needs sagemaker:StartNotebookInstance",
			at:  func(c *Config) any { return &c.Notebooks.AllowStart }},
		{path: "prices", kind: group, doc: "what instances cost, for /studio status; AWS isn't asked"},
		{path: "prices.currency", kind: text, def: "USD", pattern: currencyPattern, want: "write up to 8 letters or a sign, like USD or €",
			doc: "stands behind every amount",
			at:  func(c *Config) any { return &c.Prices.Currency }},
		{path: "prices.per_hour", kind: prices, want: wantPrice,
			doc: "the price of an hour, by instance type; what isn't in it is shown without a price",
			at:  func(c *Config) any { return &c.Prices.PerHour }},
	}
}

// restRows are about running the bot.
func restRows() []row {
	return []row{
		{path: "limits", kind: group, doc: "rates, like 30/1m; off: none"},
		{path: "limits.person", kind: rate, def: "30/1m", doc: "commands of one person",
			at: func(c *Config) any { return &c.Limits.Person }},
		{path: "limits.refused", kind: rate, def: "30/1m", doc: "tries of links that aren't there, from one client address; beyond it that address has to wait",
			at: func(c *Config) any { return &c.Limits.Refused }},
		{path: "limits.alarm", kind: rate, def: "600/1m", doc: "links opened by all people together; beyond it an alarm (log, metric, message to the admins), nobody is refused",
			at: func(c *Config) any { return &c.Limits.Alarm }},

		{path: "store", kind: place, def: StoreMemory, want: "write memory, sqlite:FILE or dynamodb:TABLE",
			doc: "what outlives the process, and where", example: StoreMemory,
			at: func(c *Config) any { return &c.Store }},

		{path: "log", kind: group, doc: "goes to standard error"},
		{path: "log.level", kind: choice, def: "info", words: []string{"debug", "info", "warn", "error"},
			doc: "the least that is logged; audit lines always are", example: "info",
			at: func(c *Config) any { return &c.Log.Level }},
		{path: "log.format", kind: choice, def: "auto", words: []string{"auto", "text", "json"},
			doc: "auto: text on a terminal, JSON elsewhere", example: "auto",
			at: func(c *Config) any { return &c.Log.Format }},
	}
}

// unbuilt is a key, or some values of one, that this version knows and can't
// do. What isn't done is refused: ignoring it could let somebody in.
type unbuilt struct {
	path string
	// values that aren't there yet, or what stands before a colon; none: any.
	values []string
	what   string
}

// notYet shrinks as studiobot grows.
func notYet() []unbuilt {
	return nil
}

// notServed are keys that are checked and have no effect in this version yet.
// Nobody is let in by ignoring them, so that writing them is a warning only.
func notServed() []string {
	return nil
}
