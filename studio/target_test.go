package studio_test

import (
	"strings"
	"testing"

	"github.com/studiobot/studiobot/studio"
)

func TestTargets(t *testing.T) {
	t.Parallel()
	for target, takes := range map[studio.Target]studio.Named{
		"": studio.Nameless, studio.Home: studio.Nameless, studio.Canvas: studio.Nameless, studio.RStudio: studio.Nameless, studio.Classic: studio.Nameless,
		studio.Lab: studio.SpaceName, studio.Code: studio.SpaceName,
		studio.Notebook: studio.NotebookName, studio.NotebookLab: studio.NotebookName, studio.MLflow: studio.ServerName,
	} {
		if !target.Valid() || target.Takes() != takes {
			t.Errorf("%q: %v, takes %v", target, target.Valid(), target.Takes())
		}
	}
	for _, target := range []studio.Target{"emacs", "Lab", "studio ", "notebook-"} {
		if target.Valid() || target.Takes() != studio.Nameless {
			t.Errorf("%q is a target", target)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 63)
	for _, tt := range []struct {
		name          string
		thing, server bool
	}{
		{"a", true, true}, {"My-Space--2", true, true}, {long, true, true}, {long + "x", false, true},
		{strings.Repeat("x", 256), false, true}, {strings.Repeat("x", 257), false, false},
		{"", false, false}, {"-a", false, false}, {"a-", false, false}, {"a b", false, false}, {"a/b", false, false}, {"a.b", false, false}, {"ä", false, false}, {"a\n", false, false},
	} {
		if studio.SpaceName.Valid(tt.name) != tt.thing || studio.NotebookName.Valid(tt.name) != tt.thing || studio.ValidProfile(tt.name) != tt.thing ||
			studio.ServerName.Valid(tt.name) != tt.server || studio.Nameless.Valid(tt.name) {
			t.Errorf("%.70q", tt.name)
		}
	}
}
