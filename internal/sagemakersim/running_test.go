package sagemakersim_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

// startBusy has jane's and john's private spaces, a shared one, and one of
// Studio Classic; nothing changes by itself until Pass.
func startBusy(t testing.TB, o sagemakersim.Options) *sagemakersim.Server {
	t.Helper()
	o.Domains = []sagemakersim.Domain{{
		ID: domainID, Name: "research", Profiles: []sagemakersim.Profile{{Name: "jane"}, {Name: "john"}},
		Spaces: []sagemakersim.Space{
			{Name: "janes", Display: "Jane's own", Owner: "jane", VolumeGB: 50},
			{Name: "johns", Owner: "john"},
			{Name: "team", Owner: "john", Shared: true, App: sagemakersim.CodeEditor},
			{Name: "old-team"},
		},
	}}
	o.StateDelay = time.Hour
	return start(t, o)
}

func TestSpaces(t *testing.T) {
	t.Parallel()
	c := sdk(startBusy(t, sagemakersim.Options{}))
	out, err := c.ListSpaces(t.Context(), &api.ListSpacesInput{DomainIdEquals: aws.String(domainID)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, sp := range out.Spaces {
		line := fmt.Sprint(*sp.SpaceName, " ", aws.ToString(sp.SpaceDisplayName), " ", sp.SpaceSettingsSummary.AppType)
		if o := sp.OwnershipSettingsSummary; o != nil {
			line += fmt.Sprint(" ", *o.OwnerUserProfileName, " ", sp.SpaceSharingSettingsSummary.SharingType)
		}
		if s := sp.SpaceSettingsSummary.SpaceStorageSettings; s != nil {
			line += fmt.Sprint(" ", *s.EbsStorageSettings.EbsVolumeSizeInGb)
		}
		got = append(got, line)
	}
	want := []string{"janes Jane's own JupyterLab jane Private 50", "johns  JupyterLab john Private", "team  CodeEditor john Shared", "old-team  JupyterLab"}
	if !slices.Equal(got, want) {
		t.Errorf("listed %q", got)
	}
	one, err := c.DescribeSpace(t.Context(), &api.DescribeSpaceInput{DomainId: aws.String(domainID), SpaceName: aws.String("Janes")})
	if err != nil || *one.OwnershipSettings.OwnerUserProfileName != "jane" || one.Status != types.SpaceStatusInService {
		t.Errorf("%+v, %v", one, err)
	}
	for _, id := range []string{domainID, "d-other"} {
		if _, err := c.DescribeSpace(t.Context(), &api.DescribeSpaceInput{DomainId: aws.String(id), SpaceName: aws.String("none")}); code(err) != "ResourceNotFound" {
			t.Errorf("a space that isn't there: %v", err)
		}
	}
}

// An app starts, runs, and ends, and is still listed then.
func TestAppLife(t *testing.T) {
	t.Parallel()
	s := startBusy(t, sagemakersim.Options{})
	c := sdk(s)
	id, name, space := aws.String(domainID), aws.String("default"), aws.String("janes")
	listed := func() string {
		out, err := c.ListApps(t.Context(), &api.ListAppsInput{DomainIdEquals: id, SpaceNameEquals: aws.String("JANES")})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Apps) == 0 {
			return ""
		}
		a := out.Apps[0]
		return fmt.Sprint(len(out.Apps), " ", *a.SpaceName, " ", a.AppType, " ", a.Status, " ", a.ResourceSpec.InstanceType)
	}
	create := func() error {
		_, err := c.CreateApp(t.Context(), &api.CreateAppInput{
			DomainId: id, AppName: name, AppType: types.AppTypeJupyterLab, SpaceName: space,
			ResourceSpec: &types.ResourceSpec{InstanceType: types.AppInstanceTypeMlM5Large},
		})
		return err
	}
	remove := func() error {
		_, err := c.DeleteApp(t.Context(), &api.DeleteAppInput{DomainId: id, AppName: name, AppType: types.AppTypeJupyterLab, SpaceName: space})
		return err
	}
	hour := func() error { s.Pass(time.Hour); return nil }
	for i, step := range []struct {
		do         func() error
		code, want string
	}{
		{remove, "ResourceNotFound", ""},
		{create, "", "1 janes JupyterLab Pending ml.m5.large"},
		{create, "ResourceInUse", "1 janes JupyterLab Pending ml.m5.large"},
		{hour, "", "1 janes JupyterLab InService ml.m5.large"},
		{remove, "", "1 janes JupyterLab Deleting ml.m5.large"},
		{remove, "ResourceInUse", "1 janes JupyterLab Deleting ml.m5.large"},
		{hour, "", "1 janes JupyterLab Deleted ml.m5.large"},
		{remove, "ResourceNotFound", "1 janes JupyterLab Deleted ml.m5.large"},
		{create, "", "1 janes JupyterLab Pending ml.m5.large"},
	} {
		if err := step.do(); code(err) != step.code {
			t.Errorf("step %d: %v", i, err)
		}
		if got := listed(); got != step.want {
			t.Errorf("step %d: listed %q, want %q", i, got, step.want)
		}
	}
	active := time.Now().Add(-time.Minute).Truncate(time.Second)
	s.SetApp(domainID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "janes", Active: active, Checked: active.Add(time.Second)})
	s.Pass(time.Hour)
	out, err := c.DescribeApp(t.Context(), &api.DescribeAppInput{DomainId: id, AppName: name, AppType: types.AppTypeJupyterLab, SpaceName: space})
	if err != nil || !out.LastUserActivityTimestamp.Equal(active.Add(-time.Hour)) || !out.LastHealthCheckTimestamp.Equal(active.Add(time.Second-time.Hour)) {
		t.Errorf("%+v, %v", out, err)
	}
	if a, ok := s.App(domainID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: "janes"}); !ok || a.Status != sagemakersim.InService {
		t.Errorf("%+v, %v", a, ok)
	}
}

