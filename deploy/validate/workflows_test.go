package validate

import (
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
)

// linted is what actionlint says of a workflow: keys, types of expressions,
// needs, permissions, runners.
func linted(t *testing.T, path, text string) []string {
	t.Helper()
	l, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	found, err := l.Lint(path, []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, e := range found {
		said = append(said, e.Error())
	}
	return said
}

func TestWorkflows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(root + "/.github/workflows/*.yml")
	if err != nil || len(files) < 2 {
		t.Fatalf("%v: %v", files, err)
	}
	for _, file := range files {
		name := ".github/workflows/" + filepath.Base(file)
		for _, said := range linted(t, name, read(t, name)) {
			t.Error(said)
		}
	}
	const release = ".github/workflows/release.yml"
	for _, c := range []struct{ name, right, wrong, says string }{
		{"a misspelt key", "runs-on:", "run-on:", `unexpected key "run-on"`},
		{"a job that isn't", "needs: test", "needs: tests", `"tests"`},
		{"an expression of nothing", "${{ github.ref_name }}", "${{ githb.ref_name }}", `undefined variable "githb"`},
		{"a permission that isn't", "id-token: write", "id-tokens: write", `"id-tokens"`},
		{"a step's output that isn't", "steps.build.outputs.digest", "steps.built.outputs.digest", `"built"`},
	} {
		if said := strings.Join(linted(t, release, plant(t, read(t, release), c.right, c.wrong)), "\n"); !strings.Contains(said, c.says) {
			t.Errorf("%s isn't noticed: %s", c.name, said)
		}
	}
}

// A release is built as `make build` builds, and nothing but this repository's
// own tags starts one.
func TestReleaseBuildsAsMakeDoes(t *testing.T) {
	t.Parallel()
	flags := regexp.MustCompile(`build -tags lambda\.norpc -trimpath -ldflags ['"](-s -w -X main\.version=)`)
	for _, file := range []string{"Makefile", "Dockerfile", ".github/workflows/release.yml"} {
		text := read(t, file)
		builds := strings.Count(text, "RUN go build ") + strings.Count(text, "$(GO) build ")
		if builds == 0 && file != ".github/workflows/release.yml" || len(flags.FindAllString(text, -1)) != builds {
			t.Errorf("%s: %d builds, %d of them with the flags", file, builds, len(flags.FindAllString(text, -1)))
		}
	}
	if text := read(t, ".github/workflows/release.yml"); !strings.Contains(text, "\non:\n  push:\n    tags: [\"v*\"]\n") {
		t.Error("something else starts a release")
	}
}
