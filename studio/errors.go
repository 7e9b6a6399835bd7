package studio

import "errors"

// What can keep a person from being offered anything. bot/words.go has the
// sentence for each.
var (
	// ErrNotMapped: no source of the mapping knows the person.
	ErrNotMapped = errors.New("not linked to a Studio user profile")
	// ErrDenied: the mapping denies the person by name.
	ErrDenied = errors.New("denied by the mapping")
	// ErrBlocked: an admin has blocked the person, whatever the mapping says.
	ErrBlocked = errors.New("blocked by an admin")
	// ErrGuest: a guest of the workspace, and access.guests is deny.
	ErrGuest = errors.New("guest of the workspace")
	// ErrDeactivated: the Slack account is deactivated.
	ErrDeactivated = errors.New("deactivated in Slack")
	// ErrNotPerson: a bot, a workflow, or an invitation nobody has accepted.
	ErrNotPerson = errors.New("not a person's account")
	// ErrConflict: several user profiles of one domain claim the person, and
	// nobody can say which one is theirs. Whoever keeps the profiles must.
	ErrConflict = errors.New("several Studio profiles claim the person")
	// ErrNotInGroup: in none of the Slack user groups that may.
	ErrNotInGroup = errors.New("in none of the user groups that may")
	// ErrTeam: asked from a workspace that access.teams doesn't list.
	ErrTeam = errors.New("workspace not on the allow-list")
	// ErrStranger: of another workspace or organisation.
	ErrStranger = errors.New("of another workspace or organisation")
	// ErrUnknownPerson: Slack says that there is no such user.
	ErrUnknownPerson = errors.New("unknown to Slack")
	// ErrUnsure: nothing fresh is known and whoever knows can't be asked now.
	// Never a "no" and never a "yes": the person is asked to try again.
	ErrUnsure = errors.New("can't be decided now")
)

// What can go wrong between a click and Studio. launch/words.go has the
// sentence for each. Errors of studio/sagemaker wrap one of these together
// with the cause, which is for the log only.
var (
	// ErrNoProfile: the user profile or the domain doesn't exist (anymore).
	ErrNoProfile = errors.New("no such user profile or domain")
	// ErrForbidden: AWS doesn't let our role open this profile.
	ErrForbidden = errors.New("not permitted by AWS")
	// ErrThrottled: AWS asks to slow down. Trying again helps.
	ErrThrottled = errors.New("throttled by AWS")
	// ErrUnavailable: AWS can't be reached, answers with a fault, or didn't
	// answer in time. Trying again helps.
	ErrUnavailable = errors.New("SageMaker unavailable")
	// ErrIdentityCenter: the domain is in Identity Center mode (AuthMode SSO);
	// it has no presigned URLs. People sign in at the domain's own address.
	ErrIdentityCenter = errors.New("domain in Identity Center mode")
	// ErrProfileTaken: a user profile of that name is there and isn't the
	// person's: it doesn't carry the tags that theirs would have, or names
	// another.
	ErrProfileTaken = errors.New("user profile belongs to somebody else")
	// ErrNoTarget: the space, notebook instance or tracking server doesn't exist
	// (anymore).
	ErrNoTarget = errors.New("no such space, notebook instance or tracking server")
	// ErrPending: the user profile, or the notebook instance or tracking server,
	// is being prepared. It opens by itself later; trying again helps.
	ErrPending = errors.New("being prepared")
	// ErrStopped: the notebook instance or tracking server isn't running.
	ErrStopped = errors.New("not running")
	// ErrBroken: the user profile, notebook instance or tracking server has failed
	// or is being deleted. An admin has to look at it.
	ErrBroken = errors.New("failed, or being deleted")
	// ErrRefused: SageMaker refuses the request itself, or answered with
	// something that we don't send a browser to.
	ErrRefused = errors.New("refused by SageMaker")
)

// What can be the matter with a one-time link. launch and bot each have the
// sentences of their surface.
var (
	// ErrLinkUnknown: no such link, or one so old that nothing is known of it.
	ErrLinkUnknown = errors.New("link unknown")
	// ErrLinkExpired: its time is over.
	ErrLinkExpired = errors.New("link expired")
	// ErrLinkUsed: Studio was opened with it.
	ErrLinkUsed = errors.New("link already used")
	// ErrLinkBurned: two browsers that both knew the link before its owner
	// pressed the button asked for it; neither gets it.
	ErrLinkBurned = errors.New("link burned")
	// ErrNotYours: somebody else's link.
	ErrNotYours = errors.New("somebody else's link")
	// ErrBusy: more is going on than we take on at a time. Trying again helps.
	ErrBusy = errors.New("too busy")
)

// What can keep a request for access from being made or decided, a link of the
// table from being changed, or something that runs from being stopped. bot/words.go has the sentence for each.
var (
	// ErrDecided: somebody was faster, or it has closed.
	ErrDecided = errors.New("decided already")
	// ErrRequestGone: no such request, or another one of that person stands there
	// now.
	ErrRequestGone = errors.New("no such request any more")
	// ErrOwnRequest: nobody approves their own request.
	ErrOwnRequest = errors.New("one's own request")
	// ErrNotAdmin: not one of access.admins.
	ErrNotAdmin = errors.New("not an admin")
	// ErrInvalid: a domain that isn't configured, a name that no user profile
	// can have, or a text that is too long.
	ErrInvalid = errors.New("invalid")
	// ErrLinksLive: what was asked for was done, but that links which somebody holds
	// open nothing any more couldn't be written.
	ErrLinksLive = errors.New("links that were issued before may still open")
	// ErrOwnBlock: nobody blocks or unblocks themselves.
	ErrOwnBlock = errors.New("one's own block")
	// ErrNoTable: the mapping has no table to keep a link in.
	ErrNoTable = errors.New("no table in the mapping")
	// ErrSwitchedOff: the config doesn't let people do that.
	ErrSwitchedOff = errors.New("switched off in the config")
)
