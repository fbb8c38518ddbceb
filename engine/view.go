package engine

// View gives what an expression on a connector out of a task saw when it was
// decided: the results of the nodes that had ended by then, and no later ones.
// The state needs the tasks of the nodes that the expression reads.
func View(tree *Tree, s State, t Task, on On, x Expr) Scope {
	known := make(map[TaskKey]Task, len(s.Tasks))
	for key, other := range s.Tasks { // in any order: each task keeps its key
		if other.Done > t.Done && t.Done != 0 { // it was under way, as the loop around t is
			other.Status, other.Results = TaskRunning, nil
		}
		known[key] = other
	}
	known[t.Key()] = t
	s.Tasks = known
	w := newWalk(tree, &s)
	w.now = t.Ended
	e := Execution{Node: t.Node, Place: t.Place, Attempt: t.Attempt}
	if on == OnFailed {
		e.Cause = t.Node
	}
	return w.seen.at(&e, x.Reads())
}
