package trees

import (
	"maps"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
	"hooktree/trees/expression"
)

// compile turns every expression and value of the file into what the engine
// evaluates.
func (p *parser) compile() {
	m := p.root
	at := place{env: p.names, known: newSet(len(p.steps))}
	if !p.tree.Routine {
		early := place{env: p.firing(), known: at.known}
		p.tree.When = p.keep(p.expr(m.get("when"), engine.KindBool, early))
		p.tree.Dedupe = p.keep(p.expr(m.get("dedupe"), engine.KindAny, early))
		p.tree.Lane = p.keep(p.expr(m.get("lane"), engine.KindAny, early))
	}
	if p.schedule != nil {
		p.retry.When = p.keep(p.expr(p.schedule.get("when"), engine.KindBool, p.failing(at)))
	}
	for _, st := range p.steps {
		p.compileNode(st)
	}
	certain(p.steps, at.known)
	p.outputs(at)
}

// keep makes an untyped nil of a typed one.
func (p *parser) keep(x expression.Expr) engine.Expr {
	if x == nil {
		return nil
	}
	return x
}

// firing is what may be read before there is a run.
func (p *parser) firing() *expression.Env {
	names := maps.Clone(p.names.Names)
	delete(names, "nodes")
	delete(names, "run")
	return &expression.Env{Names: names, Optional: p.names.Optional, Answers: p.names.Answers}
}

// failing adds what a retry's condition may read.
func (p *parser) failing(at place) place {
	at.env = at.env.With(map[string]engine.Type{"error": failureType, "attempt": {Kind: engine.KindInteger}})
	return at
}

// compileNode compiles one node.
func (p *parser) compileNode(st *step) {
	outside := p.before(st, false)
	for _, w := range st.in {
		if w.when != nil {
			w.expr = p.expr(w.when, engine.KindBool, p.via(w))
		}
	}
	st.node.When = p.keep(p.expr(st.get("when"), engine.KindBool, outside))
	p.list(st, outside)
	inside, done := p.before(st, true), p.afterwards(st)
	if n := st.get("until"); n != nil {
		st.node.Loop.Until = p.keep(p.expr(n, engine.KindBool, p.round(st)))
	}
	switch st.does {
	case "do", "routine":
		p.with(st, inside)
	case "wait":
		p.wait(st, inside)
	case "return":
		p.returns(st, inside)
	case "reply":
		p.reply(st, inside)
	}
	st.node.Retry.When = p.retry.When
	if st.schedule != nil {
		st.node.Retry.When = p.keep(p.expr(st.schedule.get("when"), engine.KindBool, p.failing(inside)))
	}
	if st.does != "do" && st.does != "routine" {
		st.node.Retry = engine.Retry{}
	}
	p.deferral(st, inside)
	p.message(st, done)
}

// list compiles what a loop goes over.
func (p *parser) list(st *step, at place) {
	st.item = anyType
	n := st.get("each")
	if n == nil {
		return
	}
	if n.Kind == yaml.MappingNode {
		p.document(n, at)
		return
	}
	x := p.expr(n, engine.KindList, at)
	if x == nil {
		return
	}
	st.node.Loop.Each = x
	if elem := x.Type().Elem; elem != nil {
		st.item = *elem
	}
}

// document reads `each: {data, path}`, the list in a text of XML or JSON.
func (p *parser) document(n *yaml.Node, at place) {
	m, ok := p.mapping(n, "`each:`", []string{"data", "path"})
	if !ok {
		return
	}
	for _, key := range []string{"data", "path"} {
		if !m.has(key) {
			p.fault(p.at(n), "write an expression, or `{data: TEXT, path: XPATH or JSONPATH}`", "`each:` without `%s:`", key)
		}
	}
	m.text("path")
	p.value(m.get("data"), expected{what: "`data:`", typ: textType}, at)
	p.features = append(p.features, feature{"`each: {data, path}`", p.at(n)})
}

// with compiles the parameters of a handler or a routine.
func (p *parser) with(st *step, at place) {
	n := st.get("with")
	if n != nil && n.Kind != yaml.MappingNode {
		p.fault(p.at(n), "", "`with:` is a mapping of parameters")
		return
	}
	params, known := p.params(st)
	given := make(map[string]bool)
	var keys []string
	var values []expression.Expr
	if n != nil {
		for _, pair := range p.pairs(n) {
			key := pair[0]
			given[key.Value] = pair[1].Tag != "!!null"
			if !p.plain(n, key, pair[1]) {
				continue
			}
			param, ok := params(key.Value)
			if !ok {
				p.fault(p.at(key), suggest(key.Value, known), "unknown parameter `%s` of %s", key.Value, st.callee())
				continue
			}
			if x := p.value(pair[1], param, at); x != nil {
				keys, values = append(keys, key.Value), append(values, x)
			}
		}
	}
	for _, name := range p.required(st) {
		if !given[name] && !(n == nil && st.has("with")) {
			p.fault(p.at(st.vals[st.does]), "add it to `with:`", "%s needs the parameter `%s`", st.callee(), name)
		}
	}
	if len(keys) > 0 {
		st.node.With = expression.Mapping(keys, values)
	}
}

// callee names what a node calls.
func (st *step) callee() string { return strconv.Quote(st.vals[st.does].Value) }

