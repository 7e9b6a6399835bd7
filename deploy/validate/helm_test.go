package validate

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	sigsyaml "sigs.k8s.io/yaml"
)

const chartFolder = root + "/deploy/helm/studiobot"

// everything switches on whatever is optional.
func everything() map[string]any {
	return map[string]any{
		"config":         map[string]any{"metrics": ":9464"},
		"files":          map[string]any{"users.yaml": "U012AB3CD: jane-doe\nU045EF6GH: {research: jdoe}\n"},
		"image":          map[string]any{"digest": "sha256:" + strings.Repeat("a", 64), "pullSecrets": []any{map[string]any{"name": "pull"}}},
		"serviceAccount": map[string]any{"annotations": map[string]any{"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/studiobot"}},
		"service":        map[string]any{"annotations": map[string]any{"a": "b"}},
		"metrics":        map[string]any{"enabled": true},
		"networkPolicy": map[string]any{"enabled": true, "metricsFrom": []any{
			map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": "monitoring"}}},
		}},
		"podAnnotations": map[string]any{"a": "b"}, "podLabels": map[string]any{"a": "b"}, "nodeSelector": map[string]any{"a": "b"},
		"tolerations": []any{map[string]any{"operator": "Exists"}},
		"affinity":    map[string]any{"nodeAffinity": map[string]any{}},
	}
}

// nothing switches off whatever can be.
func nothing() map[string]any {
	off := func() map[string]any { return map[string]any{"enabled": false} }
	return map[string]any{"ingress": off(), "podDisruptionBudget": off(), "serviceAccount": map[string]any{"create": false}, "env": map[string]any{"AWS_REGION": nil}}
}

// render is `helm template`.
func render(c *chart.Chart, values map[string]any) (map[string]string, error) {
	all, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "studiobot", Namespace: "ml", IsInstall: true}, nil)
	if err != nil {
		return nil, err
	}
	return engine.Render(c, all)
}

