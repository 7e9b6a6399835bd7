package sagemaker

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/studiobot/studiobot/studio"
)

// runsDeadline is how long a click waits to hear whether a space's app runs.
// Beyond it the space's page opens.
const runsDeadline = 1500 * time.Millisecond

// runsPages is how many pages that may take. A space has a handful of apps.
const runsPages = 3

// landing is what CreatePresignedDomainUrl is asked for beside the profile.
type landing struct{ uri, space string }

// land says where a browser has to land for what o opens. A path is relative,
// always: behind a leading slash Studio redirects to another host, by reports of
// users. So does the rest of what isn't documented:
//
//   - SpaceName alone opens its JupyterLab where that runs, and is a blank 404
//     where it doesn't. So it is only used where the app runs; starting it first
//     is no way out, because that can take longer than a URL lives.
//   - studio::jupyterlab/SPACE is the space's page, studio::jupyterlab the list of
//     all. That code-editor is the same for Code Editor is a guess; the portal
//     opens, whatever it makes of the path.
func (c *Client) land(ctx context.Context, d *domain, o studio.Option) landing {
	switch o.Target {
	case studio.Lab:
		return c.landInSpace(ctx, d, o.Name, types.AppTypeJupyterLab, landing{}, "studio::jupyterlab")
	case studio.Code:
		return c.landInSpace(ctx, d, o.Name, types.AppTypeCodeEditor, landing{uri: "app:CodeEditor:"}, "studio::code-editor")
	case studio.Canvas, studio.RStudio, studio.Classic:
		return landing{uri: "app:" + string(typeOf(o.Target)) + ":"}
	}
	return landing{}
}

// landInSpace returns running where the space has its app in service, and
// otherwise the portal's page of it.
func (c *Client) landInSpace(ctx context.Context, d *domain, space string, app types.AppType, running landing, page string) landing {
	if space == "" {
		return landing{uri: page}
	}
	if c.runs(ctx, d, space, app) {
		running.space = space
		return running
	}
	return landing{uri: page + "/" + space}
}

// runs reports whether a space has its app in service, as far as that can be
// heard in time.
func (c *Client) runs(ctx context.Context, d *domain, space string, app types.AppType) bool {
	ctx, cancel := context.WithTimeout(ctx, c.runsIn)
	defer cancel()
	// What was started last comes first: apps that ended stay listed for a while.
	pages := api.NewListAppsPaginator(d.api, &api.ListAppsInput{
		DomainIdEquals: aws.String(d.ID), SpaceNameEquals: aws.String(space), MaxResults: aws.Int32(largestPage),
		SortBy: types.AppSortKeyCreationTime, SortOrder: types.SortOrderDescending,
	})
	for n := 0; pages.HasMorePages() && n < runsPages; n++ {
		out, err := pages.NextPage(ctx)
		if err != nil {
			c.sayRuns(ctx, d, err)
			return false
		}
		for _, a := range out.Apps {
			if a.AppType == app && a.Status == types.AppStatusInService && nameIs(a.SpaceName, space) {
				return true
			}
		}
	}
	return false
}

// sayRuns says why spaces open on their pages. What only passes is of no
// interest; a permission that is missing is said once.
func (c *Client) sayRuns(ctx context.Context, d *domain, err error) {
	level := slog.LevelDebug
	if sentinel(err) == studio.ErrForbidden && d.said.apps.CompareAndSwap(false, true) {
		level = slog.LevelWarn
	}
	c.log.Log(ctx, level, "whether a space's app runs can't be told (sagemaker:ListApps): its page in Studio opens instead", "domain", d.Name, "err", err)
}

// typeOf is what SageMaker calls the app of a target; empty where it has none.
func typeOf(t studio.Target) types.AppType {
	switch t {
	case studio.Lab:
		return types.AppTypeJupyterLab
	case studio.Code:
		return types.AppTypeCodeEditor
	case studio.Canvas:
		return types.AppTypeCanvas
	case studio.RStudio:
		return types.AppTypeRStudioServerPro
	case studio.Classic:
		return types.AppTypeJupyterServer
	}
	return ""
}

// targetOf is the target that opens an app of that type; empty where none does.
func targetOf(app types.AppType) studio.Target {
	for _, t := range []studio.Target{studio.Lab, studio.Code, studio.Canvas, studio.RStudio, studio.Classic} {
		if typeOf(t) == app {
			return t
		}
	}
	return ""
}
