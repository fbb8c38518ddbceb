package main

import (
	"context"

	"hooktree/engine"
	"hooktree/server"
	"hooktree/trees"
)

// library is how jobs and the APIs reach the trees.
type library struct {
	*trees.Shelf

	versions trees.Versions
}

// Tree gives the compiled version that a run is pinned to.
func (l library) Tree(ctx context.Context, hash string) (*engine.Tree, error) {
	t, err := l.Version(ctx, hash)
	if err != nil {
		return nil, err
	}
	return t.Tree, nil
}

// Pinned is Tree, as the server calls it.
func (l library) Pinned(ctx context.Context, hash string) (*engine.Tree, error) {
	return l.Tree(ctx, hash)
}

// Active gives the hash of the version that a title stands for now.
func (l library) Active(title engine.Title) (string, bool) {
	t, ok := l.Library().Find(title)
	if !ok || t.Inactive {
		return "", false
	}
	return t.Hash, true
}

// History lists the versions of a title, the latest first.
func (l library) History(ctx context.Context, title engine.Title, limit int) ([]trees.Version, error) {
	return l.versions.History(ctx, title.String(), limit)
}

// Put checks and activates a version.
func (l library) Put(ctx context.Context, edit server.TreeEdit) (*trees.Tree, error) {
	t, err := l.Shelf.Put(ctx, l.edit(edit))
	return t, changeError(err)
}

// Delete takes a tree out of the library.
func (l library) Delete(ctx context.Context, edit server.TreeEdit) error {
	return changeError(l.Shelf.Delete(ctx, l.edit(edit)))
}

// edit is an API's edit as the shelf takes it.
func (l library) edit(e server.TreeEdit) trees.Edit {
	was := e.Was
	if e.Any {
		was = ""
		if t, ok := l.Library().Find(e.Title); ok {
			was = t.Hash
		}
	}
	return trees.Edit{Title: e.Title, YAML: e.YAML, IfMatch: was, Author: e.By, Origin: trees.OriginAPI}
}

// Check gives the faults and warnings that a text would have.
func (l library) Check(_ context.Context, _ string, yaml []byte) trees.Faults {
	_, faults := l.Try(yaml)
	return faults
}
