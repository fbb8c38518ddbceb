package trees

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"hooktree/engine"
)

// Check reads, checks and compiles the tree files among the files of a space,
// each by itself and all against each other. The library is nil when there is
// a fault; all faults and warnings of all files are told.
func Check(files []File, env Environment) (*Library, Faults) {
	env.Routines = maps.Clone(env.Routines)
	if env.Routines == nil {
		env.Routines = make(map[engine.Title]Signature)
	}
	parsers := openAll(files, &env)
	var trees []*Tree
	for _, p := range parsers {
		p.env = env
		p.finish()
		if !p.failed() {
			trees = append(trees, p.tree)
		}
	}
	sealAll(trees, env.Routines)
	var faults Faults
	failed := false
	trees = trees[:0]
	for _, p := range parsers {
		if p.failed() {
			failed = true
			faults = append(faults, p.result()...)
			continue
		}
		tree, told := p.done()
		faults = append(faults, told...)
		failed = failed || tree == nil
		trees = append(trees, tree)
	}
	faults.Sort()
	if failed {
		return nil, faults
	}
	for _, t := range trees {
		if t.Routine {
			env.Routines[t.Title] = t.Signature()
		}
	}
	return newLibrary(env, trees, files), faults
}

// openAll opens the tree files and makes the routines among them known.
func openAll(files []File, env *Environment) []*parser {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	var parsers []*parser
	titles := make(map[engine.Title]*parser)
	for _, f := range files {
		if !isTree(f.Path) {
			continue
		}
		p := newParser(f.Path, f.Content, *env)
		p.tree.Modified = f.Modified
		parsers = append(parsers, p)
		if !strings.HasSuffix(f.Path, ".yaml") {
			p.fault(span{}, "rename it", "tree files end in .yaml")
			continue
		}
		p.open()
		title := p.tree.Title
		if title == (engine.Title{}) {
			continue
		}
		if first, twice := titles[title]; twice {
			p.fault(p.at(p.titleNode()), "titles are unique in a space", "%q is defined in %s already", title, first.file)
			continue
		}
		titles[title] = p
		if p.tree.Routine {
			env.Routines[title] = p.tree.Signature()
		}
	}
	return parsers
}

// Prepare makes the environment of a space's trees from its files: the caller
// reads events, handlers and webhooks there. Its faults count as the trees' do.
type Prepare func(files []File, space *Space) (Environment, Faults)

// Load reads a whole space: space.yaml, what prepare makes of the other files,
// and the trees. The library is nil when there is a fault in any file.
func Load(files []File, prepare Prepare) (*Library, Faults) {
	return load(files, prepare, false)
}

// load loads a space. Lenient goes on without space.yaml.
func load(files []File, prepare Prepare, lenient bool) (*Library, Faults) {
	space, faults := spaceOf(files, lenient)
	if space == nil {
		space = &Space{Source: DefaultSource}
	}
	env, told := prepare(files, space)
	env.Space = space
	faults = append(faults, told...)
	library, told := Check(files, env)
	faults = append(faults, told...)
	faults.Sort()
	if len(faults.Fatal()) > 0 {
		return nil, faults
	}
	return library, faults
}

func spaceOf(files []File, lenient bool) (*Space, Faults) {
	at := slices.IndexFunc(files, func(f File) bool { return f.Path == SpaceFile })
	switch {
	case at >= 0:
		return ParseSpace(SpaceFile, files[at].Content)
	case lenient:
		return nil, nil
	}
	s := newSource(SpaceFile, nil)
	s.fault(span{}, "add space.yaml with at least `slug: NAME`", "the space has no space.yaml")
	return nil, s.result()
}
