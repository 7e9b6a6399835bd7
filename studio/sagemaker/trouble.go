package sagemaker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/studiobot/studiobot/studio"
)

// maxSkew is how far our clock may be off before it is said: AWS refuses
// signatures that are 15 minutes off, and the SDK mends what its answers show of it.
const maxSkew = 4 * time.Minute

// clockWords says that our clock is off, where AWS refused something and the time
// of its answer shows it; empty otherwise.
func clockWords(err error, now time.Time) string {
	var answered *awshttp.ResponseError
	if !errors.As(err, &answered) || answered.Response == nil {
		return ""
	}
	theirs, failed := http.ParseTime(answered.Response.Header.Get("Date"))
	off := now.Sub(theirs)
	if failed != nil || off.Abs() < maxSkew {
		return ""
	}
	return "this machine's clock is off, and AWS refuses what is signed with it: set it right, and keep it so (NTP)"
}

// roleTrouble says why a role isn't assumed. AWS gives one and the same error for
// all of its trust policy's gaps, so what is asked for is taken away piece by
// piece until AWS agrees: it is done at the start and every so often, while
// nothing works. What these sessions give is thrown away.
func (c *Client) roleTrouble(ctx context.Context, d *domain, err error) (string, slog.Level) {
	switch sentinel(err) {
	case studio.ErrThrottled:
		return "AWS STS is throttling: the domain's role wasn't assumed", slog.LevelWarn
	case studio.ErrUnavailable:
		return "AWS STS can't be reached: the domain's role wasn't assumed", slog.LevelWarn
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.overall)
	defer cancel()
	whole := d.ownSession()
	whole.life = minRoleSession
	tagless, nameless, bare := whole, whole, whole
	tagless.tags, nameless.source, bare.tags, bare.source = tags{}, "", tags{}, ""
	for _, try := range []struct {
		s     session
		words string
	}{
		{whole, fmt.Sprintf("the role's session can't be that long (role_session: %v): shorten it to 1h where our own credentials are those of a role, "+
			"because AWS limits a role that assumes a role, or raise the role's maximum session duration", d.actor.Session)},
		{tagless, "the role's trust policy doesn't allow sts:TagSession: add it beside sts:AssumeRole"},
		{nameless, "the role's trust policy doesn't allow sts:SetSourceIdentity: add it beside sts:AssumeRole (or our own credentials have another source identity already)"},
		{bare, "the role's trust policy allows neither sts:TagSession nor sts:SetSourceIdentity: add them beside sts:AssumeRole"},
	} {
		if _, err := d.actor.ask(ctx, try.s); err == nil {
			return try.words, slog.LevelError
		}
	}
	return "the role can't be assumed: check that it exists, that its trust policy lets " + d.actor.caller(ctx) +
		" do sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity, and that our own policy allows these for it", slog.LevelError
}

// caller is who we are, as far as STS says it.
func (a *actor) caller(ctx context.Context) string {
	out, err := a.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "the identity of our credentials"
	}
	arn := aws.ToString(out.Arn)
	return arn[:min(len(arn), 300)] + " (the role is of account " + a.account + ", that identity of " + clip(aws.ToString(out.Account)) + ")"
}
