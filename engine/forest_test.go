package engine_test

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// forest grows random trees as scripts hold them, so that a counterexample can
// be read, and pasted into a script.
type forest struct {
	t     *rapid.T
	lines []string
	count int
}

// growTree gives the lines of a random tree.
func growTree(t *rapid.T) []string {
	f := &forest{t: t}
	f.block("", 2)
	return f.lines
}

func (f *forest) chance(percent int) bool {
	return rapid.IntRange(1, 100).Draw(f.t, "chance") <= percent
}

func (f *forest) pick(words ...string) string {
	return rapid.SampledFrom(words).Draw(f.t, "word")
}

// ways are the nodes of a block and where each comes from.
type ways struct {
	ids  []string
	from map[string][]string
}

// block grows the nodes of a tree or a body.
func (f *forest) block(indent string, depth int) {
	w := &ways{from: map[string][]string{}}
	for range rapid.IntRange(1, 6).Draw(f.t, "nodes") {
		f.count++
		id := fmt.Sprintf("n%d", f.count)
		f.node(indent, id, w, depth)
		w.ids = append(w.ids, id)
	}
}

func (f *forest) node(indent, id string, w *ways, depth int) {
	clauses := []string{id}
	clauses = append(clauses, f.connectors(id, w)...)
	if f.chance(15) {
		clauses = append(clauses, "when "+f.pick("true", "false", "raise no", "values.flag"))
	}
	if f.chance(20) {
		clauses = append(clauses, "retry 2 1s")
	}
	if f.chance(4) {
		clauses = append(clauses, "end")
	}
	if depth > 0 && f.chance(15) {
		f.lines = append(f.lines, indent+strings.Join(append(clauses, f.repeat()), " | "))
		f.block(indent+"  ", depth-1)
		return
	}
	what := f.pick("call", `set {"n": 1}`, "fail", `wait "1h"`, "", "return 1", "routine r", "routine r | detach", `set {"n": "=nodes.n1"}`)
	if what != "" {
		clauses = append(clauses, what)
	}
	if (what == "call" || strings.HasPrefix(what, "set") || what == "fail" || strings.HasPrefix(what, "routine")) && f.chance(20) {
		clauses = append(clauses, f.repeat())
	}
	if (what == "call" || strings.HasPrefix(what, "set") || what == "") && f.chance(20) {
		clauses = append(clauses, f.pick("defer", `defer | expires "1h"`, `defer | expires "1h" | else 3`, "defer | expires raise no"))
	}
	f.lines = append(f.lines, indent+strings.Join(clauses, " | "))
}

// repeat grows a loop.
func (f *forest) repeat() string {
	if f.chance(20) {
		return "until " + f.pick("true", "false", "raise no") + " | max 2"
	}
	return "each " + f.pick("[]", "[1]", "[1, 2, 3]", "raise no") +
		f.pick("", " | parallel 2", " | parallel all") + f.pick("", "", " | need 1", " | need 2")
}

// connectors grows the ways into a node; none means that it is on the line.
func (f *forest) connectors(id string, w *ways) []string {
	above := "start"
	if len(w.ids) > 0 {
		above = w.ids[len(w.ids)-1]
	}
	w.from[id] = []string{above}
	if f.chance(45) {
		return nil
	}
	if f.chance(5) {
		w.from[id] = nil
		return []string{"parked"}
	}
	var clauses, from []string
	for range rapid.IntRange(1, 3).Draw(f.t, "ways") {
		node := f.pick(append([]string{"start"}, w.ids...)...)
		if slices.Contains(from, node) {
			continue
		}
		from = append(from, node)
		clause := "after " + node
		if node != "start" {
			clause += f.pick("", "", "", ".failed", ".created", ".updated")
		}
		if f.chance(25) {
			clause += " when " + f.pick("true", "false", "raise no", "error.code == \"gone\"")
		}
		clauses = append(clauses, clause)
	}
	w.from[id] = from
	if len(from) < 2 {
		return clauses
	}
	join := f.pick("any", "all", "2", "each", "settled")
	if join == "settled" {
		join += " " + w.ancestry(id)
	}
	return append(clauses, "join "+join)
}

// ancestry gives the nearest node through which every way leads to a node, and
// the nodes between.
func (w *ways) ancestry(id string) string {
	common := slices.Clone(w.dominators(w.from[id][0]))
	for _, from := range w.from[id][1:] {
		others := w.dominators(from)
		common = slices.DeleteFunc(common, func(d string) bool { return !slices.Contains(others, d) })
	}
	ancestor := common[0] // nearest first; start is last
	words := []string{ancestor}
	for _, between := range w.ids {
		if between != ancestor && slices.Contains(w.dominators(between), ancestor) && w.leads(between, id) {
			words = append(words, between)
		}
	}
	return strings.Join(words, " ")
}

// dominators lists the nodes through which every way to a node leads, itself
// first.
func (w *ways) dominators(id string) []string {
	if id == "start" || len(w.from[id]) == 0 {
		return []string{id, "start"}[btoi(id == "start"):]
	}
	common := slices.Clone(w.dominators(w.from[id][0]))
	for _, from := range w.from[id][1:] {
		others := w.dominators(from)
		common = slices.DeleteFunc(common, func(d string) bool { return !slices.Contains(others, d) })
	}
	return append([]string{id}, common...)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (w *ways) leads(from, to string) bool {
	return slices.ContainsFunc(w.from[to], func(way string) bool { return way == from || w.leads(from, way) })
}