func TestAppsAreRefused(t *testing.T) {
	t.Parallel()
	c := sdk(startBusy(t, sagemakersim.Options{}))
	id, name, lab := aws.String(domainID), aws.String("default"), types.AppTypeJupyterLab
	for _, tt := range []struct {
		name, code string
		in         api.CreateAppInput
	}{
		{"no space of that name", "ResourceNotFound", api.CreateAppInput{DomainId: id, AppName: name, AppType: lab, SpaceName: aws.String("none")}},
		{"no profile of that name", "ResourceNotFound", api.CreateAppInput{DomainId: id, AppName: name, AppType: lab, UserProfileName: aws.String("none")}},
		{"no domain", "ResourceNotFound", api.CreateAppInput{DomainId: aws.String("d-none"), AppName: name, AppType: lab, SpaceName: aws.String("team")}},
		{"neither", "ValidationException", api.CreateAppInput{DomainId: id, AppName: name, AppType: lab}},
		{"both", "ValidationException", api.CreateAppInput{DomainId: id, AppName: name, AppType: lab, SpaceName: aws.String("team"), UserProfileName: aws.String("jane")}},
		{"no such type", "ValidationException", api.CreateAppInput{DomainId: id, AppName: name, AppType: "Emacs", SpaceName: aws.String("team")}},
		{"no such name", "ValidationException", api.CreateAppInput{DomainId: id, AppName: aws.String("a b"), AppType: lab, SpaceName: aws.String("team")}},
	} {
		if _, err := c.CreateApp(t.Context(), &tt.in); code(err) != tt.code {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	_, err := c.ListApps(t.Context(), &api.ListAppsInput{SpaceNameEquals: aws.String("a"), UserProfileNameEquals: aws.String("b")})
	if code(err) != "ValidationException" {
		t.Errorf("both filters: %v", err)
	}
}

// pageOf asks for a page of a listing and returns the names on it.
type pageOf func(token *string, order types.SortOrder) (names []*string, next *string, err error)

// everyList is all listings of c, by their operations.
func everyList(ctx context.Context, c *api.Client) map[string]pageOf {
	size := aws.Int32(100)
	return map[string]pageOf{
		"ListSpaces": func(token *string, order types.SortOrder) (names []*string, next *string, err error) {
			out, err := c.ListSpaces(ctx, &api.ListSpacesInput{DomainIdEquals: aws.String(domainID), MaxResults: size, NextToken: token, SortOrder: order})
			if err != nil {
				return nil, nil, err
			}
			for _, sp := range out.Spaces {
				names = append(names, sp.SpaceName)
			}
			return names, out.NextToken, nil
		},
		"ListApps": func(token *string, order types.SortOrder) (names []*string, next *string, err error) {
			out, err := c.ListApps(ctx, &api.ListAppsInput{DomainIdEquals: aws.String(domainID), MaxResults: size, NextToken: token, SortOrder: order})
			if err != nil {
				return nil, nil, err
			}
			for _, a := range out.Apps {
				names = append(names, a.SpaceName)
			}
			return names, out.NextToken, nil
		},
		"ListNotebookInstances": func(token *string, order types.SortOrder) (names []*string, next *string, err error) {
			out, err := c.ListNotebookInstances(ctx, &api.ListNotebookInstancesInput{MaxResults: size, NextToken: token, SortOrder: types.NotebookInstanceSortOrder(order)})
			if err != nil {
				return nil, nil, err
			}
			for _, n := range out.NotebookInstances {
				names = append(names, n.NotebookInstanceName)
			}
			return names, out.NextToken, nil
		},
		"ListMlflowTrackingServers": func(token *string, order types.SortOrder) (names []*string, next *string, err error) {
			out, err := c.ListMlflowTrackingServers(ctx, &api.ListMlflowTrackingServersInput{MaxResults: size, NextToken: token, SortOrder: order})
			if err != nil {
				return nil, nil, err
			}
			for _, m := range out.TrackingServerSummaries {
				names = append(names, m.TrackingServerName)
			}
			return names, out.NextToken, nil
		},
	}
}

// Listings of everything, in pages and in both orders.
func TestListsInPages(t *testing.T) {
	t.Parallel()
	const n = 130
	s := start(t, sagemakersim.Options{PageLimit: 40})
	want := make([]string, n)
	for i := range n {
		name, made := fmt.Sprintf("x-%03d", i), time.Unix(int64(created+i), 0)
		want[i] = name
		s.SetSpace(domainID, sagemakersim.Space{Name: name, Created: made})
		s.SetApp(domainID, sagemakersim.App{Type: sagemakersim.JupyterLab, Space: name, Created: made})
		s.SetNotebook(sagemakersim.Notebook{Name: name, Created: made})
		s.SetTrackingServer(sagemakersim.TrackingServer{Name: name, Created: made})
	}
	for name, list := range everyList(t.Context(), patient(s)) {
		for _, order := range []types.SortOrder{types.SortOrderAscending, types.SortOrderDescending} {
			var got []string
			var token *string
			for pages := 1; ; pages++ {
				names, next, err := list(token, order)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				for _, name := range names {
					got = append(got, *name)
				}
				if token = next; token == nil {
					if pages != 4 {
						t.Errorf("%s: %d pages", name, pages)
					}
					break
				}
			}
			if order == types.SortOrderDescending {
				slices.Reverse(got)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s %s: %v", name, order, got)
			}
		}
		if _, _, err := list(aws.String("x"), types.SortOrderAscending); code(err) != "ValidationException" {
			t.Errorf("%s with a bad token: %v", name, err)
		}
	}
}

const created = 1735689600
