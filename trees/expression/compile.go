package expression

import (
	"maps"
	"slices"
	"strconv"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"hooktree/engine"
)

// Compile compiles a bare expression whose result is to be of the wanted kind;
// KindAny and "" take everything. Text is made of what is wanted as text, and
// a duration or time may be wanted of text. The error is [Faults], in bytes of
// the text.
func Compile(text string, env *Env, want engine.Kind) (Expr, error) {
	f, fault := parse(text, 0)
	if fault != nil {
		return nil, Faults{fault}
	}
	p := &program{text: text, env: env, want: want, parts: []part{{f: f}}}
	if faults := p.check(); len(faults) > 0 {
		return nil, faults
	}
	if !serves(want, p.kind.Kind) {
		return nil, Faults{f.fault(f.root, text+" is "+p.kind.Kind.Noun()+", where "+want.Noun()+" is needed", suggest(want, text))}
	}
	return p.build()
}

// suggest says how a value may become what is wanted.
func suggest(want engine.Kind, text string) string {
	switch want {
	case engine.KindBool:
		return "compare it, as in " + text + " != nil"
	case engine.KindList:
		return "write a list: [" + text + "]"
	default:
		return ""
	}
}

// program is a compiled expression or template.
type program struct {
	text    string
	env     *Env
	want    engine.Kind
	parts   []part
	kind    engine.Type
	reads   []engine.NodeID
	secrets []string
	uses    []Use
	makes   bool // its result may be a list or map of its own making
	code    *vm.Program
}

// part is literal text or one expression of a program.
type part struct {
	literal string
	at      span
	f       *fragment // nil for literal text
	kind    engine.Type
}

// fromScope reports whether a node gives a value of the scope as it is.
func fromScope(n ast.Node) bool {
	base, _ := unwind(n)
	_, ok := base.(*ast.IdentifierNode)
	return ok
}

// check runs the static checks over every part and joins what they found.
func (p *program) check() Faults {
	var faults Faults
	for i, part := range p.parts {
		if part.f == nil {
			continue
		}
		c := inspect(part.f, p.env)
		p.parts[i].kind = c.result()
		faults = append(faults, c.faults...)
		p.uses = append(p.uses, c.uses...)
		p.secrets = append(p.secrets, c.secrets...)
	}
	if len(faults) > 0 {
		return faults
	}
	slices.Sort(p.secrets)
	p.secrets = slices.Compact(p.secrets)
	for _, use := range p.uses {
		p.reads = append(p.reads, use.Node)
	}
	slices.Sort(p.reads)
	p.reads = slices.Compact(p.reads)
	p.kind = engine.Type{Kind: engine.KindText}
	if p.single() {
		p.kind = p.parts[0].kind
		p.makes = !fromScope(p.parts[0].f.root)
	}
	return nil
}

// single reports whether the program is one expression, whose result keeps its
// type.
func (p *program) single() bool { return len(p.parts) == 1 && p.parts[0].f != nil }

// build compiles the checked parts.
func (p *program) build() (Expr, error) {
	code, _, err := p.assemble(false)
	if err != nil {
		return nil, Faults{{Length: len(p.text), Message: "the expression can't be compiled: " + err.Error()}}
	}
	p.code = code
	return p, nil
}

// assemble rewrites and compiles the parts, with their sub-expressions watched
// for Explain or not.
func (p *program) assemble(watch bool) (*vm.Program, []Seen, error) {
	var seen []Seen
	var nodes []ast.Node
	for _, part := range p.parts {
		if part.f == nil {
			nodes = append(nodes, &ast.StringNode{Value: part.literal})
			continue
		}
		env := p.env
		if env == nil {
			env = &Env{}
		}
		l := &lowerer{env: env, f: part.f, watch: watch, seen: seen}
		nodes = append(nodes, l.lower(part.f.root))
		seen = l.seen
	}
	root := nodes[0]
	if !p.single() {
		joined := invoke(internal+"join", append([]ast.Node{constant(p.parts)}, nodes...)...)
		joined.SetLocation(file.Location{From: 0, To: len(p.text)})
		root = joined
	}
	code, err := assemble(p.text, root)
	return code, seen, err
}

