package studio

import "regexp"

// Machine names something that runs on an instance and costs money: an app or a
// notebook instance. It is what a button carries, so it says nothing about whose
// it is: that is looked up whenever it counts.
type Machine struct {
	// Domain is the Name of a configured Domain; of a notebook instance, one in
	// whose account and Region it is.
	Domain string
	// Notebook is the name of a notebook instance; empty: it is an app.
	Notebook string
	// Space is the space whose app it is; empty: one of the person's own user
	// profile.
	Space string
	// Type and App are SageMaker's type and name of an app.
	Type, App string
}

var appType = regexp.MustCompile(`^[A-Za-z]{1,64}$`)

// Valid reports whether SageMaker could have such a thing; its Domain isn't looked
// at.
func (m Machine) Valid() bool {
	if m.Notebook != "" {
		return m == Machine{Domain: m.Domain, Notebook: m.Notebook} && NotebookName.Valid(m.Notebook)
	}
	return appType.MatchString(m.Type) && SpaceName.Valid(m.App) && (m.Space == "" || SpaceName.Valid(m.Space))
}

// Of is the app that it names, where profile is the user profile of the person in
// that domain.
func (m Machine) Of(profile string) App {
	a := App{Space: m.Space, Type: m.Type, Name: m.App}
	if a.Space == "" {
		a.Profile = profile
	}
	return a
}

// Machine names the app, in a domain.
func (a App) Machine(domain string) Machine {
	return Machine{Domain: domain, Space: a.Space, Type: a.Type, App: a.Name}
}

// Machine names the notebook instance.
func (h HeldNotebook) Machine() Machine { return Machine{Domain: h.Domain, Notebook: h.Name} }

// Running is what one person has, as far as it is known: what runs, and what it
// could run in.
type Running struct {
	Holdings  []Holding
	Notebooks []HeldNotebook
	// Unsure are the Names of domains of which nobody can say now what runs there.
	Unsure []string
}

// Costs reports whether a notebook instance of that status runs on an instance, or
// is about to.
func (n NotebookInstance) Costs() bool {
	switch n.Status {
	case "", Stopped, Failed, Deleting:
		return false
	}
	return true
}
