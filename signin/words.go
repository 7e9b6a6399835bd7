package signin

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/studiobot/studiobot/audit"
)

// Notice is a page of ours: what happened, and what to do.
type Notice struct {
	Status int
	Title  string
	Says   []string
	// Again is the address of a link that signs in, or tries again; Ref the
	// reference for the admin; Help adds the operator's sentence.
	Again string
	Ref   string
	Help  bool
}

// Answers of our own.
var (
	errState     = errors.New("state not of this browser, used or too old")
	errCancelled = errors.New("cancelled at the provider")
	errMethod    = errors.New("method not allowed")
	errPath      = errors.New("no such page")
	errForm      = errors.New("form refused")
)

type tooManyError struct{ wait time.Duration }

func (tooManyError) Error() string { return "too many sign-ins that came to nothing" }

const (
	signedOutTitle = "You are signed out here."
	signedOutSays  = "Studio itself may still be open in another tab. It has a sign-out of its own."
)

// words are what is said of an error, and the fixed phrase of the trail.
type words struct {
	err    error
	status int
	reason string
	title  string
	says   []string
	help   bool
}

func sentences() []words {
	return []words{
		{errState, http.StatusBadRequest, "sign-in: state unknown", "This sign-in can’t be completed.",
			[]string{"It was begun in another browser, it was completed before, or it took longer than ten minutes.", "Sign in again."}, false},
		{errCancelled, http.StatusForbidden, "sign-in: cancelled", "You haven’t signed in.",
			[]string{"Nothing was opened.", "Sign in to go on."}, false},
		{errAddress, http.StatusForbidden, "sign-in: address not accepted", "This account can’t be used here.",
			[]string{"Its e-mail address isn’t confirmed, or isn’t one that counts here.", "Sign in with your work account."}, true},
		{errToken, http.StatusForbidden, "sign-in: token not accepted", "This sign-in can’t be trusted.",
			[]string{"The answer of the sign-in page wasn’t right, so nothing was opened.", "Sign in again. If it stays like this, give your admin the reference below."}, true},
		{errProvider, http.StatusServiceUnavailable, "sign-in: provider unavailable", "Signing in doesn’t work right now.",
			[]string{"The sign-in page can’t be reached, or doesn’t answer as it should.", "Wait a few seconds, then try again."}, true},
		{errMethod, http.StatusMethodNotAllowed, "method not allowed", "This page opens in a browser.",
			[]string{"It was asked for in a way that isn’t supported."}, false},
		{errForm, http.StatusForbidden, "form refused", "That button press can’t be accepted.",
			[]string{"It didn’t come from our own page."}, false},
		{errPath, http.StatusNotFound, "no such page", "There is no such page here.",
			[]string{"The address may be incomplete."}, false},
	}
}

// explain turns an error into what the page says.
func explain(err error) words {
	var many tooManyError
	if errors.As(err, &many) {
		return words{err: err, status: http.StatusTooManyRequests, reason: "sign-in: too many", title: "Too many sign-ins that came to nothing.",
			says: []string{"They came from your network address.", fmt.Sprintf("Wait %d seconds, then try again.", seconds(many.wait))}}
	}
	for _, w := range sentences() {
		if errors.Is(err, w.err) {
			return w
		}
	}
	return words{err: err, status: http.StatusInternalServerError, reason: "internal error", title: "Something went wrong on our side.",
		says: []string{"You aren’t signed in.", "Try again. If it stays like this, give your admin the reference below."}, help: true}
}

func seconds(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }

// refuse answers with the page for err, and writes the trail's line. Where the
// sign-in wanted to go is tried again from there.
func (s *Service) refuse(w http.ResponseWriter, r *http.Request, back string, err error) {
	if r.Context().Err() != nil {
		return // nobody is there any more
	}
	says := explain(err)
	quiet := false
	address, network := s.client(r)
	if s.o.Refused != nil && says.status < http.StatusInternalServerError {
		_, ok := s.o.Refused.Allow("sign-in page " + network)
		quiet = !ok // the page is answered; what a flood gets is a few lines
	}
	var many tooManyError
	switch {
	case errors.As(err, &many):
		w.Header().Set("Retry-After", strconv.Itoa(seconds(many.wait)))
	case says.status == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
	}
	if back == "" {
		back = s.base + "/"
	}
	ref := reference()
	if !quiet {
		if err := s.o.Audit.Write(r.Context(), audit.Entry{Step: audit.Refused, Ref: ref, Client: address, Reason: says.reason, Err: err}); err != nil {
			s.o.Log.Error("audit line is missing", "step", audit.Refused, "ref", ref, "err", err)
		}
	}
	s.o.Show(w, Notice{Status: says.status, Title: says.title, Says: says.says, Again: s.StartPath(back, false), Ref: ref, Help: says.help})
}

// reference is the short name of an answer, for people and the log: letters and
// digits that can be read out.
func reference() string {
	b := make([]byte, 5)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	code := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding).EncodeToString(b)
	return code[:4] + "-" + code[4:]
}
