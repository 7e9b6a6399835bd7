package validate

import (
	"encoding/json"
	"strings"
	"testing"

	samschema "github.com/awslabs/goformation/v7/schema"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The CDK's rules know nothing of SAM's own resources, goformation's schema does.
func TestServerlessResources(t *testing.T) {
	t.Parallel()
	raw, err := jsonschema.UnmarshalJSON(strings.NewReader(samschema.SamSchema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("sam.json", raw); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("sam.json#/definitions/AWS::Serverless::Function")
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, "deploy/sam/template.yaml")
	for _, c := range []struct{ name, right, wrong, says string }{
		{name: "as it is"},
		{"a misspelt property", "MemorySize:", "MemorySizes:", "additional properties 'MemorySizes' not allowed"},
		{"words for a number", "Timeout: 20", "Timeout: soon", "got string, want number"},
		{"a misspelt key of the resource", "    Metadata:\n", "    Metadate:\n", "additional properties 'Metadate' not allowed"},
	} {
		text := text
		if c.right != "" {
			text = plant(t, text, c.right, c.wrong)
		}
		resources := at(t, document(t, text), "Resources").(map[string]any)
		judged := 0
		for name, r := range resources {
			if !strings.HasPrefix(at(t, r, "Type").(string), "AWS::Serverless::") {
				continue
			}
			judged++
			err := schema.Validate(plain(t, r))
			if c.says == "" && err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%s isn't noticed: %v", c.name, err)
			}
		}
		if judged != 1 {
			t.Errorf("%d resources of SAM's own, want the function", judged)
		}
	}
}

// plain puts a text in the place of every function, as the schema wants it: it
// was made for templates whose functions are resolved.
func plain(t *testing.T, v any) any {
	t.Helper()
	raw, err := json.Marshal(resolved(v))
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func resolved(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, value := range x {
			if key == "Ref" || strings.HasPrefix(key, "Fn::") {
				return "text"
			}
			out[key] = resolved(value)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = resolved(x[i])
		}
		return out
	}
	return v
}
