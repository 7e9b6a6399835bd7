package studiobot

import (
	"crypto/tls"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/studiobot/studiobot/mapping"
	"github.com/studiobot/studiobot/studio"
	"github.com/studiobot/studiobot/studio/sagemaker"
)

// reservedNames are words that people type after the command and that mean, or
// will mean, something else than a domain.
func reservedNames() []string {
	return []string{"help", "admin", "status", "spaces", "notebook", "notebooks", "remind", "lab", "code", "canvas", "rstudio", "classic", "mlflow", "studio"}
}

// together checks what single keys can't show. What is wrong by itself is empty
// here, and isn't talked about twice.
func (r *reader) together() {
	r.checkDomains()
	r.checkSources()
	r.checkApprovals()
	r.checkRole()
	r.checkSignIn()
	if t := r.cfg.TLS; (t.Cert == "") != (t.Key == "") && r.fine("tls.cert") && r.fine("tls.key") {
		r.wrong(r.line("tls.cert", "tls.key", "tls"), "tls", "has only one of cert and key", "write both, or neither")
	}
	if r.outside {
		r.checkFiles()
	}
}

// line is where the first of the keys that is written stands.
func (r *reader) line(keys ...string) int {
	for _, k := range keys {
		if n, ok := r.lines[k]; ok {
			return n
		}
	}
	return 1
}

// fine says that there is no mistake in a key.
func (r *reader) fine(key string) bool {
	return !slices.ContainsFunc(r.mistakes, func(m Mistake) bool { return m.Key == key })
}

func (r *reader) checkDomains() {
	names, ids := map[string]int{}, map[string]int{}
	for i := range r.cfg.Domains {
		d := &r.cfg.Domains[i]
		key := fmt.Sprintf("domains[%d]", i)
		nameLine := r.line(key+".name", key)
		if first, twice := names[d.Name]; twice && d.Name != "" {
			r.wrong(nameLine, key+".name", fmt.Sprintf("%s is the name of the domain in line %d, too", d.Name, first), "give each a name of its own")
		} else {
			names[d.Name] = nameLine
		}
		if slices.Contains(reservedNames(), d.Name) {
			r.wrong(nameLine, key+".name", d.Name+" is a word of the command itself", "choose another name")
		}
		idLine := r.line(key+".id", key)
		id := d.Region + " " + d.ID
		if first, twice := ids[id]; twice && d.ID != "" && d.Region != "" {
			r.wrong(idLine, key+".id", fmt.Sprintf("%s in %s is the domain in line %d, too", d.ID, d.Region, first), "keep one")
		} else {
			ids[id] = idLine
		}
		if d.Label == "" {
			d.Label = d.Name
		}
		if d.Open == studio.MLflow && len(d.MLflow) == 0 && r.fine(key+".mlflow") {
			r.wrong(r.line(key+".open", key), key+".open", "is mlflow, and the domain has no tracking server", "list its tracking servers under mlflow")
		}
	}
	r.checkRoles()
}

// checkRoles checks what a role is good for.
func (r *reader) checkRoles() {
	some := false
	for i, d := range r.cfg.Domains {
		key := fmt.Sprintf("domains[%d].role_arn", i)
		some = some || d.RoleARN != "" || !r.fine(key)
		if partition := partitionOf(d.Region); d.RoleARN != "" && d.Region != "" && !strings.HasPrefix(d.RoleARN, "arn:"+partition+":") {
			r.wrong(r.line(key), key, "is of another part of AWS than the Region "+d.Region, "write a role of the domain's own account, arn:"+partition+":iam::…")
		}
	}
	if key := "launch.session_policy"; r.cfg.Launch.SessionPolicy == SessionPolicyProfile && !some {
		r.wrong(r.line(key), key, "there is no role session to limit, because no domain has a role_arn", "write the domain's role_arn, or leave it out")
	}
}

// partitionOf is the part of AWS that a Region is in, as ARNs have it.
func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "us-iso-"):
		return "aws-iso"
	case strings.HasPrefix(region, "us-isob-"):
		return "aws-iso-b"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc"
	}
	return "aws"
}

// checkFiles looks into the files that the config names.
func (r *reader) checkFiles() {
	if t := r.cfg.TLS; t.Cert != "" && t.Key != "" {
		if _, err := tls.LoadX509KeyPair(t.Cert, t.Key); err != nil {
			r.wrong(r.line("tls.cert"), "tls", "the pair can't be loaded ("+err.Error()+")", "name a certificate and its key, both PEM")
		}
	}
	var names []string
	for _, d := range r.cfg.Domains {
		names = append(names, d.Name)
	}
	for i, s := range r.cfg.Mapping {
		if s.Kind == SourceFile && s.File != "" && r.role.talks() {
			r.checkUsers(fmt.Sprintf("mapping[%d].file", i), s.File, names)
		}
	}
}

// checkUsers looks into a users file.
func (r *reader) checkUsers(key, path string, domains []string) {
	f, problem := openRegular(path)
	if problem != "" {
		r.wrong(r.line(key), key, problem, "write it with a line for each person: U012AB3CD: jane-doe")
		return
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mapping.MaxUsersFile(path)+1))
	if err != nil {
		r.wrong(r.line(key), key, showPath(path)+" can't be read ("+reason(err)+")", "name a file that this account may read")
		return
	}
	mistakes, warnings := mapping.Check(path, data, domains)
	for _, m := range mistakes {
		r.add(Mistake{File: m.File, Line: m.Line, Problem: m.Problem})
	}
	r.cfg.Warnings = append(r.cfg.Warnings, warnings...)
}

// environment reads what doesn't stand in the file.
func (r *reader) environment(getenv func(string) string) {
	if r.role.talks() {
		r.secrets(getenv)
	}
	if value := getenv("SLACK_API_URL"); value != "" {
		u, problem := readURL(value)
		if problem != "" {
			r.env("SLACK_API_URL", problem, "set it to an https address like https://slack.com/api/ (http on a loopback host only)")
		} else {
			r.cfg.SlackAPIURL = strings.TrimRight(u.String(), "/") + "/"
		}
	}
	if InLambda(getenv) && r.cfg.Store.Kind != StoreDynamoDB && r.fine("store") {
		r.wrong(r.line("store"), "store", r.cfg.Store.Kind+" doesn't last in a Lambda function, and no other copy sees it", "set it to dynamodb:TABLE")
	}
	r.signInSecrets(getenv)
	for _, err := range sagemaker.CheckEndpoints(getenv) {
		r.add(Mistake{File: environmentFile, Problem: err.Error()})
	}
}
