package studiobot_test

import (
	"context"
	"debug/elf"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// builtVersion is what the binary of these tests says that it is.
const builtVersion = "v0.0.0-of-the-tests"

// TestBinary is about the program as people get it: built as the Dockerfile
// builds it, in a process of its own, with nothing but its environment.
func TestBinary(t *testing.T) {
	t.Parallel()
	binary := buildAsImage(t)
	for _, row := range []struct {
		name string
		run  func(t *testing.T, binary string)
	}{
		{"is linked statically", testStatic},
		{"lives in an empty root", testEmptyRoot},
		{"refuses a bad config", testBadConfig},
		{"refuses a wrong token", testWrongToken},
		{"goes through a proxy", testProxy},
		{"serves https", testHTTPS},
		{"bounds the header", testLongHeader},
		{"is a Lambda function", testLambda},
		{"stands a flood", testFlood},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.run(t, binary)
		})
	}
}

// buildAsImage runs the Dockerfile's own go build; only the place it writes to
// and the version are the test's.
func buildAsImage(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "studiobot")
	const written = " -o /studiobot "
	line := "go build " + instruction(t, "RUN go build ")
	if strings.Count(line, written) != 1 {
		t.Fatalf("the Dockerfile's build doesn't write /studiobot: %s", line)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", strings.Replace(line, written, ` -o "$OUT" `, 1))
	cmd.Env = append(os.Environ(), strings.Fields(instruction(t, "ENV "))...)
	cmd.Env = append(cmd.Env, "VERSION="+builtVersion, "OUT="+out)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", line, err, text)
	}
	return out
}

// instruction returns what follows the beginning of the one line of the
// Dockerfile that begins so.
func instruction(t *testing.T, beginning string) string {
	t.Helper()
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		if rest, ok := strings.CutPrefix(line, beginning); ok {
			found = append(found, strings.TrimSpace(rest))
		}
	}
	if len(found) != 1 {
		t.Fatalf("the Dockerfile has %d lines that begin with %q, want one", len(found), beginning)
	}
	return found[0]
}

// commandLine reads the list of words that ENTRYPOINT, CMD and HEALTHCHECK have.
func commandLine(t *testing.T, beginning string) []string {
	t.Helper()
	rest := instruction(t, beginning)
	var words []string
	if err := json.Unmarshal([]byte(rest[max(0, strings.IndexByte(rest, '[')):]), &words); err != nil || len(words) == 0 {
		t.Fatalf("%s isn't a list of words: %v", beginning, err)
	}
	return words
}

// An image without libc can't run a binary that wants a loader.
func testStatic(t *testing.T, binary string) {
	if runtime.GOOS != "linux" {
		skip(t, "needs Linux for an ELF binary")
	}
	f, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("the binary wants a loader")
		}
	}
	if libraries, err := f.ImportedLibraries(); len(libraries) > 0 {
		t.Errorf("the binary wants %v, %v", libraries, err)
	}
}

// skip is for what isn't on this machine; where nothing may be skipped it fails.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("STUDIOBOT_NO_SKIP") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}
