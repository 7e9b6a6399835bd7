package slacksim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// keptHooks is how many response URLs stay known.
const keptHooks = 50_000

// hook is what a response_url stands for.
type hook struct {
	click             bool // otherwise a command's
	userID, channelID string
	messageID         string // that was clicked
	uses              int
	expires           time.Time
}

type hookBook struct {
	mu     sync.Mutex
	byPath map[string]*hook
	order  []string
}

func newHookBook() *hookBook { return &hookBook{byPath: make(map[string]*hook)} }

// responseURL makes an address for a hook.
func (s *Server) responseURL(h *hook) string {
	kind := "commands"
	if h.click {
		kind = "actions"
	}
	path := fmt.Sprintf("/%s/%s/%d/%s", kind, s.o.TeamID, 1_000_000_000+s.next(), secret())
	h.expires = time.Now().Add(s.o.ResponseURLTTL)
	b := s.hooks
	b.mu.Lock()
	defer b.mu.Unlock()
	b.byPath[path] = h
	b.order = append(b.order, path)
	if len(b.order) > keptHooks {
		delete(b.byPath, b.order[0])
		b.order = b.order[1:]
	}
	return s.base + path
}

// use counts one use; the code says why there is none left.
func (b *hookBook) use(path string, most int) (hook, slackError) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h, known := b.byPath[path]
	switch {
	case !known:
		return hook{}, "invalid_url"
	case time.Now().After(h.expires):
		return *h, "Expired url" // with a space, as Slack has it
	case h.uses >= most:
		return *h, "used_url"
	}
	h.uses++
	return *h, ""
}

func (s *Server) serveResponseURL(w http.ResponseWriter, r *http.Request) {
	s.history.arrived(KindResponseURL)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "unreadable request", http.StatusBadRequest)
		return
	}
	record := Record{Kind: KindResponseURL}
	if json.Valid(body) {
		record.Body = body
	}
	s.sleep(r.Context(), s.faults.delay(FaultResponseURL))
	fault, broken := s.faults.take(FaultResponseURL)
	if broken && fault.Hang {
		record.Note = "hangs"
		s.history.add(record)
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	if broken {
		s.sleep(r.Context(), fault.HangFor)
	}
	answer := fault.answer()
	record.Note = "fault"
	late := fault.HangFor > 0 && !fault.speaks()
	if !broken || fault.HappenedButFailed || late {
		user, real, note := s.respond(r.URL.Path, body)
		record.UserID, record.Note = user, note
		if !broken || late && !fault.HappenedButFailed {
			answer = real
		} else if !fault.speaks() {
			s.history.add(record)
			panic(http.ErrAbortHandler)
		}
	}
	record.Status = max(answer.status, http.StatusOK)
	s.history.add(record)
	answer.write(w)
}

// respond does what was posted to a response URL.
func (s *Server) respond(path string, body []byte) (userID string, _ reply, note string) {
	h, code := s.hooks.use(path, s.o.ResponseURLUses)
	if code != "" {
		gone, note := failure(code)
		gone.status = http.StatusNotFound
		return h.userID, gone, note
	}
	var c content
	code = "invalid_payload"
	if json.Unmarshal(body, &c) == nil {
		code = s.speak(h, c)
	}
	if code != "" {
		// Slack gives the bare code and 400 (as incoming webhooks do).
		return h.userID, reply{status: http.StatusBadRequest, body: []byte(code), plain: true}, string(code)
	}
	return h.userID, reply{body: []byte("ok"), plain: true}, ""
}

// speak shows, replaces or deletes. A command has no message of its own to
// replace or delete: there the two flags mean nothing.
func (s *Server) speak(h hook, c content) slackError {
	if h.click && c.DeleteOriginal {
		return s.remove(h.messageID, SourceResponseURL)
	}
	if h.click && c.ReplaceOriginal {
		_, _, code := s.replace(h.messageID, c, SourceResponseURL)
		return code
	}
	m := Message{UserID: h.userID, ChannelID: h.channelID, Ephemeral: true, Source: SourceResponseURL}
	if c.ResponseType == "in_channel" {
		m.UserID, m.Ephemeral = s.audience(h.channelID, h.userID), false
	}
	_, _, code := s.show(m, c)
	return code
}
