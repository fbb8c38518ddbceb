package trees

import (
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
	"hooktree/trees/expression"
)

// step is a node of a tree that is being read.
type step struct {
	*mapping
	id    engine.NodeID
	idAt  span  // of the id
	block *step // the loop whose body holds it; nil at the top
	above *step // the node above it in its list; nil for the first
	body  []*step
	index int

	does   string // the key that says what it does; empty for a waypoint
	spec   *engine.Spec
	call   *Signature
	in     []*way
	out    []*way
	parked bool
	node   engine.Node // what it becomes

	schedule *mapping // its own `retry:`

	result engine.Type // what `nodes.x` holds
	item   engine.Type // what `item` holds in its loop

	flow
}

// way is a connector that is being read.
type way struct {
	from  *step // nil for the start of the block
	to    *step
	on    engine.On
	label string
	line  bool
	when  *yaml.Node
	at    span
	expr  expression.Expr // of when
}

var nodeKeys = []string{
	"id", "name", "note", "after", "join", "when", "do", "routine", "nodes", "wait", "return", "reply",
	"with", "defer", "message", "retry", "timeout", "each", "as", "parallel", "need", "until", "max",
	"detach", "end", "kinetic",
}

var retryKeys = []string{"max", "wait", "factor", "cap", "when"}

// doings are the keys that say what a node does; a node has one of them.
var doings = []string{"do", "routine", "nodes", "wait", "return", "reply"}

// goesWith says which keys have a meaning only beside others. The empty name
// stands for a node that does nothing of its own.
var goesWith = []struct {
	key  string
	with []string
	hint string
}{
	{"with", []string{"do", "routine"}, "parameters are those of a handler (`do:`) or a routine (`routine:`)"},
	{"retry", []string{"do", "routine"}, "only a handler (`do:`) or a routine (`routine:`) is tried again"},
	{"timeout", []string{"do"}, "only a handler (`do:`) has a time-out; `defer: {timeout: ...}` ends a wait"},
	{"defer", []string{"do", ""}, "a handler (`do:`) may wait for its token, or a node that does nothing else"},
	{"detach", []string{"routine"}, "only a call (`routine:`) can go on by itself"},
	{"each", []string{"do", "routine", "nodes"}, "a loop repeats `do:`, `routine:` or `nodes:`"},
	{"until", []string{"do", "routine", "nodes"}, "a loop repeats `do:`, `routine:` or `nodes:`"},
	{"as", []string{"each"}, "it names the item of `each:`"},
	{"parallel", []string{"each"}, "it counts items of `each:`"},
	{"need", []string{"each"}, "it counts items of `each:`"},
	{"max", []string{"until"}, "it bounds the rounds of `until:`"},
}

// kind reads what a node does.
func (p *parser) kind(st *step) {
	for _, key := range doings {
		switch {
		case !st.has(key):
		case st.does != "":
			p.fault(p.at(st.keys[key]), "make two nodes of it", "a node does one thing: here are both `%s:` and `%s:`", st.does, key)
		default:
			st.does = key
		}
	}
	for _, rule := range goesWith {
		if st.has(rule.key) && !slices.ContainsFunc(rule.with, func(key string) bool { return key == st.does || key != "" && st.has(key) }) {
			p.fault(p.at(st.keys[rule.key]), rule.hint, "`%s:` does not go with this node", rule.key)
		}
	}
	if st.does == "nodes" && !st.has("each") && !st.has("until") {
		p.fault(p.at(st.keys["nodes"]), "add `each: LIST`, or `until: CONDITION` and `max: N`", "`nodes:` is the body of a loop, and nothing says what it is repeated for")
	}
	switch st.does {
	case "do":
		p.handler(st)
	case "routine":
		p.routine(st)
	}
	p.loop(st)
}

