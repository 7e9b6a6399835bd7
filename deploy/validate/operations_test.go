package validate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// uncalled are actions that the policies grant and that are no call of ours, with
// the reason.
func uncalled() map[string]string {
	return map[string]string{
		"sts:TagSession":        "AssumeRole with session tags is checked for it",
		"sts:SetSourceIdentity": "AssumeRole with a source identity is checked for it",
		"sagemaker:AddTags":     "CreateUserProfile with tags is checked for it",
		"dynamodb:TagResource":  "CreateTable with tags is checked for it",
		"sagemaker:CreatePresignedDomainUrlWithPrincipalTag": "CreatePresignedDomainUrl of a session with tags may be checked for it (AWS's guide for Canvas); wants proof on an account",
		"secretsmanager:GetSecretValue":                      "ECS calls it, before the program starts",
	}
}

// ungranted are calls that need no grant, with the reason.
func ungranted() map[string]string {
	return map[string]string{"sts:GetCallerIdentity": "AWS asks nobody for a permission to it"}
}

// granted are the actions of deploy/iam.
func granted(t *testing.T) []string {
	t.Helper()
	actions := map[string]bool{}
	for _, all := range policies(t) {
		for _, s := range all {
			for _, a := range s.Actions {
				actions[a] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(actions))
}

// written are the operations that the program's source calls: each makes its
// operation's input, or a paginator of it.
func written(t *testing.T) []string {
	t.Helper()
	actions := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{"internal", "node_modules", ".git", "deploy", "testdata"}, d.Name()):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, a := range inputs(file) {
			actions[a] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(actions))
}

// inputs are the operations whose input a file makes.
func inputs(file *ast.File) []string {
	services := map[string]string{}
	for _, i := range file.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		service, ok := strings.CutPrefix(path, "github.com/aws/aws-sdk-go-v2/service/")
		if !ok || strings.Contains(service, "/") {
			continue
		}
		name := service
		if i.Name != nil {
			name = i.Name.Name
		}
		services[name] = service
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if selector, ok := literal.Type.(*ast.SelectorExpr); ok {
			from, _ := selector.X.(*ast.Ident)
			if operation, ok := strings.CutSuffix(selector.Sel.Name, "Input"); ok && from != nil && services[from.Name] != "" {
				out = append(out, services[from.Name]+":"+operation)
			}
		}
		return true
	})
	return out
}

// differences are what only one of two lists has.
func differences(a, b []string, but ...map[string]string) (onlyA, onlyB []string) {
	only := func(x, y []string) (out []string) {
		for _, v := range x {
			excused := slices.ContainsFunc(but, func(m map[string]string) bool { return m[v] != "" })
			if !slices.Contains(y, v) && !excused {
				out = append(out, v)
			}
		}
		return out
	}
	return only(a, b), only(b, a)
}

// The policies grant what the source calls: none missing, none too many.
func TestPoliciesGrantWhatIsWritten(t *testing.T) {
	t.Parallel()
	calls, grants := written(t), granted(t)
	if len(calls) < 10 {
		t.Fatalf("only %v are found in the source", calls)
	}
	missing, tooMany := differences(calls, grants, uncalled(), ungranted())
	if len(missing) > 0 || len(tooMany) > 0 {
		t.Errorf("deploy/iam lacks %v, and has %v for nothing", missing, tooMany)
	}
	for a := range uncalled() {
		if slices.Contains(calls, a) || !slices.Contains(grants, a) {
			t.Errorf("%s needs no excuse any more", a)
		}
	}
}

// The policies grant what a whole run of the tests was seen to call. The
// simulators note that, see .ci/go-test.
func TestPoliciesGrantWhatIsCalled(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("STUDIOBOT_OPERATIONS")
	if folder == "" {
		skip(t, "needs the AWS calls of a whole test run: make test")
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, f := range files {
		seen = append(seen, f.Name())
	}
	if len(seen) == 0 {
		t.Fatal("the tests before this one called nothing of AWS's")
	}
	missing, tooMany := differences(seen, granted(t), uncalled(), ungranted())
	if len(missing) > 0 || len(tooMany) > 0 {
		t.Errorf("deploy/iam lacks %v, and nothing called %v", missing, tooMany)
	}
}
