package trees

import (
	"context"
	"fmt"
	"maps"

	"hooktree/engine"
)

// Version gives the version that a run is pinned to: an active one, or an old
// one, compiled again from what the store kept. The error of an unknown hash is
// ErrNotFound; that of a version which this server can no longer compile, such
// as one whose handler is gone, is the Faults.
func (s *Shelf) Version(ctx context.Context, hash string) (*Tree, error) {
	if t, ok := s.Library().version(hash); ok {
		return t, nil
	}
	if t, ok := s.old.get(hash); ok {
		return t, nil
	}
	v, err := s.options.Versions.Version(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("load version %s: %w", hash, err)
	}
	t, err := s.compile(ctx, v)
	if err != nil {
		return nil, err
	}
	s.old.add(t)
	return t, nil
}

// compile makes the tree of a version that was checked when it was made. A form
// or an event that changed since must not stop its runs: where the checks of
// today refuse it, it is compiled without what they know of fields and events.
func (s *Shelf) compile(ctx context.Context, v Version) (*Tree, error) {
	env := s.Library().env
	routines := maps.Clone(env.Routines)
	if routines == nil {
		routines = make(map[engine.Title]Signature)
	}
	for _, b := range v.Routines {
		signature, err := s.signature(ctx, b, env)
		if err != nil {
			return nil, err
		}
		routines[b.Title] = signature
	}
	env.Routines = routines
	t, faults := parsePinned(v, env)
	if t == nil {
		env.Names = nil
		if env.Space != nil {
			env.Space = &Space{Source: env.Space.Source, Secrets: env.Space.Secrets}
		}
		t, faults = parsePinned(v, env)
	}
	if t == nil {
		return nil, fmt.Errorf("compile version %s of %s: %w", v.Hash, v.Name, faults.Fatal())
	}
	t.Modified = v.Made
	return t, nil
}

// signature is what a version of a routine takes and gives.
func (s *Shelf) signature(ctx context.Context, b Binding, env Environment) (Signature, error) {
	v, err := s.options.Versions.Version(ctx, b.Hash)
	if err != nil {
		return Signature{}, fmt.Errorf("load the routine %s: %w", b.Title, err)
	}
	p := newParser(v.File, v.Content, env)
	p.open()
	signature := p.tree.Signature()
	signature.Title, signature.Hash = b.Title, b.Hash
	return signature, nil
}

// parsePinned compiles a version under the hash that it was kept by.
func parsePinned(v Version, env Environment) (*Tree, Faults) {
	p := newParser(v.File, v.Content, env)
	p.open()
	p.finish()
	if p.failed() {
		return nil, p.result()
	}
	p.tree.Hash = v.Hash
	bind(p.tree, func(title engine.Title) string { return env.Routines[title].Hash })
	return p.done()
}
