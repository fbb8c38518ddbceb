package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hooktree/engine"
)

// handlers are what the nodes of scripts may do: `set` and `fail` compute within
// the step, `call` is an effect of the caller.
var handlers = map[string]*engine.Spec{
	"call": {Name: "call"},
	"set":  {Name: "set", Pure: func(p map[string]any) (map[string]any, error) { return p, nil }},
	"fail": {Name: "fail", Pure: func(map[string]any) (map[string]any, error) {
		return nil, engine.Failure{Code: "broken", Message: "it is broken", Retryable: true}
	}},
	"panic": {Name: "panic", Pure: func(map[string]any) (map[string]any, error) { panic("no such thing") }},
	"greet": {
		Name:   "greet",
		Params: []engine.Param{{Name: "whom", Default: "world"}},
		Pure:   func(p map[string]any) (map[string]any, error) { return p, nil },
	},
}

// grammar reads the trees of scripts, one node a line:
//
//	ID | CLAUSE | CLAUSE ...
//
// A clause is a word and what belongs to it, named as in the tree language; a
// node that is indented belongs to the body of the loop above it.
type grammar struct {
	tree   engine.Tree
	blocks []engine.NodeID // the loops around the present line
	last   map[engine.NodeID]engine.NodeID
}

func readTree(lines []string) (*engine.Tree, error) {
	g := &grammar{
		tree: engine.Tree{Title: engine.Title{Source: "script", Group: "g", Name: "n"}, Hash: "script"},
		last: map[engine.NodeID]engine.NodeID{},
	}
	for _, line := range lines {
		if err := g.node(line); err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
	}
	return engine.NewTree(g.tree)
}

func (g *grammar) node(line string) error {
	text := strings.TrimLeft(line, " ")
	depth := (len(line) - len(text)) / 2
	if depth > len(g.blocks) {
		above := &g.tree.Nodes[len(g.tree.Nodes)-1]
		g.blocks = append(g.blocks, above.ID)
	}
	g.blocks = g.blocks[:depth]
	clauses := strings.Split(text, " | ")
	if word, rest, _ := strings.Cut(clauses[0], " "); word == "outputs" {
		x, err := parse(rest)
		g.tree.Routine = true
		g.tree.Outputs = append(g.tree.Outputs, engine.Output{Name: "all", Value: x})
		return err
	}
	n := engine.Node{ID: engine.NodeID(strings.TrimSpace(clauses[0]))}
	if depth > 0 {
		n.Block = g.blocks[depth-1]
	}
	for _, clause := range clauses[1:] {
		word, rest, _ := strings.Cut(strings.TrimSpace(clause), " ")
		if err := g.clause(&n, word, strings.TrimSpace(rest)); err != nil {
			return fmt.Errorf("%s: %w", clause, err)
		}
	}
	if len(n.In) == 0 && !n.Parked {
		above := engine.Start
		if id, ok := g.last[n.Block]; ok {
			above = id
		}
		n.In = []engine.Connector{{From: above, On: engine.OnComplete, Line: true}}
	}
	g.last[n.Block] = n.ID
	g.tree.Nodes = append(g.tree.Nodes, n)
	for i := range g.tree.Nodes {
		if m := &g.tree.Nodes[i]; m.ID == n.Block {
			m.Loop.Body = append(m.Loop.Body, n.ID)
		}
	}
	return nil
}

