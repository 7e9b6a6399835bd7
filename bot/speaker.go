package bot

import "context"

// speaker says what comes of a press, for as long as that takes: in the place of
// the pressed message or below it, or in a modal.
type speaker struct {
	b *Bot
	// address is the press's response URL, view the ID of a modal; one of them, or
	// neither where no modal opened.
	address, view string
	user          string
	home          *homeOpening // to show again; nil: it wasn't pressed there
}

// speaker returns one for a press. In a Home it opens a modal: what is to come
// may take longer than the trigger lives.
func (b *Bot) speaker(ctx context.Context, i interaction) speaker {
	s := speaker{b: b, address: i.ResponseURL, view: i.modal(), user: i.User.ID, home: i.inHome()}
	if s.home == nil {
		return s
	}
	id, err := b.triggered(ctx, i, messageView(notice(wordsAsking)))
	if err != nil {
		b.o.Log.WarnContext(ctx, "a modal couldn't be opened; the Home itself will show what came of it", "err", redact(err))
	}
	s.view = id
	return s
}

// say says something to whoever still looks.
func (s speaker) say(m message) { s.send(m, false) }

// promised says something that the person waits for: by a direct message, where
// they have closed the modal.
func (s speaker) promised(m message) { s.send(m, true) }

func (s speaker) send(m message, sure bool) {
	if s.home != nil {
		s.b.homes.add(*s.home)
	}
	if s.address != "" {
		s.b.later(s.address, m)
		return
	}
	s.b.behind(func(ctx context.Context) {
		if s.view != "" && s.b.updateView(ctx, s.view, messageView(m)) || !sure {
			return
		}
		if err := s.b.direct(ctx, s.user, m); err != nil {
			s.b.o.Log.WarnContext(ctx, "somebody couldn't be told what they wait for", "user", s.user, "err", err)
		}
	})
}
