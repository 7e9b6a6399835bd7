package memory

// SetLimits must be called before the store is used.
func (s *Store) SetLimits(links, copyBytes, opened int) {
	s.links.limit, s.copies.limit, s.openings.limit = links, copyBytes, opened
}

// Log is how many changes of links are kept.
func (s *Store) Log() int { return len(s.links.log) }

const (
	UnfinishedLimit = unfinishedLimit
	FinishedLimit   = finishedLimit
)
