package studiobot

import (
	"fmt"
	"strings"
)

const referenceHead = `# Configuration

This page is printed by ` + "`studiobot config reference`" + `, from the same table that
studiobot reads its config with.

studiobot reads one YAML file (` + "`--config`" + `, or studiobot.yaml in the working
folder) and a few environment variables, once, at the start. Every value is
checked before anything starts. ` + "`studiobot check`" + ` prints all mistakes, each with
file and line and what would be right, and exits 2. A key that isn't listed here
is a mistake. Relative paths are relative to the folder of the config file.
Durations are written ` + "`90s`, `2m`, `8h` or `1h30m`" + `.

## studiobot.yaml

| key | value | left out | what it is |
| --- | --- | --- | --- |
`

// Reference returns the reference of all keys and variables, in Markdown.
func Reference() []byte {
	var b strings.Builder
	b.WriteString(referenceHead)
	for _, r := range rows() {
		doc := r.doc
		for _, note := range []string{r.unbuiltNote(), r.unservedNote()} {
			if note != "" {
				doc += "; *" + note + "*"
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.path, cell(r.values()), cell(r.leftOut()), cell(doc))
	}
	b.WriteString("\n## Environment\n\n| variable | what it is |\n| --- | --- |\n")
	for _, v := range variables() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", v.name, cell(v.doc))
	}
	b.WriteString("\n## Example\n\nWritten by `studiobot config init`.\n\n```yaml\n")
	b.Write(Example())
	b.WriteString("```\n")
	return []byte(b.String())
}

// cell keeps a text from ending a table's cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// values says what may be written.
func (r row) values() string {
	switch r.kind {
	case duration:
		s := fmt.Sprintf("%s to %s", short(r.from), short(r.to))
		if r.whole {
			s += ", whole seconds"
		}
		return s
	case choice:
		return "`" + strings.Join(r.words, "`, `") + "`"
	case rate:
		return "`N/DURATION` or `off`"
	case place:
		return "`memory`, `sqlite:FILE` or `dynamodb:TABLE`"
	case text:
		if r.pattern != nil {
			return strings.TrimPrefix(r.want, "write ")
		}
		return fmt.Sprintf("text, up to %d characters", r.limit())
	case list, link:
		if r.kind == list {
			return "list; each: " + strings.TrimPrefix(r.want, "write ")
		}
		return strings.TrimPrefix(r.want, "write ")
	}
	return string(r.kind)
}

// leftOut says what counts where the key isn't written.
func (r row) leftOut() string {
	switch {
	case r.must:
		return "required"
	case r.def != "":
		return "`" + r.def + "`"
	case r.kind == group:
		return ""
	}
	return "empty"
}

func (r row) unbuiltNote() string {
	for _, u := range notYet() {
		if u.path != r.path {
			continue
		}
		if len(u.values) == 0 {
			return "not in this version yet"
		}
		return anyOf(u.values) + ": not in this version yet"
	}
	return ""
}

func (r row) unservedNote() string {
	for _, p := range notServed() {
		if p == r.path {
			return "no effect in this version yet"
		}
	}
	return ""
}

// variable is an environment variable.
type variable struct{ name, doc string }

// variables are those that studiobot and what it is made of read.
func variables() []variable {
	return []variable{
		{appTokenName, "the app-level token (xapp-…, scope connections:write); required"},
		{botTokenName, "the bot token (xoxb-…); required"},
		{appTokenName + "_FILE, " + botTokenName + "_FILE", "a file that holds the token, in place of the variable itself; a line break at its end doesn't count"},
		{clientSecretName, "the OpenID client's secret; required with sign_in.client_id"},
		{cookieKeysName, "keys that seal the cookies of signed-in browsers, each of `openssl rand -base64 32`, with spaces or line breaks between them: the first seals, all of them open; required with sign_in.client_id"},
		{clientSecretName + "_FILE, " + cookieKeysName + "_FILE", "a file that holds it, in place of the variable itself"},
		{"SLACK_API_URL", "another address of Slack's Web API: https, or http on a loopback host"},
		{"AWS_…", "the AWS SDK's own: region, credentials, profiles, roles"},
		{"AWS_ENDPOINT_URL_SAGEMAKER, AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL", "another address of the AWS APIs: https, or http on a loopback host"},
		{"HTTPS_PROXY, NO_PROXY", "the proxy for calls to Slack and AWS, and who is reached without it"},
	}
}
