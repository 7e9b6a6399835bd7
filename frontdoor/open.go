package frontdoor

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/studio"
)

// open answers a link to keep. Another site may send a browser here, so that only
// what the person did themselves opens at once: a navigation that they made, of a
// page of its own. Everything else gets a page with a button.
func (d *Door) open(w http.ResponseWriter, r *http.Request, a aim) {
	who, ok := d.o.SignIn.Session(r)
	switch {
	case !ok && framed(r):
		d.refuse(w, r, studio.Person{}, a, errForm)
		return
	case !ok:
		d.o.SignIn.Begin(w, r, a.path(d.o.Base), "")
		return
	}
	p, handled := d.person(w, r, a, who)
	if handled {
		return
	}
	h := r.Header
	if h.Get("Sec-Fetch-Mode") == "navigate" && h.Get("Sec-Fetch-User") == "?1" && h.Get("Sec-Fetch-Dest") == "document" {
		d.launch(w, r, p, a)
		return
	}
	options, err := d.options(r.Context(), p, a)
	if err != nil {
		d.refuse(w, r, p, a, err)
		return
	}
	d.o.Show(w, d.ask(options[0], a))
}

// framed says whether the page would be shown inside another one.
func framed(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest != "" && dest != "document"
}

// press takes the button of our own page, and nobody else's.
func (d *Door) press(w http.ResponseWriter, r *http.Request, a aim) {
	if err := http.NewCrossOriginProtection().Check(r); err != nil || launch.LooksAhead(r) || framed(r) {
		d.refuse(w, r, studio.Person{}, a, errForm)
		return
	}
	who, ok := d.o.SignIn.Session(r)
	if !ok {
		d.refuse(w, r, studio.Person{}, a, errSignedOut)
		return
	}
	if p, handled := d.person(w, r, a, who); !handled {
		d.launch(w, r, p, a)
	}
}

// options is what the person may open there: one, or the error says why none.
func (d *Door) options(ctx context.Context, p studio.Person, a aim) ([]studio.Option, error) {
	options, _, err := d.o.Mapping.Options(ctx, p)
	if err != nil {
		return nil, err
	}
	for _, o := range options {
		if o.Domain == a.domain {
			if a.target != "" {
				o.Target = a.target
			}
			return []studio.Option{o}, nil
		}
	}
	if err := d.o.Mapping.Has(ctx, p, a.domain); err != nil && !errors.Is(err, studio.ErrNotMapped) {
		return nil, err
	}
	return nil, errNotThere
}

// launch issues a ticket, arms it, and sends the browser to its link.
func (d *Door) launch(w http.ResponseWriter, r *http.Request, p studio.Person, a aim) {
	ctx := r.Context()
	if d.o.Limit != nil {
		if wait, ok := d.o.Limit(p); !ok {
			d.refuse(w, r, p, a, tooManyError{wait})
			return
		}
	}
	asked := time.Now() // what changes from here on covers the ticket
	options, err := d.options(ctx, p, a)
	if err != nil {
		d.refuse(w, r, p, a, err)
		return
	}
	if d.o.OwnSignIn != nil {
		if address, own := d.o.OwnSignIn(a.domain); own {
			d.o.Show(w, d.ownSignIn(options[0], address))
			return
		}
	}
	issued, err := d.o.Launcher.Issue(ctx, p, options, "", asked)
	if err != nil {
		d.refuse(w, r, p, a, err)
		return
	}
	if d.o.Warm != nil {
		d.o.Warm(p, options)
	}
	link := issued.Links[0]
	_, err = d.o.Launcher.Arm(ctx, studio.Click{Person: p, Handle: link.Handle, Via: via},
		func(o studio.Option) error { return d.o.Mapping.Allowed(ctx, p, o) })
	if err != nil {
		d.refuse(w, r, p, a, err)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Location", link.URL)
	h.Set("Content-Length", "0")
	w.WriteHeader(http.StatusSeeOther)
}

// refuse words a refusal and writes its audit line.
func (d *Door) refuse(w http.ResponseWriter, r *http.Request, p studio.Person, a aim, err error) {
	if errors.Is(r.Context().Err(), context.Canceled) {
		return // nobody is there any more
	}
	n := d.explain(err)
	ref := launch.Reference()
	e := audit.Entry{Step: audit.Refused, Ref: ref, Team: p.Team, User: p.User, Domain: a.domain, Target: string(a.target), Reason: n.reason, Err: err}
	if d.o.Client != nil {
		e.Client, _ = d.o.Client(r)
	}
	if err := d.o.Audit.Write(r.Context(), e); err != nil {
		d.o.Log.Error("audit line is missing", "step", audit.Refused, "ref", ref, "err", err)
	}
	d.answer(w, a, n, ref)
}
