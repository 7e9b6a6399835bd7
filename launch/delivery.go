package launch

import (
	"fmt"
	"net/http"
)

// Delivery is how a browser gets the presigned URL.
type Delivery string

const (
	// DeliverRedirect: in the Location of a redirect. The default.
	DeliverRedirect Delivery = "redirect"
	// DeliverPage: in a page that leads there by itself, and by a link. For proxies
	// that can't pass a header of 4,400 characters.
	DeliverPage Delivery = "page"
)

// sendOff answers with the presigned URL, in one place of the answer: Location is
// set by hand, because http.Redirect would write the URL into a body too.
func (s *Service) sendOff(w http.ResponseWriter, d *redemption, status int, presigned string) {
	if s.o.Delivery == DeliverPage {
		s.pages.leave(w, d.ticket, presigned)
		d.delivered()
		return
	}
	s.pages.headers(w, "")
	w.Header().Set("Location", presigned)
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(status)
	d.delivered()
}

// leave leads to Studio without a redirect. Neither needs a script.
func (p *pages) leave(w http.ResponseWriter, t Ticket, presigned string) {
	p.render(w, http.StatusOK, page{Title: leavingTitle, Says: []string{leavingSays, fmt.Sprintf(leavingNext, p.o.Command)}, Busy: true, Leave: presigned, Ref: t.Ref, Back: p.back(t)})
}
