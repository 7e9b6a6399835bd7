package launch

import (
	"net/http"
	"net/netip"
)

// Sheet is a page of another package, in the looks of ours and with the same
// headers. Empty parts are left out. All of it is shown as text.
type Sheet struct {
	Status  int
	Title   string
	Says    []string
	Choices []Choice
	Links   []Action
	// Forms are buttons of less weight than a choice.
	Forms []Action
	Ref   string
	// Help adds the operator's sentence.
	Help bool
}

// Choice is one thing to open.
type Choice struct {
	// Label and Detail say what it is.
	Label, Detail string
	// Post is the path that the button posts to; Button is its text. Page takes
	// the button's place with a link to another site.
	Post, Button, Page string
	// Bookmark is the address that opens the same.
	Bookmark string
}

// Action is a link, or a form with one button.
type Action struct {
	Text, Path string
	// Main is the one that is likeliest wanted.
	Main bool
}

// Show answers with the page.
func (s *Service) Show(w http.ResponseWriter, v Sheet) {
	if v.Help && s.o.Help != "" {
		v.Says = append(v.Says[:len(v.Says):len(v.Says)], s.o.Help)
	}
	s.pages.render(w, v.Status, page{Title: v.Title, Says: v.Says, Ref: v.Ref, Choices: v.Choices, Links: v.Links, Forms: v.Forms, Back: s.pages.back(Ticket{})})
}

// Client is the browser's address by the rules of TrustedProxies, and the network
// that a host's addresses have in common.
func (s *Service) Client(r *http.Request) (address, network string) {
	a := s.clientAddress(r)
	if a == (netip.Addr{}) {
		return "", ""
	}
	return a.String(), hostNetwork(a)
}

// LooksAhead says whether no person is behind the request: a crawler, a prefetch,
// or anything but a page being opened.
func LooksAhead(r *http.Request) bool { return looksAhead(r) }

// Reference makes the short name of an answer that has no ticket.
func Reference() string { return newReference() }

// Reason is the audit phrase of an error of Issue or Arm.
func Reason(err error) string { return reason(err) }
