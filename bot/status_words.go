package bot

import (
	"errors"
	"fmt"

	"github.com/studiobot/studiobot/studio"
)

// What is said around what runs, by the rules of words.go.

var (
	wordsLooking  = refusalWords{title: "Looking at what runs…", next: "It follows in a moment, as a message of its own."}
	wordsAsking   = refusalWords{title: "Asking SageMaker…", next: "This window says what comes of it. You can close it."}
	wordsNoStop   = refusalWords{title: "Nothing can be stopped from Slack here.", next: "Stop it in Studio, under *Running instances*."}
	wordsNoStart  = refusalWords{title: "Notebook instances can't be started from Slack here.", next: "Ask your admin to start it."}
	wordsNotYours = "That isn't there any more, or isn't yours."
)

// loss is what stopping something leaves and takes.
type loss struct{ kept, lost string }

func lossOf(m studio.Machine) loss {
	switch {
	case m.Notebook != "":
		return loss{"the files in /home/ec2-user/SageMaker.", "everything else, such as unsaved changes, running kernels and what was installed elsewhere."}
	case m.Space != "":
		return loss{"the space and the files on its volume.", "what is in memory, such as unsaved changes, running kernels and terminals."}
	}
	return loss{"your files, and what was saved.", "what is in memory, such as unsaved changes and running work."}
}

// stoppingWords are said when SageMaker has begun to stop something.
func stoppingWords(m studio.Machine) refusalWords {
	return refusalWords{title: named(m) + " is stopping.", next: "Kept: " + lossOf(m).kept}
}

// stoppedWords are said once it is gone.
func stoppedWords(m studio.Machine) refusalWords {
	return refusalWords{title: named(m) + " has stopped.", next: "Kept: " + lossOf(m).kept}
}

// startingWords are said when a notebook instance begins to start; told: somebody
// watches it.
func startingWords(o Options, m studio.Machine, told bool) refusalWords {
	w := refusalWords{title: named(m) + " is starting.", next: "That takes a few minutes. You'll be told here when it is ready."}
	if !told {
		w.next = "That takes a few minutes. Type `" + o.Command + " status` to see when it is ready."
	}
	return w
}

// startedWords are said when it is ready.
func startedWords(o Options, m studio.Machine) refusalWords {
	return refusalWords{title: named(m) + " is ready.", next: fmt.Sprintf("Type `%s notebook %s` to open it. It costs money until it is stopped.", o.Command, m.Notebook)}
}

// unwatchedWords take back the promise to tell when it is ready.
func unwatchedWords(o Options, m studio.Machine, why string) refusalWords {
	return refusalWords{title: named(m) + " isn't ready yet.", next: why + " Type `" + o.Command + " status` to see when it is ready."}
}

// named is what something is called in a sentence.
func named(m studio.Machine) string {
	if m.Notebook != "" {
		return "The notebook instance " + m.Notebook
	}
	what := appWords(studio.App{Kind: kindOf(m.Type), Type: m.Type})
	if m.Space != "" {
		return what + " in " + m.Space
	}
	return what
}

// kindOf is the target that an app of that type is.
func kindOf(appType string) studio.Target {
	switch appType {
	case "JupyterLab":
		return studio.Lab
	case "CodeEditor":
		return studio.Code
	case "JupyterServer":
		return studio.Classic
	case "RStudioServerPro":
		return studio.RStudio
	case "Canvas":
		return studio.Canvas
	}
	return ""
}

// machineRefusal words why something wasn't stopped or started. What isn't
// somebody's and what isn't there are the same.
func machineRefusal(o Options, err error, starting bool) refusalWords {
	verb, done := "stopped", "stop"
	if starting {
		verb, done = "started", "start"
	}
	look := "Type `" + o.Command + " status` to see what runs."
	switch {
	case errors.Is(err, studio.ErrSwitchedOff) && starting:
		return wordsNoStart
	case errors.Is(err, studio.ErrSwitchedOff):
		return wordsNoStop
	case errors.Is(err, studio.ErrNoTarget):
		return refusalWords{title: wordsNotYours, next: look}
	case errors.Is(err, studio.ErrPending) && starting:
		return refusalWords{title: "It is still stopping.", next: "Press Start again in a minute or two."}
	case errors.Is(err, studio.ErrPending):
		return refusalWords{title: "It is still starting.", next: "Press Stop again in a minute or two."}
	case errors.Is(err, studio.ErrBroken):
		return refusalWords{title: "It can't be " + verb + ".", next: "It has failed, or is being deleted. Ask your admin."}
	case errors.Is(err, studio.ErrStopped):
		return refusalWords{title: "It was stopped before it was ready.", next: look}
	case errors.Is(err, studio.ErrForbidden):
		return refusalWords{title: "AWS doesn't let us " + done + " it.", next: "Nothing was changed. Your admin has to permit it to the bot's role."}
	case errors.Is(err, studio.ErrThrottled):
		return refusalWords{title: "AWS is busy right now.", next: "It may not be " + verb + ". Press the button once more in a minute."}
	case errors.Is(err, studio.ErrUnavailable):
		return refusalWords{title: "AWS didn't answer in time.", next: "It may or may not be " + verb + " by now. " + look}
	case errors.Is(err, studio.ErrRefused) && starting:
		return refusalWords{title: "SageMaker refuses to start it.", next: "Perhaps no more of its kind may run. Ask your admin."}
	case errors.Is(err, studio.ErrRefused):
		return refusalWords{title: "SageMaker refuses to stop it.", next: "Nothing was changed. Try again in a minute, or stop it in Studio."}
	case errors.Is(err, studio.ErrUnsure):
		return refusalWords{title: "We can't check right now whether it is yours.", next: "Nothing was changed. Press the button once more in a minute."}
	}
	w := refusal(err)
	return refusalWords{title: w.title, next: w.next}
}
