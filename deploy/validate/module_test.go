package validate

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// module is a Terraform module that is evaluated without its provider: HCL's own
// parser and evaluator, with what somebody would answer to the variables, and
// with the attributes of resources that the module may refer to.
type module struct {
	folder string
	bodies []*hclsyntax.Body

	variables map[string]cty.Value
	locals    map[string]cty.Value
	// resources by type and name; data sources by "data", type and name.
	resources, data map[string]map[string]cty.Value
	modules         map[string]cty.Value
}

// attributes are those that the module refers to. That a resource has them only
// the provider knows; that nothing else is referred to is what is checked.
func attributes(kind, name string) cty.Value {
	arn := cty.StringVal("arn:aws:" + strings.TrimPrefix(kind, "aws_") + ":us-west-2:111122223333:" + name)
	text := func(all ...string) cty.Value {
		out := map[string]cty.Value{"id": cty.StringVal("id-of-" + name), "arn": arn, "name": cty.StringVal("studiobot-" + name)}
		for _, a := range all {
			out[a] = cty.StringVal(a + "-of-" + name)
		}
		return cty.ObjectVal(out)
	}
	switch kind {
	case "aws_iam_role":
		return cty.ObjectVal(map[string]cty.Value{"id": cty.StringVal(name), "name": cty.StringVal(name), "arn": cty.StringVal("arn:aws:iam::111122223333:role/" + name)})
	case "aws_lb":
		return text("dns_name", "arn_suffix")
	case "aws_lb_target_group":
		return text("arn_suffix")
	case "aws_region":
		return cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal("us-west-2")})
	case "aws_partition":
		return cty.ObjectVal(map[string]cty.Value{"partition": cty.StringVal("aws")})
	case "aws_caller_identity":
		return cty.ObjectVal(map[string]cty.Value{"account_id": cty.StringVal("111122223333")})
	case "aws_vpc":
		return cty.ObjectVal(map[string]cty.Value{"cidr_block": cty.StringVal("10.0.0.0/16")})
	}
	return text()
}

// parse reads a folder. answers are the variables' values.
func parse(folder string, answers map[string]cty.Value) (*module, hcl.Diagnostics) {
	m := &module{folder: folder, variables: map[string]cty.Value{}, locals: map[string]cty.Value{},
		resources: map[string]map[string]cty.Value{}, data: map[string]map[string]cty.Value{}, modules: map[string]cty.Value{}}
	files, err := filepath.Glob(filepath.Join(folder, "*.tf"))
	if err != nil || len(files) == 0 {
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "no module in " + folder}}
	}
	parser := hclparse.NewParser()
	var diags hcl.Diagnostics
	for _, file := range files {
		f, more := parser.ParseHCLFile(file)
		diags = append(diags, more...)
		if f != nil {
			m.bodies = append(m.bodies, f.Body.(*hclsyntax.Body))
		}
	}
	if diags.HasErrors() {
		return nil, diags
	}
	m.declare(answers)
	// Locals and for_each need each other: some rounds, the last of which counts.
	for range 4 {
		diags = m.settle()
	}
	return m, diags
}

// blocks are those of one kind.
func (m *module) blocks(kind string) []*hclsyntax.Block {
	var out []*hclsyntax.Block
	for _, body := range m.bodies {
		for _, b := range body.Blocks {
			if b.Type == kind {
				out = append(out, b)
			}
		}
	}
	return out
}

func (m *module) declare(answers map[string]cty.Value) {
	for _, b := range m.blocks("variable") {
		name := b.Labels[0]
		m.variables[name] = cty.DynamicVal
		if def := b.Body.Attributes["default"]; def != nil {
			m.variables[name], _ = def.Expr.Value(nil)
		}
		if v, ok := answers[name]; ok {
			m.variables[name] = v
		}
	}
	for kind, into := range map[string]map[string]map[string]cty.Value{"resource": m.resources, "data": m.data} {
		for _, b := range m.blocks(kind) {
			if into[b.Labels[0]] == nil {
				into[b.Labels[0]] = map[string]cty.Value{}
			}
			into[b.Labels[0]][b.Labels[1]] = attributes(b.Labels[0], b.Labels[1])
		}
	}
	for _, b := range m.blocks("module") {
		m.modules[b.Labels[0]] = cty.DynamicVal
	}
}

