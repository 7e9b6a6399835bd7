package studio

import "time"

// Holding is what one person has in one domain, as SageMaker listed it.
type Holding struct {
	// Domain, Label and Profile are those of the option that the mapping grants.
	Domain, Label, Profile string
	// Spaces are the person's own ones, then the shared ones of the domain; each
	// by what Studio calls them.
	Spaces []HeldSpace
	// Apps are those of the user profile itself: Canvas, RStudio, Studio Classic
	// and its kernels.
	Apps []App
	// Read is when the listing was begun; zero: nothing is known (yet), and Spaces
	// and Apps say nothing.
	Read time.Time
	// Stale: what runs may be long gone, so no App is in it, neither here nor in
	// the spaces. Who needs to know asks for a new reading.
	Stale bool
	// Barred: AWS doesn't permit our role to list, which no waiting mends.
	Barred bool
}

// Known says whether there is a listing, however old.
func (h Holding) Known() bool { return !h.Read.IsZero() }

// HeldSpace is a space that a person may see and open, and what runs in it.
type HeldSpace struct {
	Space
	// Own: it is the person's alone, so that they may stop what runs in it too.
	// In a shared one others may be working, whoever made it.
	Own bool
	// Apps run, start or stop in it, first the one that the space is for. Kernels
	// of a shared space of Studio Classic come behind it.
	Apps []App
}

// Main is the app that the space is for, if it runs, starts or stops.
func (s HeldSpace) Main() (App, bool) {
	for _, a := range s.Apps {
		if a.Kind == s.App && a.Kind != "" {
			return a, true
		}
	}
	return App{}, false
}

// Called is what Studio calls it.
func (s Space) Called() string {
	if s.Display != "" {
		return s.Display
	}
	return s.Name
}

// HeldNotebook is a notebook instance that a person may see, open, start and
// stop.
type HeldNotebook struct {
	NotebookInstance
	// Domain is the Name of the configured domain in whose account and Region it
	// is; Label is that domain's.
	Domain, Label string
	// Granted: the mapping names it. Otherwise its tag names the person.
	Granted bool
	// Read is when it was listed; zero: never, and only its name is known.
	Read time.Time
	// Stale: it is too long ago to say whether it runs, and Status is empty.
	Stale bool
}

// NotebookGrant names a notebook instance that the mapping gives to somebody.
type NotebookGrant struct {
	// Domain is the Name of a configured domain in whose account and Region it is;
	// empty: the first one's.
	Domain string
	Name   string
}

// Server is an MLflow tracking server that a person may open, because it belongs
// to a domain in which they have a profile.
type Server struct {
	Name string
	// Domain, Label and Profile are those of the option that the mapping grants.
	Domain, Label, Profile string
}
