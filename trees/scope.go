package trees

import (
	"maps"
	"slices"

	"hooktree/engine"
	"hooktree/trees/expression"
)

var (
	anyType  = engine.Type{Kind: engine.KindAny}
	textType = engine.Type{Kind: engine.KindText}
	openType = engine.Type{Kind: engine.KindMap}
)

// eventNames are the names that an event may give, where nothing says which.
var eventNames = []string{
	"event", "source", "space", "kapp", "form", "submission", "values", "previous", "changes",
	"user", "team", "identity", "request", "data",
}

// reserved are the names that `as:` may not take.
var reserved = append([]string{
	"nodes", "inputs", "index", "error", "run", "defer", "attempt", "trigger", "secret", "true", "false", "nil",
}, eventNames...)

// runType is what `run` holds.
var runType = engine.Type{Kind: engine.KindRecord, Fields: map[string]engine.Type{
	"id":      textType,
	"number":  {Kind: engine.KindInteger},
	"started": {Kind: engine.KindTime},
	"now":     {Kind: engine.KindTime},
}}

// failureType is what `error` holds: code and message, and what the handler
// adds.
var failureType = openType

// deferType is what `defer` holds.
var deferType = engine.Type{Kind: engine.KindRecord, Fields: map[string]engine.Type{"token": textType, "url": textType}}

// triggerType is what `trigger` holds in a branch of an update.
var triggerType = engine.Type{Kind: engine.KindRecord, Fields: map[string]engine.Type{
	"action": textType, "message": textType, "results": openType,
}}

// declare says what every expression of the tree may read.
func (p *parser) declare() {
	names := make(map[string]engine.Type)
	var given []string // by the event, which may leave some of them out
	if p.tree.Routine {
		names["inputs"] = p.takes
	} else {
		p.eventNames(names)
		given = slices.Sorted(maps.Keys(names))
	}
	nodes := make(map[string]engine.Type, len(p.steps))
	for _, st := range slices.Backward(p.steps) { // bodies stand behind their loops
		st.result = st.gives()
		if p.byID[st.id] == st {
			nodes[string(st.id)] = st.result
		}
	}
	names["nodes"] = engine.Type{Kind: engine.KindRecord, Fields: nodes}
	names["run"] = runType
	p.names = &expression.Env{Names: names, Optional: given}
	if p.env.Space != nil {
		p.names.Secrets = p.env.Space.Secrets
	}
	if names["values"].Kind == engine.KindRecord {
		p.names.Answers = []string{"values"}
	}
}

// eventNames adds what the event gives that fires the tree.
func (p *parser) eventNames(names map[string]engine.Type) {
	for _, name := range eventNames {
		names[name] = anyType
	}
	if p.env.Names != nil && p.tree.Title != (engine.Title{}) {
		given, ok := p.env.Names(p.tree.Title)
		if ok {
			clear(names)
			maps.Copy(names, given)
		} else {
			p.unknownEvent()
		}
	}
	_, has := names["values"]
	if p.env.Space == nil || !has {
		return
	}
	if form, ok := p.env.Space.Form(p.tree.Title.Group); ok && form.Fields != nil {
		names["values"] = engine.Type{Kind: engine.KindRecord, Fields: form.Fields}
	}
}

// unknownEvent tells of a path that no event has. It is a fault where it looks
// like a slip; any other name may be meant for webhooks and callers, as real
// spaces have `Teams / Employee Membership Change`.
func (p *parser) unknownEvent() {
	at := p.at(p.root.vals["tree"])
	var near []string
	if p.env.Near != nil {
		near = p.env.Near(p.tree.Title)
	}
	if len(near) == 0 {
		p.warn(at, "", "no event has the path %q: only a webhook or a call by this name fires the tree", p.tree.Path)
		return
	}
	p.fault(at, "did you mean `"+near[0]+"`?", "no event has the path %q: nothing would ever fire this tree", p.tree.Path)
}

// gives is the type of `nodes.x` once x has completed.
func (st *step) gives() engine.Type {
	once := st.givesOnce()
	if st.has("each") || st.has("until") {
		return engine.Type{Kind: engine.KindList, Elem: &once}
	}
	return once
}

// givesOnce is the type of what a node gives at one item of its loop.
func (st *step) givesOnce() engine.Type {
	switch {
	case st.has("defer"):
		return openType // the completion's results are laid over the handler's
	case st.spec != nil:
		return st.handlerGives()
	case st.does == "routine" && st.flagSet("detach"):
		return engine.Type{Kind: engine.KindRecord, Fields: map[string]engine.Type{"run": anyType}}
	case st.call != nil && st.call.Outputs != nil:
		fields := make(map[string]engine.Type, len(st.call.Outputs))
		for _, name := range st.call.Outputs {
			fields[name] = anyType
		}
		return engine.Type{Kind: engine.KindRecord, Fields: fields}
	case st.does == "nodes":
		fields := make(map[string]engine.Type, len(st.body))
		for _, inner := range st.body {
			fields[string(inner.id)] = inner.result
		}
		return engine.Type{Kind: engine.KindRecord, Fields: fields}
	default:
		return anyType
	}
}

