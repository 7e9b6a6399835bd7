package demo

import (
	"sync"
	"time"

	"github.com/studiobot/studiobot/internal/sagemakersim"
	"github.com/studiobot/studiobot/internal/slacksim"
	"github.com/studiobot/studiobot/notify"
)

// Clicks is what becomes of Slack's word that a button was pressed.
type Clicks string

// The values of Clicks.
const (
	ClicksArrive Clicks = ""
	ClicksLate   Clicks = "late"
	ClicksNever  Clicks = "never"
)

// lateBy is how late a late click comes: longer than the redirect waits, so that
// the waiting page shows.
const lateBy = 5 * time.Second

// remindAfter is how long after an opening the reminder comes, where sessions end
// soon.
const remindAfter = 5 * time.Second

// state is how the switches stand. SageMaker is one of "", "slow",
// "throttled" and "away".
type state struct {
	SageMaker string `json:"sagemaker"`
	NoProfile bool   `json:"no_profile"`
	Unlisted  bool   `json:"unlisted"` // the user profiles and their tags can't be read
	Clicks    Clicks `json:"clicks"`
	Pending   bool   `json:"pending"` // Jane's profile is being prepared
	Short     bool   `json:"short"`   // sessions end soon
}

// switches change how the simulated world behaves. Nothing in it is random.
type switches struct {
	slack     *slacksim.Server
	sagemaker *sagemakersim.Server

	mu  sync.Mutex
	now state
}

func newSwitches(s *slacksim.Server, m *sagemakersim.Server) *switches {
	return &switches{slack: s, sagemaker: m}
}

func (s *switches) state() state {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// set brings the world into that state. It says whether it knows it.
func (s *switches) set(want state) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch want.Clicks {
	case ClicksArrive, ClicksLate, ClicksNever:
	default:
		return false
	}
	const op = "CreatePresignedDomainUrl"
	var fault *sagemakersim.Fault
	var delay time.Duration
	switch want.SageMaker {
	case "":
	case "slow":
		delay = 4 * time.Second
	case "throttled":
		fault = &sagemakersim.Fault{Operation: op, N: -1, Code: "ThrottlingException", Message: "Rate exceeded"}
	case "away":
		fault = &sagemakersim.Fault{Operation: op, N: -1, Drop: true}
	default:
		return false
	}
	s.sagemaker.ClearFaults()
	if fault != nil {
		s.sagemaker.Fail(*fault)
	}
	if delay > 0 {
		s.sagemaker.Fail(sagemakersim.Fault{Operation: op, N: -1, Delay: delay})
	}
	if want.Unlisted {
		for _, reading := range []string{"ListUserProfiles", "ListTags"} {
			s.sagemaker.Fail(sagemakersim.Fault{Operation: reading, N: -1, Code: "AccessDeniedException", Message: "not authorized to perform sagemaker:" + reading})
		}
	}
	if want.NoProfile != s.now.NoProfile {
		if want.NoProfile {
			s.sagemaker.RemoveProfile(researchID, profileOfJane)
		} else {
			s.sagemaker.AddProfile(researchID, profileOfJane)
		}
	}
	switch {
	case want.Pending:
		s.sagemaker.SetProfileStatus(researchID, profileOfJane, sagemakersim.Pending, "")
	case s.now.Pending:
		s.sagemaker.SetProfileStatus(researchID, profileOfJane, sagemakersim.InService, "")
	}
	s.now = want
	return true
}

// session is how long a session is taken to last.
func (s *switches) session(configured time.Duration) time.Duration {
	if s.state().Short {
		return notify.Before + remindAfter
	}
	return configured
}

// refresh has Slack recycle its sockets, as it does every few hours.
func (s *switches) refresh() { s.slack.Refresh(slacksim.ReasonRefresh) }
