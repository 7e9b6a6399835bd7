package validate

import (
	"fmt"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	ctyyaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions are those of Terraform's that the module uses; most are HashiCorp's
// own library, templatefile is HCL's template language over a file.
func (m *module) functions() map[string]function.Function {
	return map[string]function.Function{
		"alltrue": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
			Type:   function.StaticReturnType(cty.Bool),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				for it := args[0].ElementIterator(); it.Next(); {
					if _, v := it.Element(); v.False() {
						return cty.False, nil
					}
				}
				return cty.True, nil
			},
		}),
		"can": tryfunc.CanFunc, "try": tryfunc.TryFunc,
		"coalesce": stdlib.CoalesceFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc,
		"jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc, "length": stdlib.LengthFunc,
		"merge": stdlib.MergeFunc, "regex": stdlib.RegexFunc, "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
		"yamlencode": ctyyaml.YAMLEncodeFunc,
		"templatefile": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "vars", Type: cty.DynamicPseudoType}},
			Type:   function.StaticReturnType(cty.String),
			Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return fill(args[0].AsString(), args[1]) },
		}),
	}
}

// fill fills a file in. What is given and not used is an error as well.
func fill(path string, vars cty.Value) (cty.Value, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return cty.NilVal, err
	}
	template, diags := hclsyntax.ParseTemplate(raw, path, hcl.InitialPos)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	used := map[string]bool{}
	for _, v := range template.Variables() {
		used[v.RootName()] = true
	}
	for name := range vars.AsValueMap() {
		if !used[name] {
			return cty.NilVal, fmt.Errorf("%s doesn't use %s", path, name)
		}
	}
	v, diags := template.Value(&hcl.EvalContext{Variables: vars.AsValueMap()})
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	return v, nil
}
