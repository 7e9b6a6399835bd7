package slacksim_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// judge is Slack's own Node client, running judge/judge.mjs.
type judge struct {
	t     *testing.T
	lines chan map[string]any
	stdin io.WriteCloser
	cmd   *exec.Cmd
}

func startJudge(t *testing.T, s *slacksim.Server) *judge {
	t.Helper()
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat("judge/node_modules/@slack/socket-mode/package.json")
	}
	if err != nil {
		const need = "needs Node: run npm ci in internal/slacksim/judge"
		if os.Getenv("STUDIOBOT_NO_SKIP") == "1" {
			t.Fatal(need)
		}
		t.Skip(need)
	}
	j := &judge{t: t, lines: make(chan map[string]any, 1000), cmd: exec.CommandContext(t.Context(), node, "judge.mjs", s.APIURL())}
	j.cmd.Dir = "judge"
	j.cmd.Env = append(os.Environ(), "SLACK_APP_TOKEN="+s.AppToken(), "SLACK_BOT_TOKEN="+s.BotToken(),
		"NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	j.cmd.Stderr = t.Output()
	if j.stdin, err = j.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := j.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := j.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(j.lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			line := map[string]any{}
			if json.Unmarshal(scan.Bytes(), &line) == nil {
				j.lines <- line
			}
		}
	}()
	return j
}

// saw waits until the judge reports something.
func (j *judge) saw(what string) map[string]any {
	j.t.Helper()
	deadline := time.After(3 * patience) // Node starts slowly on a busy machine
	for {
		select {
		case line, open := <-j.lines:
			if !open {
				j.t.Fatalf("the judge ended before it saw %q", what)
			}
			if line["saw"] == what {
				return line
			}
			if line["saw"] == "error" {
				j.t.Logf("the judge reports %v", line["message"])
			}
		case <-deadline:
			j.t.Fatalf("the judge never saw %q", what)
		}
	}
}

// command types one and checks both ends.
func (j *judge) command(s *slacksim.Server, text string) *slacksim.Message {
	j.t.Helper()
	if err := s.WaitConnections(within(j.t), 1); err != nil {
		j.t.Fatal(err)
	}
	answer, err := s.Command(within(j.t), "U0000001", "/studio", text)
	if err != nil || answer.Message == nil || answer.Message.Text != "answer to "+text || len(answer.Message.Buttons()) != 1 {
		j.t.Fatalf("%s: %+v, %v", text, answer, err)
	}
	line := j.saw("command")
	if line["envelope"] != answer.EnvelopeID || line["text"] != text || line["user"] != "U0000001" || line["orgInstall"] != "false" {
		j.t.Errorf("the judge saw %v", line)
	}
	return answer.Message
}

// webAPI checks what the judge asked before it connected.
func (j *judge) webAPI(s *slacksim.Server) {
	j.t.Helper()
	if line := j.saw("auth"); line["team"] != s.TeamID() || line["user"] != s.BotUserID() {
		j.t.Errorf("auth.test: %v", line)
	}
	if line := j.saw("users"); line["people"] != 250.0 || line["pages"] != 3.0 || s.Calls("users.list") != 3 {
		j.t.Errorf("users.list: %v, %d calls", line, s.Calls("users.list"))
	}
	if line := j.saw("user"); line["id"] != "U0000001" || line["confirmed"] != true {
		j.t.Errorf("users.info: %v", line)
	}
	if line := j.saw("refused"); line["code"] != "user_not_found" {
		j.t.Errorf("users.info of nobody: %v", line)
	}
}

// click presses the button; the judge replaces the message.
func (j *judge) click(s *slacksim.Server, message *slacksim.Message) {
	j.t.Helper()
	press, err := s.Press(within(j.t), "U0000001", message.ID, 0)
	if err != nil || !press.Acked || press.URL != "https://studio.example.com/launch/abc" {
		j.t.Errorf("press: %+v, %v", press, err)
	}
	if line := j.saw("click"); line["user"] != "U0000001" || line["value"] != "first" || line["message"] != false {
		j.t.Errorf("click: %v", line)
	}
	if line := j.saw("replaced"); line["status"] != 200.0 {
		j.t.Errorf("response_url: %v", line)
	}
	if m, _ := s.Message(message.ID); m.Text != "Opened." || m.Replaced != 1 {
		j.t.Errorf("message %+v", m)
	}
}

