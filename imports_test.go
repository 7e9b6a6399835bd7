package studiobot_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/studiobot/studiobot"

// deps returns what a package imports, directly and indirectly.
func deps(t *testing.T, pkg string) []string {
	t.Helper()
	// As the Dockerfile builds: without net/rpc, which Lambda's library has for a
	// runtime that is gone.
	out, err := exec.Command("go", "list", "-tags", "lambda.norpc", "-deps", pkg).Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", pkg, err)
	}
	return strings.Fields(string(out))
}

func within(path string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
}

// Imports point one way: cmd -> studiobot -> the halves -> studio.
func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	const slack, aws = "github.com/slack-go/slack", "github.com/aws"
	ours := func(names ...string) []string {
		for i := range names {
			names[i] = module + "/" + names[i]
		}
		return names
	}
	for _, rule := range []struct {
		pkg string
		// mayUse are the packages of this module; never is anything at all.
		mayUse, never []string
	}{
		{pkg: "./studio", never: []string{slack, aws, "net"}},
		{pkg: "./audit", never: []string{slack, aws, "net"}},
		{pkg: "./bot", mayUse: ours("studio", "audit"), never: []string{aws}},
		{pkg: "./mapping", mayUse: ours("studio"), never: []string{slack, aws, "net/http"}},
		{pkg: "./launch", mayUse: ours("studio", "audit"), never: []string{slack, aws}},
		{pkg: "./signin", mayUse: ours("studio", "audit"), never: []string{slack, aws}},
		{pkg: "./frontdoor", mayUse: ours("studio", "audit", "launch"), never: []string{slack, aws}},
		{pkg: "./studio/sagemaker", mayUse: ours("studio"), never: []string{slack}},
		{pkg: "./requests", mayUse: ours("studio", "audit"), never: []string{slack, aws, "net/http"}},
		{pkg: "./notify", mayUse: ours("studio"), never: []string{slack, aws, "net/http"}},
		{pkg: "./running", mayUse: ours("studio"), never: []string{slack, aws, "net/http"}},
		{pkg: "./store/memory", mayUse: ours("studio", "launch", "mapping", "requests", "notify", "audit"), never: []string{slack, aws}},
		{pkg: "./store/sqlite", mayUse: ours("studio", "launch", "mapping", "requests", "notify", "audit"), never: []string{slack, aws}},
		{pkg: "./store/dynamodb", mayUse: ours("studio", "launch", "mapping", "requests", "notify", "audit"), never: []string{slack, "github.com/aws/aws-sdk-go-v2/service/sagemaker"}},
		{pkg: "./lambda", never: []string{slack, "github.com/aws/aws-sdk-go-v2"}},
		{pkg: "./internal/lambdasim", never: []string{slack, "github.com/aws"}},
		{pkg: "./doctor", mayUse: ours("studio"), never: []string{aws}},
		{pkg: "./metrics", mayUse: ours("audit"), never: []string{slack, aws}},
		{pkg: "./limits", never: []string{slack, aws, "net"}},
		{pkg: "./internal/slacksim", never: []string{slack, aws}},
		{pkg: "./internal/sagemakersim", never: []string{slack}},
	} {
		self := module + strings.TrimPrefix(rule.pkg, ".")
		for _, dep := range deps(t, rule.pkg) {
			if within(dep, module) && dep != self && !slices.Contains(rule.mayUse, dep) {
				t.Errorf("%s imports %s", rule.pkg, strings.TrimPrefix(dep, module+"/"))
			}
			if dep != self && within(dep, rule.never...) {
				t.Errorf("%s reaches %s", rule.pkg, dep)
			}
		}
	}
}

// What runs in production holds no simulator, no browser driver, no test, and no
// template: text/template calls methods by name, so that the linker would keep
// every method of the AWS SDK, and the binary were twice as large.
func TestProductionBinaryHoldsNoSimulator(t *testing.T) {
	t.Parallel()
	for _, dep := range deps(t, "./cmd/studiobot") {
		if within(dep, module+"/internal", module+"/store/conformance", module+"/cmd/demo", "github.com/chromedp", "testing", "text/template") {
			t.Errorf("cmd/studiobot contains %s", dep)
		}
	}
	service := "github.com/aws/aws-sdk-go-v2/service/"
	clients := map[string]string{service + "sagemaker": "/studio/sagemaker", service + "dynamodb": "/store/dynamodb"}
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		importer := fields[0]
		for client, only := range clients {
			if slices.Contains(fields[1:], client) && importer != module+only {
				t.Errorf("%s imports the client %s; only %s may", importer, client, only)
			}
		}
	}
}
