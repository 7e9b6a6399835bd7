package mapping

import (
	"context"
	"fmt"
	"time"

	"github.com/studiobot/studiobot/studio"
)

// Addresses says whose a confirmed e-mail address is, for who signs in with one.
// It is kept by what the directory observes. An address that two have, or had
// (the deactivated count too), is nobody's: it may have been given to somebody
// else since.
type Addresses struct {
	directory *Directory
	maxAge    time.Duration
	names     emailNames
}

// NewAddresses returns an Addresses. The directory must keep addresses.
func NewAddresses(d *Directory) *Addresses {
	return &Addresses{directory: d, maxAge: directoryMaxAge, names: emailNames{first: map[string]string{}, more: map[string][]string{}}}
}

// Observe is for DirectoryOptions.Observe.
func (a *Addresses) Observe(before, after studio.Member) {
	user, to := after.User, ""
	if user == "" {
		user = before.User
	}
	if a.counts(after) {
		to = after.Email
	}
	a.names.move(user, before.Email, to)
}

// counts says whether a member's address is one of ours: bots and people of other
// workspaces have none.
func (a *Addresses) counts(m studio.Member) bool {
	home, known := a.directory.Home()
	return m.User != "" && !m.Bot && !m.Stranger && (!known || home.owns(m))
}

// Of returns the address that is a person's alone, or "". ErrUnsure where the
// workspace isn't known well enough to say so.
func (a *Addresses) Of(ctx context.Context, p studio.Person) (string, error) {
	if err := a.directory.everybody(a.maxAge); err != nil {
		return "", fmt.Errorf("%w: %w", studio.ErrUnsure, err)
	}
	m, err := a.directory.Member(ctx, p.User)
	if err != nil {
		return "", err
	}
	if one, count := a.names.holders(m.Email); m.Email == "" || count != 1 || one != p.User || !a.counts(m) {
		return "", nil
	}
	return m.Email, nil
}

// Holder returns the user who alone has the address. ErrUnknownPerson where
// nobody has it, or more than one; ErrUnsure as with Of.
func (a *Addresses) Holder(ctx context.Context, email string) (user string, err error) {
	if err := a.directory.everybody(a.maxAge); err != nil {
		return "", fmt.Errorf("%w: %w", studio.ErrUnsure, err)
	}
	one, count := a.names.holders(email)
	if email == "" || count != 1 {
		return "", studio.ErrUnknownPerson
	}
	// The directory's own word counts, where it is younger.
	m, err := a.directory.Member(ctx, one)
	if err != nil {
		return "", err
	}
	if m.Email != email {
		return "", studio.ErrUnknownPerson
	}
	return one, nil
}