// Eval gives the value of the expression in a scope.
func (p *program) Eval(scope engine.Scope) (any, error) {
	v, err := execute(p.code, scope, p.env.steps(), nil)
	if err != nil {
		return nil, err
	}
	return p.finish(v)
}

// finish bounds a result and brings it to the wanted kind.
func (p *program) finish(v any) (any, error) {
	if p.makes {
		if err := bounded(v); err != nil {
			return nil, p.whole("the result is too large: more than 1,000,000 values, 16 MB or 1,000 levels", err.Hint)
		}
	}
	if p.want == "" || p.want == engine.KindAny {
		return v, nil
	}
	return p.wanted(v)
}

func (p *program) whole(message, hint string) error {
	return &Fault{Length: len(p.text), Message: message, Hint: hint}
}

// wanted brings a result to the wanted kind, where that loses nothing.
func (p *program) wanted(v any) (any, error) {
	got := typeOfValue(v).Kind
	if sealed, ok := v.(engine.Sealed); ok && p.want == engine.KindText {
		return sealed, nil
	}
	if v == nil || !serves(p.want, got) || got == engine.KindAny {
		hint := suggest(p.want, p.text)
		if v == nil {
			hint = "give a default: " + p.text + " ?? " + fallback(p.want)
		}
		return nil, p.whole(p.text+" is "+valueWord(v)+", where "+p.want.Noun()+" is needed", hint)
	}
	if p.want == engine.KindText {
		var f frame
		s, fault := f.text(v)
		if fault != nil {
			return nil, p.whole(fault.Message, fault.Hint)
		}
		return s, nil
	}
	switch v := v.(type) {
	case float64:
		if p.want == engine.KindInteger {
			return p.integral(v)
		}
	case string:
		return p.read(v)
	}
	return v, nil
}

// read makes a time or duration of a text where one is wanted.
func (p *program) read(s string) (v any, err error) {
	switch p.want {
	case engine.KindDuration:
		v, err = parseDuration(s)
	case engine.KindTime:
		v, err = date(nil, []any{s})
	default:
		return s, nil
	}
	if err != nil {
		return nil, p.whole(err.Error(), "")
	}
	return v, nil
}

// integral passes a float that is an integer.
func (p *program) integral(x float64) (any, error) {
	i := int64(x)
	if float64(i) != x {
		return nil, p.whole(p.text+" is "+strconv.FormatFloat(x, 'g', -1, 64)+", where an integer is needed", "write int("+p.text+")")
	}
	return i, nil
}

// fallback is a default of a kind, for hints.
func fallback(k engine.Kind) string {
	switch k {
	case engine.KindBool:
		return "false"
	case engine.KindInteger, engine.KindNumber:
		return "0"
	case engine.KindList:
		return "[]"
	case engine.KindMap, engine.KindRecord:
		return "{}"
	default:
		return `""`
	}
}

// bounded refuses a result that would be too large once it is written out: a
// list may hold another one many times.
func bounded(v any) *Fault {
	f := frame{steps: MaxNodes}
	return f.measure(v)
}

func (f *frame) measure(v any) *Fault {
	if fault := f.payJSON(v); fault != nil {
		return fault
	}
	defer func() { f.depth-- }()
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if fault := f.measure(item); fault != nil {
				return fault
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if fault := f.measure(v[name]); fault != nil {
				return fault
			}
		}
	}
	return nil
}

func (p *program) Reads() []engine.NodeID { return slices.Clone(p.reads) }
func (p *program) String() string         { return p.text }
func (p *program) Type() engine.Type      { return p.kind }
func (p *program) Secrets() []string      { return slices.Clone(p.secrets) }
func (p *program) Uses() []Use            { return slices.Clone(p.uses) }