func (g *grammar) clause(n *engine.Node, word, rest string) error {
	if spec, ok := handlers[word]; ok {
		n.Handler = &engine.Handler{Spec: spec}
		if rest == "" {
			return nil
		}
		return expression(&n.With, rest)
	}
	switch word {
	case "after":
		return after(n, rest)
	case "parked":
		n.Parked = true
	case "join":
		return join(n, strings.Fields(rest))
	case "when":
		return expression(&n.When, rest)
	case "with":
		return expression(&n.With, rest)
	case "return":
		return expression(&n.Return, rest)
	case "reply":
		return expression(&n.Reply, rest)
	case "wait":
		n.Wait = &engine.Wait{}
		if until, ok := strings.CutPrefix(rest, "until "); ok {
			return expression(&n.Wait.Until, until)
		}
		return expression(&n.Wait.For, rest)
	case "end":
		n.End = true
	case "retry":
		return retry(n, strings.Fields(rest))
	case "retrywhen":
		return expression(&n.Retry.When, rest)
	case "timeout":
		var err error
		n.Timeout, err = time.ParseDuration(rest)
		return err
	case "routine":
		n.Routine = &engine.Routine{Title: engine.Title{Source: "script", Group: "routines", Name: rest}, Hash: "h"}
	case "detach":
		n.Routine.Detach = true
	case "defer":
		n.Defer = &engine.Defer{}
	case "expires":
		return expression(&n.Defer.Timeout, rest)
	case "else":
		return expression(&n.Defer.Else, rest)
	case "updated":
		return expression(&n.Message.Updated, rest)
	case "completed":
		return expression(&n.Message.Completed, rest)
	case "created":
		return expression(&n.Message.Created, rest)
	case "each", "until", "as", "parallel", "need", "max":
		return loop(n, word, rest)
	default:
		return errors.New("unknown clause")
	}
	return nil
}

func expression(to *engine.Expr, text string) error {
	x, err := parse(text)
	*to = x
	return err
}

// after reads `NODE[.MOMENT] [when CONDITION] [label TEXT]`.
func after(n *engine.Node, text string) error {
	way, when, conditional := strings.Cut(text, " when ")
	from, on, _ := strings.Cut(way, ".")
	c := engine.Connector{From: engine.NodeID(from), On: engine.OnComplete}
	if on != "" {
		c.On = engine.On(on)
	}
	if conditional {
		x, err := parse(when)
		if err != nil {
			return err
		}
		c.When = x
	}
	n.In = append(n.In, c)
	return nil
}

// join reads a mode, a number, or `settled ANCESTOR NODE...`.
func join(n *engine.Node, words []string) error {
	if count, err := strconv.Atoi(words[0]); err == nil {
		n.Join = engine.Join{Mode: engine.JoinSome, Count: count}
		return nil
	}
	n.Join.Mode = engine.JoinMode(words[0])
	if n.Join.Mode == engine.JoinSettled && len(words) > 1 {
		n.Join.Ancestor = engine.NodeID(words[1])
		for _, id := range words[2:] {
			n.Join.Between = append(n.Join.Between, engine.NodeID(id))
		}
	}
	return nil
}

// retry reads `MAX WAIT [FACTOR [CAP]]`.
func retry(n *engine.Node, words []string) error {
	words = append(words, slices.Repeat([]string{""}, 4)...)
	var errs [4]error
	n.Retry.Max, errs[0] = strconv.Atoi(words[0])
	n.Retry.Wait, errs[1] = time.ParseDuration(words[1])
	if words[2] != "" {
		n.Retry.Factor, errs[2] = strconv.ParseFloat(words[2], 64)
	}
	if words[3] != "" {
		n.Retry.Cap, errs[3] = time.ParseDuration(words[3])
	}
	return errors.Join(errs[:]...)
}

func loop(n *engine.Node, word, rest string) error {
	if n.Loop == nil {
		n.Loop = &engine.Loop{As: "item", Parallel: 1}
	}
	var err error
	switch word {
	case "each":
		return expression(&n.Loop.Each, rest)
	case "until":
		return expression(&n.Loop.Until, rest)
	case "as":
		n.Loop.As = rest
	case "parallel":
		if rest == "all" {
			rest = "0"
		}
		n.Loop.Parallel, err = strconv.Atoi(rest)
	case "need":
		n.Loop.Need, err = strconv.Atoi(rest)
	case "max":
		n.Loop.Max, err = strconv.Atoi(rest)
	}
	return err
}
