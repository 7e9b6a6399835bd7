package studio

import "time"

// Space is a space of a domain as SageMaker lists it: a volume with files, and
// the place where an app runs.
type Space struct {
	Name string
	// Display is what Studio calls it; empty: its name. People choose it, so it is
	// any text, of one line and at most 64 characters.
	Display string
	// Owner is the user profile whose it is, as SageMaker writes it; compare
	// without case. Empty: nobody's, and Shared.
	Owner string
	// Shared: everybody of the domain may use it. Otherwise it is its Owner's
	// alone.
	Shared bool
	// App is what the space is for: Lab or Code, Classic for a shared space of
	// Studio Classic. Empty: SageMaker doesn't say, or none of the targets.
	App Target
	// Status is SageMaker's word: InService, Pending, Failed, Deleting, ….
	Status string
	// VolumeGB is the size of its volume; 0: none of its own, or not known.
	VolumeGB int
	Modified time.Time
}

// Statuses of apps and notebook instances beside InService; SageMaker has more.
const (
	Pending  = "Pending"  // it is being made, or starts
	Deleting = "Deleting" // an app that stops, or something that goes away
	Stopping = "Stopping" // of notebook instances
	Stopped  = "Stopped"
	Failed   = "Failed"
)

// App is an app that runs, starts or stops: what costs money. It belongs to a
// space or, as those of Studio Classic, Canvas and RStudio do, to a user profile.
type App struct {
	// Space or Profile is whose it is, as SageMaker writes it; one of them.
	Space, Profile string
	// Kind is the target that it is the app of. Empty: nothing that a person
	// opens (a kernel of Studio Classic, KernelGateway); it costs money too.
	Kind Target
	// Type is SageMaker's word for the same: JupyterLab, KernelGateway, ….
	Type string
	// Name is default for those that people open.
	Name string
	// Status is InService, Pending or Deleting.
	Status string
	// Instance is its instance type, ml.t3.medium; "system" costs nothing of its
	// own. Empty: not known.
	Instance string
	// Since is when SageMaker says that it was created. One that is started again
	// within 24 hours of its end keeps the earlier moment, by the documentation.
	Since time.Time
	// Active is when somebody last worked in it; zero: not known. A listing
	// doesn't tell.
	Active time.Time
}

// NotebookInstance is a notebook instance as SageMaker has it. It belongs to an account
// and Region, not to a domain.
type NotebookInstance struct {
	Name string
	// Status is SageMaker's word: InService, Pending, Stopping, Stopped, Failed,
	// ….
	Status string
	// Instance is its instance type, ml.t3.medium.
	Instance string
	// VolumeGB is the size of its volume; 0: not known, as in a listing.
	VolumeGB int
	// Modified is when it was changed last: for one in service, when it became
	// that, or was reconfigured.
	Modified time.Time
	// Tags are all of its tags; nil: AWS doesn't permit to read them. Whoever
	// grants by a tag grants nothing then.
	Tags map[string]string
}
