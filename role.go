package studiobot

import "fmt"

// Role is what one process does. Several share a store that lasts.
type Role string

const (
	// RoleAll: everything. The default.
	RoleAll Role = "all"
	// RoleBot: the Slack side. It opens no links.
	RoleBot Role = "bot"
	// RoleRedirect: the links. It needs the store and AWS, and neither Slack's
	// tokens nor the mapping: who lost access is in the store.
	RoleRedirect Role = "redirect"
)

// ParseRole reads a role; empty is RoleAll.
func ParseRole(s string) (Role, error) {
	switch r := Role(s); r {
	case "":
		return RoleAll, nil
	case RoleAll, RoleBot, RoleRedirect:
		return r, nil
	}
	return "", fmt.Errorf("there is no role %q: it is all, bot or redirect", s)
}

// talks says whether the process is connected to Slack.
func (r Role) talks() bool { return r != RoleRedirect }

// opens says whether the process opens links.
func (r Role) opens() bool { return r != RoleBot }

// checkRole says what a process alone could do and two apart can't.
func (r *reader) checkRole() {
	if r.role == RoleAll {
		return
	}
	if r.cfg.Store.Kind == StoreMemory && r.fine("store") {
		r.wrong(r.line("store"), "store", fmt.Sprintf("memory can't be shared, and the role is %s", r.role), "set store to dynamodb:TABLE, or sqlite:FILE for processes of one machine")
	}
	if r.cfg.Launch.Proof == "confirm" && r.fine("launch.proof") {
		// The page's button asks the mapping whether it is still theirs.
		r.wrong(r.line("launch.proof"), "launch.proof", fmt.Sprintf("confirm needs everything in one process, and the role is %s", r.role), "set it to click, or serve with --role=all")
	}
}