func load(t *testing.T, folder string) *chart.Chart {
	t.Helper()
	c, err := loader.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// objects decodes what was rendered, as strictly as Kubernetes can: an unknown
// or repeated field and a value of another type are errors.
func objects(rendered map[string]string) (out []runtime.Object, err error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{appsv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	decode := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	for _, name := range slices.Sorted(maps.Keys(rendered)) {
		for part := range strings.SplitSeq(rendered[name], "\n---\n") {
			if !strings.HasSuffix(name, ".yaml") || strings.TrimSpace(part) == "" {
				continue
			}
			object, _, err := decode.Decode([]byte(part), nil, nil)
			if err != nil {
				return out, err
			}
			out = append(out, object)
		}
	}
	return out, nil
}

func of[T runtime.Object](t *testing.T, all []runtime.Object) []T {
	t.Helper()
	var out []T
	for _, object := range all {
		if o, ok := object.(T); ok {
			out = append(out, o)
		}
	}
	return out
}

func TestChart(t *testing.T) {
	t.Parallel()
	studiobot := program(t)
	for name, c := range map[string]struct {
		values map[string]any
		kinds  int
	}{
		"as it is": {map[string]any{}, 6}, "everything": {everything(), 8}, "nothing": {nothing(), 3},
	} {
		for _, m := range lint.All(chartFolder, c.values, "ml", true).Messages {
			if m.Severity > support.InfoSev {
				t.Errorf("%s: helm lint: %v", name, m)
			}
		}
		rendered, err := render(load(t, chartFolder), c.values)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		all, err := objects(rendered)
		if err != nil || len(all) != c.kinds {
			t.Errorf("%s: %d objects, want %d: %v", name, len(all), c.kinds, err)
			continue
		}
		testPod(t, name, of[*appsv1.Deployment](t, all)[0])
		maps := of[*corev1.ConfigMap](t, all)
		accepts(t, studiobot, "all", maps[0].Data["studiobot.yaml"])
		if name == "everything" && maps[0].Data["users.yaml"] != everything()["files"].(map[string]any)["users.yaml"] {
			t.Errorf("the users file became %q", maps[0].Data["users.yaml"])
		}
		for _, i := range of[*networkingv1.Ingress](t, all) {
			if i.Annotations["nginx.ingress.kubernetes.io/proxy-buffer-size"] != "16k" {
				t.Errorf("%s: the ingress can't pass a presigned URL: %v", name, i.Annotations)
			}
		}
	}
}

// testPod looks for what a cluster's policies ask for.
func testPod(t *testing.T, name string, d *appsv1.Deployment) {
	t.Helper()
	pod := d.Spec.Template.Spec
	c := pod.Containers[0]
	sc := c.SecurityContext
	if !*pod.SecurityContext.RunAsNonRoot || *pod.SecurityContext.RunAsUser != 65532 || !*sc.ReadOnlyRootFilesystem ||
		*sc.AllowPrivilegeEscalation || !slices.Equal(sc.Capabilities.Drop, []corev1.Capability{"ALL"}) || *pod.AutomountServiceAccountToken {
		t.Errorf("%s: the pod may do too much", name)
	}
	if c.LivenessProbe.HTTPGet.Path != "/healthz" || c.ReadinessProbe.HTTPGet.Path != "/readyz" {
		t.Errorf("%s: wrong probes", name)
	}
	if *d.Spec.Replicas != 2 || *pod.TerminationGracePeriodSeconds <= 20 {
		t.Errorf("%s: %d copies, %d s to stop", name, *d.Spec.Replicas, *pod.TerminationGracePeriodSeconds)
	}
	for _, v := range c.Env {
		if secret := strings.Contains(v.Name, "TOKEN"); secret != (v.ValueFrom != nil && v.ValueFrom.SecretKeyRef.Name == "studiobot" && v.Value == "") {
			t.Errorf("%s: %s is %+v", name, v.Name, v)
		}
	}
}

// Each judge of the chart notices its mistakes.
func TestChartMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, right, wrong, says string }{
		{"a misspelt value", "values.yaml", "replicas: 2", "replicsa: 2", "replicsa"},
		{"a domain's ID that is none", "values.yaml", "id: d-abcdefghijkl", "id: abcdefghijkl", "does not match pattern"},
		{"too many copies", "values.yaml", "replicas: 2", "replicas: 6", "maximum"},
		{"a misspelt field", "templates/deployment.yaml", "readinessProbe:", "readynessProbe:", `unknown field "spec.template.spec.containers[0].readynessProbe"`},
		{"a field in the wrong place", "templates/deployment.yaml", "  strategy:", "  minReadySeconds: soon\n  strategy:", "cannot unmarshal"},
		{"a kind that is no more", "templates/ingress.yaml", "networking.k8s.io/v1", "extensions/v1beta1", "no kind"},
		{"a helper that isn't", "templates/service.yaml", `"studiobot.name"`, `"studiobot.nam"`, "no template"},
		{"broken YAML", "templates/service.yaml", "spec:", "spec", "YAML"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "studiobot")
			for _, f := range load(t, chartFolder).Raw {
				text := string(f.Data)
				if f.Name == c.file {
					text = plant(t, text, c.right, c.wrong)
				}
				write(t, folder, f.Name, text)
			}
			var said []string
			for _, m := range lint.All(folder, map[string]any{}, "ml", true).Messages {
				if m.Severity > support.InfoSev {
					said = append(said, m.Error())
				}
			}
			rendered, err := render(load(t, folder), map[string]any{})
			if err == nil {
				_, err = objects(rendered)
			}
			if err != nil {
				said = append(said, err.Error())
			}
			if !strings.Contains(strings.Join(said, "\n"), c.says) {
				t.Errorf("not noticed: %q", said)
			}
		})
	}
}

// A value that a chart's user may want is in values.yaml, and what is there can
// be given: both sides of the schema.
func TestValuesAreInTheSchema(t *testing.T) {
	t.Parallel()
	c := load(t, chartFolder)
	var schema struct {
		Properties map[string]any
	}
	if err := sigsyaml.Unmarshal(c.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	delete(schema.Properties, "global") // Helm's own
	if have, want := slices.Sorted(maps.Keys(c.Values)), slices.Sorted(maps.Keys(schema.Properties)); !slices.Equal(have, want) {
		t.Errorf("values.yaml has %v, its schema %v", have, want)
	}
}