// handler finds the handler that a node names.
func (p *parser) handler(st *step) {
	name := st.text("do")
	n := st.vals["do"]
	if p.broken[n] {
		return
	}
	spec, ok := p.env.Handlers[name]
	if !ok {
		known := make([]string, 0, len(p.env.Handlers))
		for k := range p.env.Handlers {
			known = append(known, k)
		}
		p.fault(p.at(n), suggest(name, known), "unknown handler %q", name)
		return
	}
	st.spec = spec
	st.node.Handler = &engine.Handler{Spec: spec}
}

// routine finds the routine that a node calls.
func (p *parser) routine(st *step) {
	name := st.text("routine")
	n := st.vals["routine"]
	detach := st.flag("detach")
	if p.broken[n] {
		return
	}
	signature, ok := p.env.routine(name, p.tree.Title.Source)
	if !ok {
		known := make([]string, 0, len(p.env.Routines))
		for title := range p.env.Routines {
			known = append(known, title.Name)
		}
		p.fault(p.at(n), suggest(name, known), "unknown routine %q", name)
		return
	}
	st.call = &signature
	st.node.Routine = &engine.Routine{Title: signature.Title, Detach: detach}
	if !slices.Contains(p.tree.Calls, signature.Title) {
		p.tree.Calls = append(p.tree.Calls, signature.Title)
	}
}

// maxItems bounds what a loop may count.
const maxItems = 1_000_000

// loop reads how a node is repeated; the list and the condition come later.
func (p *parser) loop(st *step) {
	if !st.has("each") && !st.has("until") {
		return
	}
	loop := &engine.Loop{As: "item", Parallel: 1}
	st.node.Loop = loop
	if st.has("each") && st.has("until") {
		p.fault(p.at(st.keys["until"]), "keep one of them; `need: 1` ends a loop early", "a loop has either `each:` or `until:`")
	}
	if st.has("as") {
		loop.As = st.text("as")
		if n := st.vals["as"]; !p.broken[n] && (!idForm.MatchString(loop.As) || slices.Contains(reserved, loop.As)) {
			p.fault(p.at(n), "small letters, digits and _; not a name that the language has", "%q cannot name the item", loop.As)
		}
	}
	if st.has("parallel") {
		loop.Parallel = st.count("parallel", "all", maxItems)
	}
	if n := st.get("need"); n != nil && n.Value == "any" {
		loop.Need = 1
	} else if n != nil {
		loop.Need = st.count("need", "any", maxItems)
	}
	if st.has("max") {
		loop.Max = st.count("max", "", maxItems)
	} else if st.has("until") {
		p.fault(p.at(st.keys["until"]), "add `max: N`", "a loop that repeats `until:` needs a bound")
	}
}

// retries reads when a node is tried again. A node without a schedule of its
// own has that of the tree.
func (p *parser) retries(st *step) {
	if st.does != "do" && st.does != "routine" {
		return
	}
	st.node.Retry = p.retry
	if n := st.get("retry"); n != nil {
		st.schedule, st.node.Retry = p.retryOf(n)
	}
}

// retryOf reads a schedule, but for its condition.
func (p *parser) retryOf(n *yaml.Node) (*mapping, engine.Retry) {
	r := engine.Retry{Max: 1, Factor: 1}
	m, ok := p.mapping(n, "`retry:`", retryKeys)
	if !ok {
		return nil, r
	}
	if m.has("max") {
		r.Max = m.count("max", "", 1000)
	} else {
		p.fault(p.at(n), "add `max: N`: attempts in all, the first included", "`retry:` without `max:`")
	}
	r.Wait = m.duration("wait")
	r.Cap = m.duration("cap")
	if n := m.get("factor"); n != nil {
		f, err := strconv.ParseFloat(n.Value, 64)
		if n.Kind != yaml.ScalarNode || err != nil || f < 1 || f > 100 || f != f {
			p.fault(p.at(n), "", "`factor:` is a number from 1 to 100")
		}
		r.Factor = f
	}
	return m, r
}
