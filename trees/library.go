package trees

import (
	"cmp"
	"slices"

	"hooktree/engine"
)

// Library is an immutable snapshot of a space: the trees that may run, all
// checked against each other, and the files that they were read from.
type Library struct {
	space    *Space
	trees    []*Tree // sorted by title
	byTitle  map[engine.Title]*Tree
	byPath   map[string]*Tree // of the space's default source
	byHash   map[string]*Tree
	files    []File
	env      Environment
	warnings Faults
}

func newLibrary(env Environment, trees []*Tree, files []File) *Library {
	space := env.Space
	l := &Library{
		space: space, trees: slices.Clone(trees), files: files, env: env,
		byTitle: make(map[engine.Title]*Tree, len(trees)),
		byPath:  make(map[string]*Tree, len(trees)),
		byHash:  make(map[string]*Tree, len(trees)),
	}
	slices.SortFunc(l.trees, func(a, b *Tree) int { return compareTitles(a.Title, b.Title) })
	for _, t := range l.trees {
		l.byTitle[t.Title], l.byHash[t.Hash] = t, t
		if t.Path != "" && (space == nil || t.Title.Source == space.Source) {
			l.byPath[t.Path] = t
		}
		l.warnings = append(l.warnings, t.Warnings...)
	}
	l.warnings.Sort()
	return l
}

func compareTitles(a, b engine.Title) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Name, b.Name))
}

// Space is what space.yaml says; nil when trees were checked without one.
func (l *Library) Space() *Space { return l.space }

// Find gives the active version of a title, inactive trees included.
func (l *Library) Find(title engine.Title) (*Tree, bool) {
	t, ok := l.byTitle[title]
	return t, ok
}

// Path gives the tree of the space's default source that an event's path
// names, inactive ones included: `Submissions > services > laptop / Submitted`.
func (l *Library) Path(path string) (*Tree, bool) {
	t, ok := l.byPath[path]
	return t, ok
}

// Routine gives the routine that a tree of a source means by a name: that of
// its own source, else the global one.
func (l *Library) Routine(name, source string) (*Tree, bool) {
	for _, title := range routineTitles(name, source) {
		if t, ok := l.byTitle[title]; ok && t.Routine {
			return t, true
		}
	}
	return nil, false
}

// All lists the trees by title. The caller must not change the slice.
func (l *Library) All() []*Tree { return l.trees }

// Warnings lists what the trees were warned of.
func (l *Library) Warnings() Faults { return l.warnings }

// Files are the files of the space as they were read for this snapshot, by
// path: space.yaml, webhooks.yaml, events, handlers and trees. The caller must
// not change them.
func (l *Library) Files() []File { return l.files }

// version gives the active tree with a hash.
func (l *Library) version(hash string) (*Tree, bool) {
	t, ok := l.byHash[hash]
	return t, ok
}
