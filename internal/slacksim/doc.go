// Package slacksim is a Slack that runs inside a test or a demo: the Web API
// methods that studiobot calls, Socket Mode over real WebSockets, response
// URLs, and the part of the Slack client that matters to an app: who is in the
// workspace, what they type, what they see and which button they press. All of
// it is served over HTTP on loopback, so that the program under test runs its
// real client code.
//
// # Where to start
//
// Start a Server with the zero Options, point the app at Server.APIURL with
// Server.AppToken and Server.BotToken, and wait for it with
// Server.WaitConnections. Then act as a person: Server.Command types a slash
// command and says what the person would see, Server.Messages is their screen,
// Server.Press presses a button, Server.Choose chooses from a menu, Server.Modal
// is what lies over the screen, Server.SubmitModal fills it in and
// Server.PressModal presses a button in it.
// Server.OpenHome opens the app's Home and Server.HomeTab is what is there;
// Server.Shortcut uses a global shortcut. Server.History has every call, frame
// and acknowledgement in order; Server.WaitFor waits for one without sleeping.
//
// # What it imitates
//
//   - apps.connections.open, single-use socket addresses, hello, pings, at most
//     10 sockets (the next one gets a disconnect with too_many_websockets and
//     no hello), refreshes with Slack's reasons, frames of 20480 bytes and more
//     answered with close code 1009.
//   - Envelopes on any one of the open sockets, acknowledged within
//     Options.AckDeadline or too late; an envelope whose socket died goes out
//     again on another; Events API retries under a new envelope ID.
//   - The limits of Block Kit on whatever is about to be shown: a message
//     outside of them is refused and nobody sees it. An action_id has to be
//     unique within its message, which is stricter than Slack (its block).
//   - response_url: 5 uses in 30 minutes; a command's can't replace the message
//     that acknowledged the command, a click's can.
//   - Modals: views.open, views.update (hash, what was typed stays), views.push
//     (3 views), Slack's limits on views, input blocks and menus. The client
//     checks what it checks in Slack before the app hears of a submission; the
//     acknowledgement closes the view or is a response_action. One that is late
//     or that Slack can't read leaves the modal, with ErrorModal.
//   - Buttons, overflow menus and static selects of messages, of the Home and of
//     modals (buttons with an address too: the event comes all the same), with the
//     dialog that asks for confirmation (PressOptions.Decline); what a
//     select shows stays, and is in the state of every later event. Events of a
//     view have the view instead of a message and a response_url.
//   - The Home: app_home_opened with the view where there is one,
//     views.publish with its hash, events that have a view instead of a message
//     and a response_url.
//   - Global shortcuts, whose payload has neither channel nor api_app_id.
//   - Channels with members: chat.postMessage only where the app is one of
//     them, messages that only members see, chat.update and chat.delete.
//   - chat.scheduleMessage and chat.deleteScheduledMessage with their limits;
//     Server.PostScheduled lets the time come.
//   - User groups, their members and the events about them.
//   - users.list with cursors and users.info, in the shape and with the weight
//     of the real ones, for 50,000 people and more; rate limits by tier.
//   - Scopes of the bot token (Options.Scopes): missing_scope, users without
//     addresses, events that don't come.
//   - Sign in with Slack: OpenID Connect with discovery, a page that asks who
//     signs in (the browser remembers), codes that are good for one try, PKCE,
//     RS256 and keys, Slack's claims, its empty nonce, its errors with status
//     200. Server.ForgeIDToken spoils the next token. Options.PlainOpenID makes
//     it the sign-in of some other organisation.
//   - An organisation's installation (Options.OrgInstall) with several
//     workspaces: team_id where calls need it, auth.teams.list, payloads whose
//     team is null.
//
// # Faults
//
// Server.Fail breaks the next N calls of one method (an HTTP status, a Slack
// error, a rate limit, a hang, an answer that is lost after its effect).
// Server.Refresh, Server.Kill, Server.Redeliver, Server.PausePings,
// Server.SendRaw and the fields of PressOptions do what goes wrong on sockets.
// Faults are counted, never random. There is no control side over HTTP: the
// methods of Server are the control side, and the app under test can't reach
// them.
//
// # What it does not do
//
// OAuth for tokens of the Web API, refresh tokens, HTTP signatures, threads, files, search, rich text checks, message
// events, channels that differ by workspace, the organisation's own user
// groups, message shortcuts, the other tabs of the app's page, input blocks of
// a Home, menus other than the two. Of modals: input blocks take plain_text_input,
// static_select and users_select; a view with another is refused. It has one
// app, and it forgets everything when it is closed.
//
// Where Slack's behaviour is not documented (which HTTP status a used socket
// address gets, an acknowledgement on another socket than the delivering one,
// a second views.open, an unknown team_id, chat.update of an ephemeral
// message), the comment at that place says so, and Options lets a test choose
// where it matters.
//
// The package imports nothing else of this module: a judge doesn't share the
// defendant's code. It is itself judged by Slack's own Node client and by a certified OpenID client, see the
// directory judge.
package slacksim
