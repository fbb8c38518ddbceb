package engine

import (
	"cmp"
	"maps"
	"reflect"
)

// sight is what expressions see. It is made at the first expression of a step
// and kept up to date instead of being made anew.
type sight struct {
	walk  *walk
	names Scope
	nodes map[string]any
	place Place    // where the names below were set
	set   []string // names of loops, to be taken back
}

// eval evaluates an expression where an execution stands.
func (w *walk) eval(e *Execution, x Expr) (any, error) {
	return x.Eval(w.seen.at(e, x.Reads()))
}

// at gives the scope at an execution, with the results of the nodes named.
func (s *sight) at(e *Execution, reads []NodeID) Scope {
	if s.names == nil {
		s.open()
	}
	if e.Place != s.place {
		s.move(e.Place)
	}
	s.names["attempt"] = int64(e.Attempt)
	s.names["error"] = s.failure(e)
	if n, ok := s.walk.tree.Node(e.Node); ok && n.Defer != nil {
		s.names["defer"] = deferNames(e.Key())
	} else {
		delete(s.names, "defer")
	}
	for _, id := range reads {
		if _, ok := s.nodes[string(id)]; ok {
			s.nodes[string(id)] = s.result(id, e.Place)
		}
	}
	return s.names
}

func (s *sight) open() {
	w := s.walk
	s.nodes = maps.Clone(w.ix.blank)
	s.names = make(Scope, len(w.run.Data)+8)
	maps.Copy(s.names, w.run.Data)
	inputs := w.run.Inputs
	if inputs == nil {
		inputs = map[string]any{}
	}
	s.names["inputs"] = inputs
	s.names["nodes"] = s.nodes
	s.names["run"] = map[string]any{
		"id": w.run.ID, "number": w.run.Number, "now": w.now, "started": w.run.Started,
	}
}

// move sets the names that belong to a place: the items of the loops around it.
func (s *sight) move(place Place) {
	for _, name := range s.set {
		delete(s.names, name)
		if value, ok := s.walk.run.Data[name]; ok {
			s.names[name] = value
		}
	}
	s.place, s.set = place, s.set[:0]
	marks, _ := ParsePlace(string(place)) // Step itself wrote the place
	var around Place
	for _, mark := range marks {
		if mark.Kind == MarkItem {
			s.item(mark, around)
		}
		around = around.with(mark)
		if mark.Kind == MarkUpdate {
			s.update(TaskKey{Node: mark.Node, Place: around})
		}
	}
}

// update sets `trigger`, which a branch of an update has.
func (s *sight) update(key TaskKey) {
	if t, ok := s.walk.task(key); ok {
		s.name("trigger", map[string]any{"action": "updated", "message": t.Message, "results": t.Results})
	}
}

func (s *sight) item(mark Mark, around Place) {
	n := s.walk.node(mark.Node)
	s.name("index", int64(mark.Number))
	if n.Loop.Each == nil {
		return
	}
	t, ok := s.walk.task(TaskKey{Node: mark.Node, Place: around})
	if !ok {
		return
	}
	list, ok := asList(t.Inputs["each"])
	if ok && mark.Number < len(list) {
		s.name(cmp.Or(n.Loop.As, "item"), list[mark.Number])
	}
}

func (s *sight) name(name string, value any) {
	s.names[name] = value
	s.set = append(s.set, name)
}

// result is what a node gave, seen from a place: its own, or the nearest around.
func (s *sight) result(id NodeID, place Place) any {
	for {
		if t, ok := s.walk.task(TaskKey{Node: id, Place: place}); ok && !isMark(place, MarkUpdate, id) {
			switch t.Status {
			case TaskComplete, TaskSkipped:
				return s.withToken(t)
			case TaskWaiting:
				if n := s.walk.node(id); n.Defer != nil && (n.Loop == nil || isMark(place, MarkItem, id)) {
					return s.withToken(t)
				}
			case TaskNew, TaskRunning, TaskRetrying, TaskError, TaskPassed, TaskFailed, TaskCancelled:
			}
		}
		if place == "" {
			return nil
		}
		place = place.Parent()
	}
}

// isMark reports whether a place is an item, update or visit of a node.
func isMark(place Place, kind MarkKind, node NodeID) bool {
	if place == "" {
		return false
	}
	mark, ok := place.Last()
	return ok && mark.Kind == kind && mark.Node == node
}

// withToken gives the results of a node; of one that waits, or has waited, for
// its token also the token and the URL to complete it.
func (s *sight) withToken(t *Task) any {
	n := s.walk.node(t.Node)
	if n.Defer == nil || n.Loop != nil && !isMark(t.Place, MarkItem, t.Node) {
		return t.Results
	}
	given, ok := t.Results.(map[string]any)
	if !ok && t.Results != nil {
		return t.Results
	}
	names := deferNames(t.Key())
	maps.Copy(names, given)
	return names
}

// deferNames is `defer`: the token and the URL of a deferral, by reference.
func deferNames(key TaskKey) map[string]any {
	return map[string]any{
		"token": Sealed{Parts: []Part{{Token: key.String()}}},
		"url":   Sealed{Parts: []Part{{URL: key.String()}}},
	}
}

// failure is `error`: nil outside the branch of a failed connector.
func (s *sight) failure(e *Execution) any {
	if e.Cause == "" {
		return nil
	}
	for place := e.Place; ; place = place.Parent() {
		if t, ok := s.walk.task(TaskKey{Node: e.Cause, Place: place}); ok && t.Error != nil {
			return t.Error.names()
		}
		if place == "" {
			return nil
		}
	}
}

// names gives a failure as expressions see it.
func (f Failure) names() map[string]any {
	names := make(map[string]any, len(f.Detail)+3)
	maps.Copy(names, f.Detail)
	names["code"], names["message"], names["retryable"] = f.Code, f.Message, f.Retryable
	return names
}

// release copies a value that holds `nodes` itself, which later changes: the
// copy has the nodes as they are now.
func (s *sight) release(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if s.alive(v) {
			return maps.Clone(v)
		}
		copied := make(map[string]any, len(v))
		for name, item := range v { // in any order: each name keeps its value
			copied[name] = s.release(item)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			copied[i] = s.release(item)
		}
		return copied
	default:
		return value
	}
}

// alive reports whether a mapping is `nodes` itself.
func (s *sight) alive(v map[string]any) bool {
	return len(v) == len(s.nodes) && s.nodes != nil &&
		reflect.ValueOf(v).UnsafePointer() == reflect.ValueOf(s.nodes).UnsafePointer()
}

// weigh looks through a value that an expression gave.
func (s *sight) weigh(value any) weight {
	w := weight{sight: s}
	w.add(value)
	return w
}
