package slacksim

// Slack's reasons for a disconnect frame.
const (
	// ReasonWarning comes about 10 s before the socket closes.
	ReasonWarning = "warning"
	// ReasonRefresh closes the socket at once.
	ReasonRefresh = "refresh_requested"
	// ReasonLinkDisabled says that Socket Mode was switched off.
	ReasonLinkDisabled = "link_disabled"
	// ReasonTooMany is undocumented.
	ReasonTooMany = "too_many_websockets"
)

// Refresh sends every open socket a disconnect frame. After "warning" a socket
// takes envelopes for another Options.WarningDelay and closes then, after
// every other reason it closes at once: it is still read for
// Options.CloseGrace, so that acknowledgements on their way arrive.
func (s *Server) Refresh(reason string) {
	for _, k := range s.board.open() {
		s.refresh(k, reason)
	}
}

// RefreshOne is Refresh for the socket that has been open longest. It reports
// whether there is one.
func (s *Server) RefreshOne(reason string) bool {
	open := s.board.open()
	if len(open) == 0 {
		return false
	}
	s.refresh(open[0], reason)
	return true
}

func (s *Server) refresh(k *socket, reason string) {
	s.disconnect(k, reason, reason != ReasonWarning)
	if reason != ReasonWarning {
		return
	}
	s.later(s.o.WarningDelay, func() {
		s.board.mu.Lock()
		defer s.board.mu.Unlock()
		if k.closing {
			return
		}
		k.closing, k.why = true, reason
		select {
		case k.out <- outgoing{last: true}:
		default:
			k.cut()
		}
	})
}

// Kill cuts the n sockets that have been open longest: the TCP connection
// ends, no close frame is sent. It returns how many there were.
func (s *Server) Kill(n int) int {
	open := s.board.open()
	open = open[:min(max(n, 0), len(open))]
	s.board.mu.Lock()
	for _, k := range open {
		k.closing, k.why = true, "killed"
	}
	s.board.mu.Unlock()
	for _, k := range open {
		k.cut()
	}
	return len(open)
}

// KillAll cuts every socket.
func (s *Server) KillAll() int { return s.Kill(maxSockets) }

// PausePings stops Slack's pings, or starts them again. Clients give up a
// socket without pings after about 30 s.
func (s *Server) PausePings(paused bool) {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	s.board.muted = paused
}

func (s *Server) muted() bool {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	return s.board.muted
}