// request asks for something in a modal and has it decided in a channel.
func (j *judge) request(s *slacksim.Server) {
	j.t.Helper()
	if answer, err := s.Command(within(j.t), "U0000001", "/studio", "request"); err != nil || !answer.Acked {
		j.t.Fatalf("request: %+v, %v", answer, err)
	}
	line := j.saw("opened")
	if m, open := s.Modal("U0000001"); !open || m.ID != line["view"] || m.Title != "Request access" || line["same"] != true || line["newHash"] != true {
		j.t.Errorf("opened %v, the person sees %+v", line, m)
	}
	if line := j.saw("stale"); line["code"] != "hash_conflict" {
		j.t.Errorf("views.update with the old hash: %v", line)
	}
	if line := j.saw("exchanged"); line["code"] != "exchanged_trigger_id" {
		j.t.Errorf("a second views.open: %v", line)
	}
	submit := func(values map[string]string) *slacksim.Submission {
		j.t.Helper()
		done, err := s.SubmitModal(within(j.t), "U0000001", values)
		if err != nil || !done.Acked || done.Error != "" {
			j.t.Fatalf("submission: %+v, %v", done, err)
		}
		line := j.saw("submission")
		if line["user"] != "U0000001" || line["callback"] != "request" || line["metadata"] != "from the judge" || line["domain"] != "prod" || line["reason"] != values["reason"] {
			j.t.Errorf("submission: %v", line)
		}
		return done
	}
	if done := submit(map[string]string{"domain": "prod", "reason": "short"}); done.Action != "errors" || done.Modal.Fields[1].Error != "Say more." {
		j.t.Errorf("submission: %+v", done)
	}
	if done := submit(map[string]string{"reason": "long enough"}); done.Action != "close" || done.Modal != nil {
		j.t.Errorf("submission: %+v", done)
	}
	line = j.saw("posted")
	seen := s.Messages("U0000002")
	if len(seen) != 1 || seen[0].ChannelID != line["channel"] || seen[0].TS != line["ts"] {
		j.t.Fatalf("posted %v, the approver sees %+v", line, seen)
	}
	if press, err := s.Press(within(j.t), "U0000002", seen[0].ID, 0); err != nil || !press.Acked {
		j.t.Errorf("press: %+v, %v", press, err)
	}
	if line := j.saw("updated"); line["user"] != "U0000002" || line["ts"] != seen[0].TS || line["text"] != "approved by U0000002" {
		j.t.Errorf("chat.update: %v", line)
	}
	if line := j.saw("nothing"); line["code"] != "message_not_found" {
		j.t.Errorf("chat.update of nothing: %v", line)
	}
	if m, _ := s.Message(seen[0].ID); m.Text != "approved by U0000002" || len(m.Buttons()) != 0 || m.Replaced != 1 {
		j.t.Errorf("message %+v", m)
	}
}

func TestNodeJudge(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{
		PingEvery: 200 * time.Millisecond, AckDeadline: patience, WarningDelay: 100 * time.Millisecond,
	})
	s.AddPeople(slacksim.Crowd(248, "")...)
	s.AddChannel(slacksim.Channel{ID: "C0APPROVALS", Private: true, Members: []string{"U0000002"}, BotMember: true})
	j := startJudge(t, s)

	j.webAPI(s)
	j.saw("connected")
	message := j.command(s, "first")

	j.click(s, message)
	j.request(s)
	j.home(s)
	j.shortcut(s)
	for _, reason := range []string{slacksim.ReasonWarning, slacksim.ReasonRefresh} {
		mark := s.Mark()
		s.Refresh(reason)
		if _, err := s.WaitForAfter(within(t), mark, func(r slacksim.Record) bool { return r.Kind == slacksim.KindConnect }); err != nil {
			t.Fatalf("after %s: %v", reason, err)
		}
		j.command(s, "after "+reason)
	}

	s.ChangePerson(slacksim.Person{ID: "U0000002", Deleted: true})
	if line := j.saw("user_change"); line["user"] != "U0000002" || line["deleted"] != true {
		t.Errorf("user_change: %v", line)
	}
	if err := j.stdin.Close(); err != nil {
		t.Error(err)
	}
	j.saw("bye")
	if err := j.cmd.Wait(); err != nil {
		t.Errorf("node: %v", err)
	}
	for _, r := range s.History() {
		switch r.Kind {
		case slacksim.KindBadAck, slacksim.KindDoubleAck, slacksim.KindLateAck, slacksim.KindForeignAck:
			t.Errorf("Slack's client made a %s: %s", r.Kind, r.Note)
		}
	}
	if sockets := count(s, slacksim.KindConnect); sockets < 3 {
		t.Errorf("%d sockets, one and two refreshes expected", sockets)
	}
}
