package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/audit"
)

var update = flag.Bool("update", false, "write docs/audit.md anew")

func TestLineHasTheDocumentedKeys(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	// The log's level is above every audit line's.
	log := audit.New(slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelError + 1})))
	full := audit.Entry{Step: audit.Refused, Ref: "7K3F-9QXD", Team: "T", User: "U", Domain: "d", Profile: "p", Target: "t", Name: "n", Client: "192.0.2.1", Actor: "T/A", Before: "b", After: "a", Reason: "r", Err: errors.New("e")}
	if err := log.Write(context.Background(), full); err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(&b)
	var keys []string
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key.(string))
		if _, err := dec.Token(); err != nil {
			t.Fatal(err)
		}
	}
	var documented []string
	for _, f := range audit.Fields() {
		documented = append(documented, f.Key)
	}
	if !slices.Equal(keys, documented) {
		t.Errorf("a line has the keys %v, documented are %v", keys, documented)
	}
}

func TestEmptyFieldsAreLeftOut(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := audit.New(slog.New(slog.NewTextHandler(&b, nil))).Write(context.Background(), audit.Entry{Step: audit.Opened, User: "U"}); err != nil {
		t.Fatal(err)
	}
	if line := b.String(); !strings.HasSuffix(line, "level=INFO msg=audit step=opened user=U\n") {
		t.Errorf("got %q", line)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestAFailedWriteIsReported(t *testing.T) {
	t.Parallel()
	err := audit.New(slog.New(slog.NewJSONHandler(brokenWriter{}, nil))).Write(context.Background(), audit.Entry{Step: audit.Opening})
	if !errors.Is(err, os.ErrClosed) {
		t.Errorf("Write = %v", err)
	}
}

// docs/audit.md is generated from Fields and Steps.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	const file = "../docs/audit.md"
	want := document()
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/audit.md isn't what the code says: go test ./audit -update")
	}
}

func document() []byte {
	var b bytes.Buffer
	b.WriteString(`# The audit trail

<!-- Generated from the package audit: go test ./audit -update -->

Every step of a launch writes one line to the log, whatever ` + "`log.level`" + ` is. All lines of a launch carry the same
reference, which also stands on its pages and in the message that says "Opened". No line holds a token, a link, a
presigned URL or a Slack payload.

A launch whose ` + "`opening`" + ` line can't be written doesn't happen: no line, no launch.

` + "```json" + `
{"time":"2026-11-24T10:32:07.1+01:00","level":"INFO","msg":"audit","step":"opened","ref":"7K3F-9QXD","team":"T0ACME","user":"U012AB3CD","domain":"research","profile":"jane-doe","client":"203.0.113.7"}
` + "```" + `

Later versions add keys and steps; they rename and remove none.

## Keys

| key | meaning |
| --- | --- |
`)
	for _, f := range audit.Fields() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", f.Key, f.Meaning)
	}
	b.WriteString("\n## Steps\n\n| step | meaning |\n| --- | --- |\n")
	for _, s := range audit.Steps() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", s.Key, s.Meaning)
	}
	b.WriteString(`
## Questions it answers

- Who opened what in the last day: ` + "`msg = audit and step = opened`" + `, by ` + "`user`, `domain`, `profile`" + `.
- What happened to a launch that somebody complains about: ` + "`ref = 7K3F-9QXD`" + `.
- Who tried somebody else's link: ` + "`step = refused and reason = \"click: somebody else's link\"`" + `; in the browser such a
  visitor only ever sees the waiting page.
- Which links two browsers held when their owner pressed the button: ` + "`step = burned`" + `.
- Who stopped what: ` + "`step = stopping`" + ` by ` + "`user`, `target`, `name`" + `. Who tried to stop what isn't theirs:
  ` + "`step = refused and reason = \"stop: not theirs\"`" + `.
- Who gave somebody access in Slack: ` + "`step = linked`" + ` by ` + "`user`, `actor`" + `.

## What it can't answer

- Lines of ` + "`studiobot mapping import`" + ` go to that command's standard error: keep it.
- Changed users files, tags, addresses and user groups leave no line here, only their effect (` + "`denied`" + `). Who changed them
  stands in git, in CloudTrail (` + "`AddTags`, `DeleteTags`" + `) and in Slack's own audit log.
- CloudTrail has each ` + "`CreatePresignedDomainUrl`" + ` with the profile, always by the bot's role; which person that was stands here.
`)
	return b.Bytes()
}
