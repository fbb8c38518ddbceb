package sqlite

import (
	"errors"

	"hooktree/engine"
	"hooktree/webhooks/event"
)

// internedMost bounds what the writer remembers of each table; past it the
// memory starts afresh and the tables answer.
const internedMost = 10_000

// interned remembers the numbers of rows that many others refer to.
type interned struct {
	kinds map[kind]int64
	trees map[engine.Title]int64
	rules map[rule]int64
}

// kind is a row of kinds.
type kind struct {
	platform, typ, action string
	scope                 event.Scope
	path                  string
}

// rule is a row of rules.
type rule struct {
	kind          int64
	webhook, hash string
	tree          int64 // 0 for none
}

func newInterned() interned {
	return interned{kinds: map[kind]int64{}, trees: map[engine.Title]int64{}, rules: map[rule]int64{}}
}

// kind gives the number of an event's kind and makes the row when it is new.
func (t *tx) kind(e *event.Event) (int64, error) {
	k := kind{e.Platform, e.Type, e.Action, e.Scope, e.Path}
	return intern(t.names.kinds, k, func() (int64, error) {
		return t.number(
			`select id from kinds where platform = ? and type = ? and action = ? and kapp = ? and form = ? and datastore = ? and path = ?`,
			`insert into kinds (platform, type, action, kapp, form, datastore, path) values (?, ?, ?, ?, ?, ?, ?) returning id`,
			k.platform, k.typ, k.action, k.scope.Kapp, k.scope.Form, k.scope.Datastore, k.path)
	})
}

// tree gives the number of a title, 0 for none.
func (t *tx) tree(title engine.Title) (int64, error) {
	if title == (engine.Title{}) {
		return 0, nil
	}
	return intern(t.names.trees, title, func() (int64, error) {
		return t.number(
			`select id from trees where source = ? and grp = ? and name = ?`,
			`insert into trees (source, grp, name) values (?, ?, ?) returning id`,
			title.Source, title.Group, title.Name)
	})
}

// rule gives the number of what made a job.
func (t *tx) rule(r rule) (int64, error) {
	return intern(t.names.rules, r, func() (int64, error) {
		return t.number(
			`select id from rules where kind = ? and webhook = ? and hash = ? and tree is ?`,
			`insert into rules (kind, webhook, hash, tree) values (?, ?, ?, ?) returning id`,
			r.kind, r.webhook, r.hash, orNull(r.tree))
	})
}

// number gives the number of the row that find finds, or else of a new one.
func (t *tx) number(find, insert string, args ...any) (id int64, err error) {
	err = t.row(find, args, &id)
	if errors.Is(err, errNoRow) {
		err = t.row(insert, args, &id)
	}
	return id, err
}

// intern answers from memory, or asks and remembers.
func intern[K comparable](known map[K]int64, key K, ask func() (int64, error)) (int64, error) {
	if id, ok := known[key]; ok {
		return id, nil
	}
	id, err := ask()
	if err != nil {
		return 0, err
	}
	if len(known) >= internedMost {
		clear(known)
	}
	known[key] = id
	return id, nil
}

// orNull is a reference that may be absent.
func orNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}
