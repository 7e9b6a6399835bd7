package studio

// Target is what is opened inside Studio, or beside it. The zero value is Home.
type Target string

// The targets, as people and the config name them.
const (
	// Home is Studio's own home page.
	Home Target = "studio"
	// Lab is JupyterLab and Code is Code Editor: of the space that is named, or
	// the list of those spaces where none is.
	Lab  Target = "lab"
	Code Target = "code"
	// Canvas, RStudio and Classic (Studio Classic) have no name: each user profile
	// has its own.
	Canvas  Target = "canvas"
	RStudio Target = "rstudio"
	Classic Target = "classic"
	// MLflow is a tracking server, by its name.
	MLflow Target = "mlflow"
	// Notebook is a notebook instance, by its name, with the page that it opens
	// by itself; NotebookLab is the same one in JupyterLab.
	Notebook    Target = "notebook"
	NotebookLab Target = "notebook-lab"
)

// Valid reports whether it is one of the targets; the zero value is.
func (t Target) Valid() bool {
	switch t {
	case "", Home, Lab, Code, Canvas, RStudio, Classic, MLflow, Notebook, NotebookLab:
		return true
	}
	return false
}

// Takes says what a Name beside the target is the name of.
func (t Target) Takes() Named {
	switch t {
	case Lab, Code:
		return SpaceName
	case MLflow:
		return ServerName
	case Notebook, NotebookLab:
		return NotebookName
	}
	return Nameless
}

// Named is a kind of thing that has a name of its own.
type Named int

// What a target's name can be that of.
const (
	// Nameless: the target takes no name.
	Nameless Named = iota
	// SpaceName may be left out; the other two may not.
	SpaceName
	NotebookName
	ServerName
)

// maxServer is the length of a tracking server's name by the SageMaker API.
const maxServer = 256

// Valid says whether SageMaker could have such a thing of that name: letters,
// digits, and hyphens between them, at most 63 characters; 256 for a tracking
// server.
func (n Named) Valid(name string) bool {
	switch n {
	case SpaceName, NotebookName:
		return validName(name, maxProfile)
	case ServerName:
		return validName(name, maxServer)
	}
	return false
}
