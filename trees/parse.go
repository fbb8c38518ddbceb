package trees

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
	"hooktree/trees/expression"
)

// Parse reads, checks and compiles one tree file. The tree is nil when a fault
// is among the faults; warnings alone leave it whole, and it holds them too.
func Parse(file string, src []byte, env Environment) (*Tree, Faults) {
	p := newParser(file, src, env)
	p.open()
	p.finish()
	if p.failed() {
		return nil, p.result()
	}
	seal(p.tree, env.Routines)
	return p.done()
}

// parser holds one tree file between being read and being compiled.
type parser struct {
	*source
	env      Environment
	root     *mapping
	tree     *Tree
	names    *expression.Env // what every expression of the tree may read
	steps    []*step         // in the order of the text, bodies behind their loops
	ordered  []*step         // those that stand in no circle, so that every connector leads onward
	detours  map[detour]set
	whole    bool // every connector was understood
	byID     map[engine.NodeID]*step
	uses     []reading
	features []feature   // used here and not known to the engine yet
	takes    engine.Type // what a routine's inputs are
	branch   map[engine.On]set
	declared map[string]engine.Type // outputs of a routine; nil when it declares none

	schedule *mapping // `retry:` of the whole tree; nil for none
	retry    engine.Retry
}

func newParser(file string, src []byte, env Environment) *parser {
	return &parser{
		source: newSource(file, src), env: env,
		byID: make(map[engine.NodeID]*step), branch: make(map[engine.On]set), detours: make(map[detour]set),
		tree: &Tree{Tree: new(engine.Tree), File: file, YAML: src},
	}
}

// open reads the file as far as others need to know it: its title, and what a
// routine takes and gives.
func (p *parser) open() {
	if root := p.read(); root != nil {
		p.heading(root)
	}
}

// finish goes through all of an open file and tells everything that is wrong
// with it.
func (p *parser) finish() {
	if p.root == nil {
		return
	}
	if p.nodes(); len(p.steps) > MaxNodes {
		return
	}
	told := len(p.faults)
	p.connect()
	p.order()
	p.whole = len(p.faults) == told
	if p.whole { // what a faulty connector leaves out would look like a way that is missing
		p.joins()
	}
	p.declare()
	p.compile()
	p.readings()
	if !p.env.Ahead {
		p.unsupported()
	}
	if !p.failed() {
		p.assemble()
	}
}

// done lets the engine look at the tree, whose hash is known now, and hands it
// out.
func (p *parser) done() (*Tree, Faults) {
	if len(p.features) == 0 { // the engine knows all of the language but these
		prepared, err := engine.NewTree(*p.tree.Tree)
		if err != nil {
			p.fault(p.at(p.root.node), "", "the engine refuses the tree: %v", err)
			return nil, p.result()
		}
		p.tree.Tree = prepared
	}
	p.tree.Warnings = p.result()
	return p.tree, p.tree.Warnings
}

var (
	treeKeys = []string{
		"tree", "routine", "source", "status", "note", "when", "dedupe", "lane", "retry",
		"inputs", "outputs", "nodes", "expressions", "kinetic",
	}
	eventKeys   = []string{"when", "dedupe", "lane"}
	routineKeys = []string{"inputs", "outputs"}
)

// heading reads what stands above the nodes.
func (p *parser) heading(root *yaml.Node) {
	m, ok := p.mapping(root, "a tree", treeKeys)
	if !ok {
		return
	}
	p.root = m
	p.title()
	p.tree.Note = m.text("note")
	switch status := m.text("status"); status {
	case "", "Active":
	case "Inactive":
		p.tree.Inactive = true
	default:
		p.fault(p.at(m.vals["status"]), suggest(status, []string{"Active", "Inactive"}), "unknown status %q", status)
	}
	if lang := m.text("expressions"); lang != "" && lang != "expr" {
		p.fault(p.at(m.vals["expressions"]), "write them in expr and remove this key", "expressions in %s are not read", lang)
	}
	wrong, why := routineKeys, "a tree is fired by an event and reads its data; only a `routine:` has it"
	if p.tree.Routine {
		wrong, why = eventKeys, "a routine is called by other trees; only a `tree:` has it"
	}
	for _, key := range wrong {
		if m.has(key) {
			p.fault(p.at(m.keys[key]), why, "`%s:` does not go with this", key)
		}
	}
	if p.tree.Routine {
		p.takes = p.inputs()
		p.declareOutputs()
	}
}

// title reads which tree or routine this is.
func (p *parser) title() {
	m := p.root
	source := m.text("source")
	switch {
	case m.has("tree") && m.has("routine"):
		p.fault(p.at(m.keys["routine"]), "a file holds one of them", "both `tree:` and `routine:`")
	case m.has("routine"):
		p.tree.Routine = true
		name := m.text("routine")
		p.tree.Title = routineTitles(name, orElse(source, Global))[0]
		p.checkTitle(m.vals["routine"], name)
	case m.has("tree"):
		p.treeTitle(orElse(source, p.env.source()))
	default:
		p.fault(p.at(m.node), "begin with `tree: GROUP / NAME`, or `routine: NAME`", "the file does not say which tree it is")
	}
	p.checkTitle(m.vals["source"], source)
}

