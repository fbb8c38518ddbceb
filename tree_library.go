package main

import (
	"context"

	"hooktree/engine"
	"hooktree/trees"
)

// library is how jobs and the APIs reach the trees.
type library struct{ *trees.Shelf }

// Tree gives the compiled version that a run is pinned to.
func (l library) Tree(ctx context.Context, hash string) (*engine.Tree, error) {
	t, err := l.Version(ctx, hash)
	if err != nil {
		return nil, err
	}
	return t.Tree, nil
}

// Active gives the hash of the version that a title stands for now.
func (l library) Active(title engine.Title) (string, bool) {
	t, ok := l.Library().Find(title)
	if !ok || t.Inactive {
		return "", false
	}
	return t.Hash, true
}