// settle evaluates the locals and what there is several of.
func (m *module) settle() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, b := range m.blocks("locals") {
		for name, a := range b.Body.Attributes {
			v, more := a.Expr.Value(m.context(cty.NilVal))
			diags = append(diags, more...)
			if more.HasErrors() {
				v = cty.DynamicVal
			}
			m.locals[name] = v
		}
	}
	for _, b := range m.blocks("resource") {
		each := b.Body.Attributes["for_each"]
		if each == nil {
			continue
		}
		v, more := each.Expr.Value(m.context(cty.NilVal))
		diags = append(diags, more...)
		if more.HasErrors() || !v.IsKnown() || !v.CanIterateElements() {
			continue
		}
		all := map[string]cty.Value{}
		for it := v.ElementIterator(); it.Next(); {
			key, _ := it.Element()
			all[key.AsString()] = attributes(b.Labels[0], b.Labels[1]+"-"+key.AsString())
		}
		m.resources[b.Labels[0]][b.Labels[1]] = cty.ObjectVal(all)
	}
	return diags
}

func (m *module) context(each cty.Value) *hcl.EvalContext {
	vars := map[string]cty.Value{
		"var": cty.ObjectVal(m.variables), "local": cty.ObjectVal(m.locals), "module": cty.ObjectVal(m.modules),
		"path": cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(m.folder)}),
	}
	sources := map[string]cty.Value{}
	for kind, names := range m.data {
		sources[kind] = cty.ObjectVal(names)
	}
	vars["data"] = cty.ObjectVal(sources)
	for kind, names := range m.resources {
		vars[kind] = cty.ObjectVal(names)
	}
	if each != cty.NilVal {
		vars["each"] = each
	}
	return &hcl.EvalContext{Variables: vars, Functions: m.functions()}
}

// check evaluates whatever is written in the module, down to the last attribute.
func (m *module) check() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, body := range m.bodies {
		for _, b := range body.Blocks {
			switch b.Type {
			case "terraform", "locals": // no expressions; evaluated already
			case "variable":
				for _, v := range b.Body.Blocks {
					diags = append(diags, m.all(v.Body, cty.NilVal)...)
				}
			default:
				for _, each := range m.each(b) {
					diags = append(diags, m.all(b.Body, each)...)
				}
			}
		}
	}
	return diags
}

// each is what each stands for in a block: as often as there is one of it.
func (m *module) each(b *hclsyntax.Block) []cty.Value {
	a := b.Body.Attributes["for_each"]
	if a == nil {
		return []cty.Value{cty.NilVal}
	}
	v, diags := a.Expr.Value(m.context(cty.NilVal))
	if diags.HasErrors() || !v.IsKnown() {
		return []cty.Value{cty.NilVal} // said in settle
	}
	var out []cty.Value
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		out = append(out, cty.ObjectVal(map[string]cty.Value{"key": key, "value": value}))
	}
	return out
}

func (m *module) all(body *hclsyntax.Body, each cty.Value) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(body.Attributes)) {
		a := body.Attributes[name]
		if name == "depends_on" {
			diags = append(diags, m.dependencies(a)...)
			continue
		}
		if name == "type" || name == "providers" {
			if _, typed := a.Expr.(*hclsyntax.ScopeTraversalExpr); typed {
				continue // a type constraint is no value
			}
		}
		_, more := a.Expr.Value(m.context(each))
		diags = append(diags, more...)
	}
	for _, b := range body.Blocks {
		if b.Type == "lifecycle" {
			continue
		}
		diags = append(diags, m.all(b.Body, each)...)
	}
	return diags
}

// dependencies are addresses, which stand for all there are of them.
func (m *module) dependencies(a *hclsyntax.Attribute) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, v := range a.Expr.Variables() {
		_, more := v.TraverseAbs(m.context(cty.NilVal))
		diags = append(diags, more...)
	}
	return diags
}

// value evaluates one attribute of one resource.
func (m *module) value(kind, name, attribute, key string) (cty.Value, error) {
	for _, b := range m.blocks("resource") {
		if b.Labels[0] != kind || b.Labels[1] != name || b.Body.Attributes[attribute] == nil {
			continue
		}
		for _, each := range m.each(b) {
			if each != cty.NilVal && each.GetAttr("key").AsString() != key {
				continue
			}
			v, diags := b.Body.Attributes[attribute].Expr.Value(m.context(each))
			if diags.HasErrors() {
				return cty.NilVal, diags
			}
			return v, nil
		}
	}
	return cty.NilVal, fmt.Errorf("no %s.%s[%s].%s", kind, name, key, attribute)
}