func (st *step) flagSet(key string) bool { return st.vals[key] != nil && st.vals[key].Value == "true" }

// handlerGives is the type of a handler's results. A handler that takes any name and
// declares no result gives what it takes.
func (st *step) handlerGives() engine.Type {
	fields := make(map[string]engine.Type, len(st.spec.Results))
	for _, r := range st.spec.Results {
		fields[r.Name] = r.Type
	}
	if len(fields) == 0 && openParam(st.spec) != nil {
		if with := st.vals["with"]; with != nil {
			for _, pair := range st.pairs(with) {
				fields[pair[0].Value] = anyType
			}
		}
	}
	return engine.Type{Kind: engine.KindRecord, Fields: fields}
}

func openParam(spec *engine.Spec) *engine.Param {
	for i := range spec.Params {
		if spec.Params[i].Open {
			return &spec.Params[i]
		}
	}
	return nil
}

// place is where an expression is evaluated: what it may read there.
type place struct {
	env   *expression.Env
	from  *step // the node that has run, or is about to; nil for the start
	known set   // nodes that have results then
	own   bool  // from has results too, or may have
	round bool  // evaluated in the loop from, after a round
	begin bool  // evaluated when the block begins, before any node of it
	block *step // of begin
}

// at is the place of what a node evaluates before it acts. Inside says that
// the item of its own loop is known.
func (p *parser) before(st *step, inside bool) place {
	return place{env: p.scope(st, inside), from: st, known: st.known}
}

// afterwards is the place of what is evaluated when a node has acted.
func (p *parser) afterwards(st *step) place {
	at := p.before(st, true)
	at.own = true
	at.known = p.knownAfter(st, true)
	return at
}

// round is the place of a loop's `until:`: after one round, whose results are
// those of the node itself or of its body.
func (p *parser) round(st *step) place {
	at := place{from: st, own: true, round: true, known: p.knownAfter(st, true)}
	certain(st.body, at.known)
	more := make(map[string]engine.Type)
	st.names(more)
	nodes := maps.Clone(p.names.Names["nodes"].Fields)
	nodes[string(st.id)] = st.givesOnce()
	more["nodes"] = engine.Type{Kind: engine.KindRecord, Fields: nodes}
	at.env = p.scope(st, true).With(more)
	return at
}

// via is the place of a connector's condition.
func (p *parser) via(w *way) place {
	at := place{from: w.from, known: p.knownVia(w), own: true}
	if w.from == nil {
		at.own, at.begin, at.block, at.from = false, true, w.to.block, w.to.block
		if at.block != nil {
			at.known.union(at.block.known)
		}
	}
	at.env = p.scope(w.to, false)
	more := make(map[string]engine.Type)
	switch w.on {
	case engine.OnFailed:
		more["error"] = failureType
	case engine.OnUpdated:
		more["trigger"] = triggerType
	case engine.OnComplete, engine.OnCreated:
	}
	if len(more) > 0 {
		at.env = at.env.With(more)
	}
	return at
}

// scope is what a node may read: the names of the tree, of the loops around it,
// and of the branch that it stands in.
func (p *parser) scope(st *step, inside bool) *expression.Env {
	more := make(map[string]engine.Type)
	if inside {
		if st.node.Loop != nil && st.does != "nodes" {
			st.names(more)
		}
		if st.does == "do" || st.does == "routine" {
			more["attempt"] = engine.Type{Kind: engine.KindInteger}
		}
		if st.has("defer") {
			more["defer"] = deferType
		}
	}
	for loop := st.block; loop != nil; loop = loop.block {
		loop.names(more)
	}
	if p.behind(st, engine.OnFailed) {
		more["error"] = failureType
	}
	if p.behind(st, engine.OnUpdated) {
		more["trigger"] = triggerType
	}
	if len(more) == 0 {
		return p.names
	}
	return p.names.With(more)
}

// names adds what a loop calls its item and its round.
func (st *step) names(into map[string]engine.Type) {
	loop := st.node.Loop
	if loop == nil {
		return
	}
	if _, inner := into["index"]; !inner {
		into["index"] = engine.Type{Kind: engine.KindInteger}
	}
	if _, inner := into[loop.As]; !inner && st.has("each") {
		into[loop.As] = st.item
	}
}

// behind reports whether a connector of this kind leads to a node, near or far.
func (p *parser) behind(st *step, on engine.On) bool {
	for ; st != nil; st = st.block {
		if p.branches(on).has(st.index) {
			return true
		}
	}
	return false
}

// branches gives the nodes that stand behind a connector of a kind.
func (p *parser) branches(on engine.On) set {
	if s, ok := p.branch[on]; ok {
		return s
	}
	s := newSet(len(p.steps))
	for _, st := range p.steps {
		for _, w := range st.in {
			if w.on == on {
				s.add(st.index)
				s.union(p.later(st))
			}
		}
	}
	p.branch[on] = s
	return s
}
