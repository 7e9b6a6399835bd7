package sagemakersim_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

func TestNotebookLife(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{StateDelay: time.Hour, Notebooks: []sagemakersim.Notebook{{Name: "Deep-Lab", Tags: map[string]string{"slack-user-id": "U0JANE"}}}})
	c := sdk(s)
	name := aws.String("deep-lab")
	begin := func() error {
		_, err := c.StartNotebookInstance(t.Context(), &api.StartNotebookInstanceInput{NotebookInstanceName: name})
		return err
	}
	end := func() error {
		_, err := c.StopNotebookInstance(t.Context(), &api.StopNotebookInstanceInput{NotebookInstanceName: name})
		return err
	}
	hour := func() error { s.Pass(time.Hour); return nil }
	for i, step := range []struct {
		do   func() error
		code string
		want types.NotebookInstanceStatus
	}{
		{begin, "ValidationException", "InService"},
		{end, "", "Stopping"},
		{begin, "ValidationException", "Stopping"},
		{hour, "", "Stopped"},
		{end, "ValidationException", "Stopped"},
		{begin, "", "Pending"},
		{end, "ValidationException", "Pending"},
		{hour, "", "InService"},
	} {
		if err := step.do(); code(err) != step.code {
			t.Errorf("step %d: %v", i, err)
		}
		out, err := c.DescribeNotebookInstance(t.Context(), &api.DescribeNotebookInstanceInput{NotebookInstanceName: name})
		if err != nil || out.NotebookInstanceStatus != step.want || *out.VolumeSizeInGB != 5 || *out.NotebookInstanceName != "Deep-Lab" {
			t.Errorf("step %d: %+v, %v", i, out, err)
		}
		_, err = c.CreatePresignedNotebookInstanceUrl(t.Context(), &api.CreatePresignedNotebookInstanceUrlInput{NotebookInstanceName: name})
		if (err == nil) != (step.want == "InService") {
			t.Errorf("step %d: a URL: %v", i, err)
		}
	}
	name = aws.String("none")
	if err := begin(); code(err) != "ValidationException" {
		t.Errorf("not there: %v", err)
	}
	name = aws.String("no.name")
	if err := begin(); code(err) != "ValidationException" {
		t.Errorf("no name: %v", err)
	}
	if n, ok := s.Notebook("DEEP-LAB"); !ok || n.Status != sagemakersim.InService {
		t.Errorf("%+v", n)
	}
}

func TestNotebookTags(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{Notebooks: []sagemakersim.Notebook{{Name: "Deep-Lab", Tags: map[string]string{"a": "b"}}}})
	c := sdk(s)
	one, err := c.DescribeNotebookInstance(t.Context(), &api.DescribeNotebookInstanceInput{NotebookInstanceName: aws.String("deep-lab")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.AddTags(t.Context(), &api.AddTagsInput{ResourceArn: one.NotebookInstanceArn, Tags: []types.Tag{{Key: aws.String("c"), Value: aws.String("d")}}}); err != nil {
		t.Fatal(err)
	}
	out, err := c.ListTags(t.Context(), &api.ListTagsInput{ResourceArn: one.NotebookInstanceArn})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, tag := range out.Tags {
		got[*tag.Key] = *tag.Value
	}
	if want := map[string]string{"a": "b", "c": "d"}; !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	s.RemoveNotebook("deep-lab")
	if _, err := c.ListTags(t.Context(), &api.ListTagsInput{ResourceArn: one.NotebookInstanceArn}); code(err) != "ValidationException" {
		t.Errorf("of one that is gone: %v", err)
	}
}

// The browser's side of a notebook instance and of a tracking server.
func TestNotebookAndMLflowURLs(t *testing.T) {
	t.Parallel()
	s := start(t, sagemakersim.Options{
		Notebooks:       []sagemakersim.Notebook{{Name: "Deep-Lab"}, {Name: "other"}},
		TrackingServers: []sagemakersim.TrackingServer{{Name: "runs"}, {Name: "off", Status: "Stopped"}},
	})
	c := sdk(s)
	notebook := func() string {
		out, err := c.CreatePresignedNotebookInstanceUrl(t.Context(), &api.CreatePresignedNotebookInstanceUrlInput{NotebookInstanceName: aws.String("deep-lab")})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(*out.AuthorizedUrl, s.URL()+"/notebook/deep-lab?authToken=") {
			t.Fatal("another form of URL")
		}
		return *out.AuthorizedUrl
	}
	mlflow := func() string {
		out, err := c.CreatePresignedMlflowTrackingServerUrl(t.Context(), &api.CreatePresignedMlflowTrackingServerUrlInput{TrackingServerName: aws.String("runs"), ExpiresInSeconds: aws.Int32(5)})
		if err != nil {
			t.Fatal(err)
		}
		if len(*out.AuthorizedUrl) > 2048 {
			t.Error("longer than the model has it")
		}
		return *out.AuthorizedUrl
	}
	twice := mlflow()
	for _, tt := range []struct {
		name, url, says string
		want            sagemakersim.Opening
	}{
		{"a notebook instance", notebook(), "Jupyter on the notebook instance Deep-Lab", sagemakersim.Opening{App: sagemakersim.NotebookPage, Name: "Deep-Lab", OK: true}},
		{"its JupyterLab", strings.Replace(notebook(), "?authToken", "/lab?authToken", 1), "JupyterLab on the notebook instance Deep-Lab", sagemakersim.Opening{App: sagemakersim.NotebookPage, Name: "Deep-Lab", Path: "lab", OK: true}},
		{"another instance", strings.Replace(notebook(), "deep-lab", "other", 1), "not one of", sagemakersim.Opening{Reason: sagemakersim.ReasonUnknown}},
		{"a notebook's token in Studio", strings.Replace(notebook(), "/notebook/deep-lab", "/auth", 1), "not one of", sagemakersim.Opening{Reason: sagemakersim.ReasonUnknown}},
		{"Studio's token on a notebook instance", strings.Replace(mint(t, s, "jane-doe"), "/auth?token", "/notebook/other?authToken", 1), "not one of", sagemakersim.Opening{Reason: sagemakersim.ReasonUnknown}},
		{"MLflow", twice, "MLflow of the tracking server runs", sagemakersim.Opening{App: sagemakersim.MLflow, Name: "runs", OK: true}},
		{"MLflow, again", twice, "already used", sagemakersim.Opening{Reason: sagemakersim.ReasonUsed}},
	} {
		status, _, page := browse(t, tt.url)
		all := s.Openings()
		got := all[len(all)-1]
		got.Seq, got.At = 0, time.Time{}
		if status != http.StatusOK || !strings.Contains(page, tt.says) || got != tt.want {
			t.Errorf("%s: %d, %+v", tt.name, status, got)
		}
	}
	for server, want := range map[string]string{"off": "ValidationException", "none": "ResourceNotFound", "no.name": "ValidationException"} {
		_, err := c.CreatePresignedMlflowTrackingServerUrl(t.Context(), &api.CreatePresignedMlflowTrackingServerUrlInput{TrackingServerName: &server})
		if code(err) != want {
			t.Errorf("%s: %v", server, err)
		}
	}
	one, err := c.DescribeMlflowTrackingServer(t.Context(), &api.DescribeMlflowTrackingServerInput{TrackingServerName: aws.String("off")})
	if err != nil || one.IsActive != types.IsTrackingServerActiveInactive || one.TrackingServerStatus != types.TrackingServerStatusStopped {
		t.Errorf("%+v, %v", one, err)
	}
}
