package bot

import "sync"

// maxLeft bounds how many who left are remembered of each group.
const maxLeft = 1000

// groupOrder keeps an event that is delivered late, or again, from letting
// somebody back into a group whom a younger one took out. Leaving needs no order:
// whoever left counts as out, however late that is heard, and where they have come
// back since, the reading that follows each event says so.
type groupOrder struct {
	mu     sync.Mutex
	groups map[string]*leavings // only groups that the config names, so they are few
}

// leavings are when people left one group, in Unix seconds.
type leavings struct {
	left map[string]int64 // by user
	// all is for everybody: the group was disabled then, or there were too many to
	// remember each. Who came before it has to wait for the next reading.
	all int64
}

// change does it with those who left and those of the added who didn't leave
// later. Slack's times are whole seconds: of two in one, the one that comes last
// counts.
func (o *groupOrder) change(group string, at int64, added, removed []string, do func(added, removed []string)) {
	o.mu.Lock()
	defer o.mu.Unlock() // after do, so that another event can't come in between
	l := o.of(group)
	for _, user := range removed {
		l.leave(user, at)
	}
	var came []string
	for _, user := range added {
		if at >= max(l.all, l.left[user]) {
			came = append(came, user)
		}
	}
	if len(came)+len(removed) > 0 {
		do(came, removed)
	}
}

// disable does it, and nobody comes in by an older event.
func (o *groupOrder) disable(group string, at int64, do func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.of(group).everybody(at)
	do()
}

// of is what is remembered of a group. Under the lock.
func (o *groupOrder) of(group string) *leavings {
	l := o.groups[group]
	if l == nil {
		if o.groups == nil {
			o.groups = map[string]*leavings{}
		}
		l = &leavings{left: map[string]int64{}}
		o.groups[group] = l
	}
	return l
}

func (l *leavings) leave(user string, at int64) {
	if !slackID.MatchString(user) {
		return // nobody's, and perhaps long
	}
	if _, known := l.left[user]; !known && len(l.left) >= maxLeft {
		// Forgetting them would let them back in.
		for _, t := range l.left {
			l.all = max(l.all, t)
		}
		clear(l.left)
	}
	l.left[user] = max(l.left[user], at)
}

func (l *leavings) everybody(at int64) {
	l.all = max(l.all, at)
}
