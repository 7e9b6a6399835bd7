package launch

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"github.com/studiobot/studiobot/studio"
)

// Browsers says who is signed in in a browser. signin.Service is the one that
// production has.
type Browsers interface {
	// Session returns who the browser is signed in as; ok is false for nobody.
	Session(r *http.Request) (who studio.SignedIn, ok bool)
	// Begin answers with a redirect to where people sign in: to the workspace team,
	// where that counts. They come back to back, a path of ours.
	Begin(w http.ResponseWriter, r *http.Request, back, team string)
	// StartPath is the address of a link that does the same; with other, somebody
	// else can sign in.
	StartPath(back string, other bool) string
}

// Answers of the proof by sign-in.
var (
	// errOther: the browser is signed in as somebody else.
	errOther = errors.New("another account is signed in")
	// errNoAddress: with another provider than Slack, an address would tell, and
	// Slack has none.
	errNoAddress = errors.New("no confirmed address of its own in Slack")
)

// addressMark is what a ticket keeps of its person's e-mail address: enough to
// recognise it, and without the store's key nothing to find it by.
func (s *Service) addressMark(email string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte("email\x00" + email))
	return hex.EncodeToString(mac.Sum(nil))
}

// markOf is addressMark of a person, or "" where addresses don't count or Slack
// has none that is theirs alone.
func (s *Service) markOf(ctx context.Context, p studio.Person) (string, error) {
	if s.o.Address == nil {
		return "", nil
	}
	email, err := s.o.Address(ctx, p)
	if err != nil || email == "" {
		return "", err
	}
	return s.addressMark(email), nil
}

// prove looks who is signed in in the browser, before anything else happens with
// the link: whoever isn't the ticket's own person leaves no trace in it, and
// gains nothing by waiting. handled says that the request was answered: with a
// redirect to the sign-in, or a refusal. A link that is dead leads nobody there.
func (d *redemption) prove(ctx context.Context, w http.ResponseWriter, r *http.Request) (handled bool) {
	t, err := d.s.o.Store.Load(ctx, d.id)
	if err != nil {
		d.s.refuse(w, r, Ticket{}, 0, storeError("load ticket", err))
		return true
	}
	b, err := t.button(d.button)
	if err == nil {
		err = t.dead(b, d.visitor.First)
	}
	if err != nil {
		d.s.refuse(w, r, t, d.button, err)
		return true
	}
	who, ok := d.s.o.Browsers.Session(r)
	if !ok {
		d.s.o.Browsers.Begin(w, r, r.URL.Path, t.Person.Team)
		return true
	}
	if err := d.s.same(who, t); err != nil {
		d.s.refuse(w, r, t, d.button, err)
		return true
	}
	d.visitor.proven = who.Since
	return false
}

// same says why the browser isn't signed in as the ticket's person, or nil.
func (s *Service) same(who studio.SignedIn, t Ticket) error {
	switch {
	case who.Email == "" && who.Is(t.Person):
		return nil
	case who.Email == "":
		return fmt.Errorf("%w: %s", errOther, who.Person)
	case t.Email == "":
		return errNoAddress
	case hmac.Equal([]byte(t.Email), []byte(s.addressMark(who.Email))):
		return nil
	}
	return fmt.Errorf("%w: by its e-mail address", errOther)
}
