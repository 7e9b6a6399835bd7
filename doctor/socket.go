package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

// Slack sends each envelope to any one of the app's connections. One more
// connection would take commands away from a bot that runs, if only for a moment,
// and whatever came by it would have to be answered or be lost. So it is opened only
// where no bot is seen to run: what a running one says of its own connections is
// better anyhow. Where none runs commands go nowhere in any case. What arrives before
// the connection is closed again isn't acknowledged: Slack then shows that person
// an error, so that they try again, and delivers an event once more.

// sockets looks at the app-level token, the connection, and who else is connected.
func (e *examination) sockets(ctx context.Context, api *slack.Client) {
	ask, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	// Opening it gives an address; without a connection nothing is sent there.
	_, address, err := api.StartSocketModeContext(ask)
	if err != nil {
		e.refused("app token", "SLACK_APP_TOKEN", err)
	} else {
		e.good("app token", "Slack gives a connection for it")
	}
	bot, seen := e.running(ctx)
	switch {
	case seen && bot.metrics && bot.sockets == 0:
		e.wrong("socket", "the bot that runs has no connection to Slack", "Look into its log")
	case seen:
		e.good("socket", "the bot that runs is connected; no further connection was made beside it")
	case err == nil:
		bot.connections = e.dial(ctx, address)
		bot.sockets = 1
	}
	switch {
	case seen && !bot.metrics:
		e.warn("other processes", "can't be seen from outside of the bot that runs", "Set `metrics: 127.0.0.1:9464` and run the doctor beside the bot")
	case bot.connections > max(bot.sockets, bot.usual()):
		e.warn("other processes", fmt.Sprintf("the Slack app has %d connections, and this bot %d: another process takes a share of the commands", bot.connections, bot.sockets),
			"Stop it, unless it is a copy of this bot; give each environment a Slack app of its own")
	case bot.connections > 0:
		e.good("other processes", "nobody else is connected to this Slack app")
	}
	e.clicks(bot, seen)
}

// clicks says whether Slack reports them. Only a bot that runs can know, and
// nothing else tells whether interactivity is on: Slack shows it to a configuration
// token only.
func (e *examination) clicks(bot bot, seen bool) {
	switch {
	case !seen || !bot.metrics:
		e.warn("clicks", "whether clicks arrive is known to a running bot only", "Set `metrics: 127.0.0.1:9464`, press a button in Slack, and run the doctor beside the bot")
	case bot.missing > 0 && 2*bot.missing >= bot.armed:
		e.wrong("clicks", fmt.Sprintf("clicks don't arrive: %d browsers waited in vain, %d clicks came", bot.missing, bot.armed),
			"Turn interactivity on in the Slack app (Features, Interactivity & Shortcuts); stop other processes of the same app. Where clicks never arrive, `launch.proof: confirm` is the lenient way")
	case 20*bot.missing > bot.armed:
		e.warn("clicks", fmt.Sprintf("%d of %d browsers waited more than 2 seconds for their click", bot.missing, bot.missing+bot.armed), "Look at studiobot_click_wait_seconds; another process of the same app takes clicks, too")
	case bot.armed == 0:
		e.warn("clicks", "nobody has pressed a button since the bot started", "Press one in Slack, then run the doctor again")
	default:
		e.good("clicks", fmt.Sprintf("%d clicks arrived", bot.armed))
	}
}

// hello is Slack's first word on a connection.
type hello struct {
	Type           string `json:"type"`
	Reason         string `json:"reason"`
	NumConnections int    `json:"num_connections"`
}

// dial connects, waits for hello and hangs up at once.
func (e *examination) dial(ctx context.Context, address string) (connections int) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: askTime}
	conn, resp, err := dialer.DialContext(ctx, address, nil)
	if resp != nil && resp.Body != nil {
		defer resp.Body.Close()
	}
	if err != nil {
		e.wrong("socket", "no connection to Slack: "+cause(err), "WebSockets (wss) to Slack have to get out of your network; a proxy must let them through")
		return 0
	}
	defer conn.Close()
	deadline := time.Now().Add(askTime)
	_ = conn.SetReadDeadline(deadline)
	conn.SetReadLimit(1 << 20)
	for {
		_, frame, err := conn.ReadMessage()
		if err != nil {
			e.wrong("socket", "Slack says nothing on the connection: "+cause(err), "Try again; look at Slack's status page")
			return 0
		}
		var h hello
		if json.Unmarshal(frame, &h) != nil {
			continue
		}
		switch h.Type {
		case "hello":
			_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), deadline)
			e.good("socket", "Slack says hello")
			return h.NumConnections
		case "disconnect":
			if h.Reason == "link_disabled" {
				e.wrong("socket", "Socket Mode is off", "Turn it on in the Slack app: Settings, Socket Mode")
			} else {
				e.wrong("socket", "Slack ends the connection", "Try again in a minute; at most 10 connections per app are allowed")
			}
			return 0
		}
	}
}

// cause is an error without the address it is about: Slack's hold secrets.
func cause(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return err.Error()
}
