package trees

import "hooktree/engine"

// feature is a part of the language that a tree uses and that the engine does
// not know yet.
type feature struct {
	name string
	at   span
}

// unsupported tells of what this version does not run yet: features, and what
// the engine decides but nobody carries out, which is calls of routines and
// tokens from outside. A key goes from here when jobs and server learn it.
func (p *parser) unsupported() {
	used := p.features
	for _, st := range p.steps {
		for _, key := range []string{"defer", "routine"} {
			if st.has(key) {
				used = append(used, feature{"`" + key + ":`", p.at(st.keys[key])})
			}
		}
		for _, w := range st.in {
			if w.on == engine.OnUpdated {
				used = append(used, feature{"a connector `" + string(w.on) + "`", w.at})
			}
		}
	}
	for _, f := range used {
		p.fault(f.at, "a later version will", "%s is not run by this version of hooktree yet", f.name)
	}
}