// params says what is wanted of each parameter, and lists their names.
func (p *parser) params(st *step) (find func(string) (expected, bool), known []string) {
	switch {
	case st.spec != nil:
		open := openParam(st.spec)
		for _, param := range st.spec.Params {
			if !param.Open {
				known = append(known, param.Name)
			}
		}
		return func(name string) (expected, bool) {
			for _, param := range st.spec.Params {
				if param.Name == name && !param.Open {
					return expected{"parameter `" + name + "`", param.Type, param.Secret, param.Enum}, true
				}
			}
			if open != nil {
				return expected{"parameter `" + name + "`", open.Type, open.Secret, open.Enum}, true
			}
			return expected{}, false
		}, known
	case st.call != nil:
		for _, in := range st.call.Inputs {
			known = append(known, in.Name)
		}
		return func(name string) (expected, bool) {
			return expected{"input `" + name + "`", anyType, true, nil}, slices.Contains(known, name)
		}, known
	default: // what is called is unknown, and told
		return func(string) (expected, bool) { return expected{"", anyType, true, nil}, true }, nil
	}
}

// required lists the parameters that must be given.
func (p *parser) required(st *step) []string {
	var names []string
	if st.spec != nil {
		for _, param := range st.spec.Params {
			if param.Required && !param.Open {
				names = append(names, param.Name)
			}
		}
	}
	if st.call != nil {
		for _, in := range st.call.Inputs {
			if in.Required {
				names = append(names, in.Name)
			}
		}
	}
	return names
}

// wait compiles a pause.
func (p *parser) wait(st *step, at place) {
	n := st.get("wait")
	if n == nil {
		return
	}
	st.node.Wait = new(engine.Wait)
	if n.Kind != yaml.MappingNode {
		st.node.Wait.For = p.keep(p.delay(n, "`wait:`", at))
		return
	}
	m, ok := p.mapping(n, "`wait:`", []string{"until"})
	if !ok {
		return
	}
	if !m.has("until") {
		p.fault(p.at(n), "write `wait: 2d`, or `wait: {until: TIME}`", "`wait:` without a time")
	}
	st.node.Wait.Until = p.keep(p.value(m.get("until"), expected{what: "`until:`", typ: engine.Type{Kind: engine.KindTime}}, at))
}

// delay compiles a duration that may be computed.
func (p *parser) delay(n *yaml.Node, what string, at place) expression.Expr {
	return p.value(n, expected{what: what, typ: engine.Type{Kind: engine.KindDuration}}, at)
}

// returns compiles what a run gives back.
func (p *parser) returns(st *step, at place) {
	n := st.get("return")
	want := expected{what: "`return:`", typ: anyType}
	if p.declared != nil && n != nil && n.Kind == yaml.MappingNode {
		want.typ = engine.Type{Kind: engine.KindRecord, Fields: p.declared}
	}
	st.node.Return = p.keep(p.value(n, want, at))
}

var replyType = engine.Type{Kind: engine.KindRecord, Fields: map[string]engine.Type{
	"status": {Kind: engine.KindInteger}, "headers": {Kind: engine.KindMap}, "body": anyType,
}}

// reply compiles the answer to a caller that waits on the event.
func (p *parser) reply(st *step, at place) {
	n := st.get("reply")
	if n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		p.fault(p.at(n), "write `{status: 200, body: ...}`", "`reply:` is a mapping of status, headers and body")
		return
	}
	st.node.Reply = p.keep(p.value(n, expected{what: "`reply:`", typ: replyType}, at))
	for _, pair := range p.pairs(n) {
		if status, err := strconv.Atoi(pair[1].Value); pair[0].Value == "status" && err == nil && (status < 200 || status > 599) {
			p.fault(p.at(pair[1]), "", "%d is no status of an answer: 200 to 599", status)
		}
	}
}

// deferral compiles how a node waits for its token.
func (p *parser) deferral(st *step, at place) {
	n := st.get("defer")
	if n == nil {
		return
	}
	m, ok := p.mapping(n, "`defer:`", []string{"timeout", "else"})
	if !ok {
		return
	}
	st.node.Defer = new(engine.Defer)
	st.node.Defer.Timeout = p.keep(p.delay(m.get("timeout"), "`timeout:`", at))
	if m.has("else") && !m.has("timeout") {
		p.fault(p.at(m.keys["else"]), "add `timeout:`", "`else:` without `timeout:` is never used")
	}
	st.node.Defer.Else = p.keep(p.value(m.get("else"), expected{what: "`else:`", typ: openType}, at))
}

// message compiles what a task shows.
func (p *parser) message(st *step, at place) {
	n := st.get("message")
	if n == nil {
		return
	}
	want := expected{what: "`message:`", typ: anyType, secret: true} // shown masked
	if n.Kind != yaml.MappingNode {
		st.node.Message.Completed = p.keep(p.value(n, want, at))
		return
	}
	m, ok := p.mapping(n, "`message:`", []string{"created", "updated", "completed"})
	if !ok {
		return
	}
	st.node.Message.Created = p.keep(p.value(m.get("created"), want, at))
	updated := at
	updated.env = at.env.With(map[string]engine.Type{"trigger": triggerType})
	st.node.Message.Updated = p.keep(p.value(m.get("updated"), want, updated))
	st.node.Message.Completed = p.keep(p.value(m.get("completed"), want, at))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