func (p *parser) treeTitle(source string) {
	text, n := p.root.text("tree"), p.root.vals["tree"]
	if p.broken[n] {
		return
	}
	i := strings.LastIndex(text, " / ")
	if i < 0 {
		p.fault(p.at(n), "write `GROUP / NAME`, such as `Submissions > services > laptop-request / Submitted`", "the title %q has no ` / `", text)
		return
	}
	group, name := text[:i], text[i+len(" / "):]
	p.tree.Title = engine.Title{Source: source, Group: group, Name: name}
	p.tree.Path = text
	p.checkTitle(n, group)
	p.checkTitle(n, name)
}

// source is the source of trees that name none.
func (e *Environment) source() string {
	if e.Space == nil || e.Space.Source == "" {
		return DefaultSource
	}
	return e.Space.Source
}

// checkTitle refuses a part of a title that could not be told apart.
func (p *parser) checkTitle(n *yaml.Node, part string) {
	switch {
	case n == nil || p.broken[n]:
	case part == "" && n.Tag == "!!null": // told by get
	case part == "" || part != strings.TrimSpace(part):
		p.fault(p.at(n), "", "a part of the title is empty, or begins or ends with a space")
	case strings.Contains(part, " :: "):
		p.fault(p.at(n), "", "a title cannot hold ` :: `")
	case len(part) > 512:
		p.fault(p.at(n), "", "a part of the title is longer than 512 bytes")
	}
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// nodes reads the nodes of the tree and of its loops.
func (p *parser) nodes() {
	if n := p.root.get("retry"); n != nil {
		p.schedule, p.retry = p.retryOf(n)
	}
	n := p.root.get("nodes")
	if n == nil {
		if !p.root.has("nodes") {
			p.fault(p.at(p.root.node), "add `nodes:` with a list", "the tree has no nodes")
		}
		return
	}
	p.block(n, nil)
	if len(p.steps) > MaxNodes {
		p.fault(p.at(n), "move a part of it into a routine", "the tree has %d nodes; at most %d are read", len(p.steps), MaxNodes)
	}
}

// block reads one list of nodes: that of the tree, or that of a loop's body.
func (p *parser) block(list *yaml.Node, loop *step) {
	if list.Kind != yaml.SequenceNode {
		p.fault(p.at(list), "begin each node with `- id: NAME`", "`nodes:` is a list")
		return
	}
	if len(list.Content) == 0 {
		p.fault(p.at(list), "", "`nodes:` is empty")
	}
	var above *step
	for _, n := range list.Content {
		st := p.step(n, loop, above)
		if st == nil {
			continue
		}
		if loop != nil {
			loop.body = append(loop.body, st)
		}
		above = st
		if body := st.get("nodes"); body != nil {
			p.block(body, st)
		}
	}
}

// step reads what one node is, and leaves its expressions for later.
func (p *parser) step(n *yaml.Node, loop, above *step) *step {
	m, ok := p.mapping(n, "a node", nodeKeys)
	if !ok {
		return nil
	}
	st := &step{mapping: m, block: loop, above: above, index: len(p.steps)}
	p.steps = append(p.steps, st)
	p.identify(st)
	st.node.Name = orElse(m.text("name"), string(st.id))
	st.node.Note = m.text("note")
	st.node.End = m.flag("end")
	p.kind(st)
	p.retries(st)
	if m.has("timeout") {
		st.node.Timeout = m.duration("timeout")
	}
	return st
}

// identify reads the id of a node.
func (p *parser) identify(st *step) {
	st.idAt = p.at(st.mapping.node)
	id := st.text("id")
	n := st.vals["id"]
	if n != nil {
		st.idAt = p.at(n)
	}
	st.id = engine.NodeID(id)
	st.node.ID = st.id
	first, twice := p.byID[st.id]
	switch {
	case !st.has("id"):
		p.fault(st.idAt, "add `id: NAME`", "the node has no id")
	case p.broken[n]:
	case !idForm.MatchString(id):
		p.fault(st.idAt, "small letters, digits and _, a letter first; `name:` may be any text", "%q is no id", id)
	case len(id) > 64:
		p.fault(st.idAt, "", "the id is longer than 64 characters")
	case st.id == engine.Start:
		p.fault(st.idAt, "choose another id", "`start` is where every tree begins")
	case twice:
		p.fault(st.idAt, "ids are unique in the whole tree, loops included", "the id %q is taken by the node in line %d", id, first.idAt.line)
	default:
		p.byID[st.id] = st
	}
}

// ids lists the ids of a tree's nodes that may be named in one block.
func (p *parser) ids(block *step) []string {
	var ids []string
	for _, st := range p.steps {
		if st.block == block && p.byID[st.id] == st {
			ids = append(ids, string(st.id))
		}
	}
	slices.Sort(ids)
	return ids
}

// titleNode is the YAML node that names the tree.
func (p *parser) titleNode() *yaml.Node {
	if n := p.root.vals["tree"]; n != nil {
		return n
	}
	return p.root.vals["routine"]
}
