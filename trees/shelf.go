package trees

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// What a shelf answers besides success. An edit that would leave the space with
// a fault fails with the [Faults] themselves.
var (
	// ErrNotFound says that there is no such tree, or no such version.
	ErrNotFound = errors.New("no such tree")
	// ErrConflict says that the tree was changed since it was read.
	ErrConflict = errors.New("the tree was changed in the meantime")
)

// ShelfOptions are what a shelf is made of.
type ShelfOptions struct {
	Versions  Versions
	Directory Directory // nil: the store alone holds the space
	Prepare   Prepare
	Now       func() time.Time
	Cache     int // compiled versions that are kept besides the active ones; zero is 256
}

// Shelf holds the active library. Reading it never waits; changes happen one at
// a time and all or nothing: a space with a fault leaves the last good one
// active, and the faults are told by [Shelf.Faults].
type Shelf struct {
	options ShelfOptions
	library atomic.Pointer[Library]
	faults  atomic.Pointer[Faults]
	old     *cache

	mu       sync.Mutex        // one change at a time
	active   map[string]Active // what the store holds, by name
	listener []func(*Library)
}

// NewShelf makes an empty shelf; [Shelf.Start] fills it.
func NewShelf(options ShelfOptions) *Shelf {
	if options.Cache == 0 {
		options.Cache = 256
	}
	s := &Shelf{options: options, old: newCache(options.Cache), active: make(map[string]Active)}
	s.library.Store(newLibrary(Environment{Space: &Space{Source: DefaultSource}}, nil, nil))
	s.faults.Store(new(Faults))
	return s
}

// Library is the active snapshot; never nil.
func (s *Shelf) Library() *Library { return s.library.Load() }

// Faults are what is wrong with the files on disk that are therefore not
// active; empty when all is well.
func (s *Shelf) Faults() Faults { return *s.faults.Load() }

// OnPublish calls f with each library that becomes active, in order, before
// the change returns. It is to be called before Start; f must not change the
// shelf.
func (s *Shelf) OnPublish(f func(*Library)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener = append(s.listener, f)
}

// Start loads the space. Faults in files do not stop it: then the last good
// version that the store holds is active, or, where there is none, the files
// that have no fault. The error is one of the store.
func (s *Shelf) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	active, err := s.options.Versions.Active(ctx)
	if err != nil {
		return fmt.Errorf("load the active trees: %w", err)
	}
	for _, a := range active {
		s.active[a.Name] = a
	}
	err = s.reloadLocked(ctx)
	faults, broken := errors.AsType[Faults](err)
	if !broken {
		return err
	}
	library, err := s.lastGoodLocked(ctx)
	if err != nil {
		return err
	}
	s.faults.Store(&faults)
	return s.publishLocked(ctx, library, edit{Origin: OriginFile, drift: s.driftLocked(), keep: true})
}

// Reload reads the files again and makes them active, unless one has a fault:
// then its error is the Faults, and the old library stays.
func (s *Shelf) Reload(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reloadLocked(ctx)
}

func (s *Shelf) reloadLocked(ctx context.Context) error {
	files, drift, err := s.filesLocked(ctx)
	if err != nil {
		faults := unreadable(err)
		s.faults.Store(&faults)
		return faults
	}
	library, faults := Load(files, s.options.Prepare)
	if library == nil {
		fatal := faults.Fatal()
		s.faults.Store(&fatal)
		return fatal
	}
	if err := s.publishLocked(ctx, library, edit{Origin: OriginFile, drift: drift}); err != nil {
		return err
	}
	s.faults.Store(new(Faults))
	return nil
}

// unreadable tells a directory that cannot be read as a fault of the space.
func unreadable(err error) Faults {
	src := newSource(SpaceFile, nil)
	src.fault(span{}, "look at the directory and its permissions", "the space cannot be read: %v", err)
	return src.result()
}

// filesLocked gives the files of the directory with the edits laid over them
// that could not be written there, and which of those still hold.
func (s *Shelf) filesLocked(ctx context.Context) ([]File, map[string]Active, error) {
	var files []File
	if s.options.Directory != nil {
		var err error
		if files, err = s.options.Directory.Files(); err != nil {
			return nil, nil, err
		}
	}
	holds := make(map[string]Active)
	for _, name := range sortedKeys(s.active) {
		a := s.active[name]
		if s.options.Directory != nil {
			if !a.Drift || a.Base != sumOf(files, a.File) {
				continue // on disk, or changed there since: the directory wins
			}
			holds[name] = a
		}
		files = slices.DeleteFunc(files, func(f File) bool { return f.Path == a.File })
		if a.Hash == "" {
			continue
		}
		v, err := s.options.Versions.Version(ctx, a.Hash)
		if err != nil {
			return nil, nil, fmt.Errorf("load %s: %w", name, err)
		}
		files = append(files, File{Path: a.File, Content: v.Content, Modified: v.Made})
	}
	return files, holds, nil
}

// sumOf is the SHA-256 of a file's content; empty when it is not there.
func sumOf(files []File, path string) string {
	for _, f := range files {
		if f.Path == path {
			return sum(f.Content)
		}
	}
	return ""
}

func sum(content []byte) string {
	h := sha256.Sum256(content)
	return hex.EncodeToString(h[:])
}

// Drift lists the edits that the directory does not have, by name, because it
// could not be written. Each holds until its file is changed there.
func (s *Shelf) Drift() []Active {
	s.mu.Lock()
	defer s.mu.Unlock()
	drift := s.driftLocked()
	list := make([]Active, 0, len(drift))
	for _, name := range sortedKeys(drift) {
		list = append(list, drift[name])
	}
	return list
}

// driftLocked lists the edits that are not in the directory.
func (s *Shelf) driftLocked() map[string]Active {
	drift := make(map[string]Active)
	for name, a := range s.active {
		if a.Drift {
			drift[name] = a
		}
	}
	return drift
}

// lastGoodLocked gives what was active last; where nothing was, the files of
// the directory that have no fault.
func (s *Shelf) lastGoodLocked(ctx context.Context) (*Library, error) {
	var files []File
	for _, name := range sortedKeys(s.active) {
		a := s.active[name]
		if a.Hash == "" {
			continue
		}
		v, err := s.options.Versions.Version(ctx, a.Hash)
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", name, err)
		}
		files = append(files, File{Path: a.File, Content: v.Content, Modified: v.Made})
	}
	if len(s.active) == 0 && s.options.Directory != nil {
		files, _ = s.options.Directory.Files() // unreadable ones are told already
	}
	return sound(files, s.options.Prepare), nil
}

// sound loads what has no fault, by leaving out the files that have one until
// none is left.
func sound(files []File, prepare Prepare) *Library {
	for {
		library, faults := load(files, prepare, true)
		if library != nil {
			return library
		}
		bad := make(map[string]bool)
		for _, f := range faults.Fatal() {
			bad[f.File] = true
		}
		rest := slices.DeleteFunc(slices.Clone(files), func(f File) bool { return bad[f.Path] })
		if len(rest) == len(files) { // the fault is in no file that could be left out
			return newLibrary(Environment{Space: &Space{Source: DefaultSource}}, nil, nil)
		}
		files = rest
	}
}

// edit says who changed what, for what is published.
type edit struct {
	Author string
	Origin Origin
	drift  map[string]Active // edits that are not in the directory, by name
	keep   bool              // what the library leaves out stays active in the store
}

// publishLocked saves what is new in a library and makes it the active one.
func (s *Shelf) publishLocked(ctx context.Context, library *Library, e edit) error {
	active := activeOf(library)
	for name, d := range e.drift {
		a := active[name]
		a.Name, a.File, a.Drift, a.Base = name, d.File, true, d.Base
		active[name] = a
	}
	change := Change{}
	for _, name := range sortedKeys(active) {
		if a := active[name]; a != s.active[name] {
			change.Active = append(change.Active, a)
			if a.Hash != "" && a.Hash != s.active[name].Hash {
				change.Versions = append(change.Versions, s.version(library, a, e))
			}
		}
	}
	for _, name := range sortedKeys(s.active) {
		if _, still := active[name]; still {
			continue
		}
		if e.keep {
			active[name] = s.active[name]
		} else {
			change.Retired = append(change.Retired, name)
		}
	}
	if len(change.Active)+len(change.Retired) > 0 {
		if err := s.options.Versions.Publish(ctx, change); err != nil {
			return fmt.Errorf("save the trees: %w", err)
		}
		s.active = active
	}
	s.library.Store(library)
	for _, f := range s.listener {
		f(library)
	}
	return nil
}

// activeOf lists the files of a library under their names.
func activeOf(library *Library) map[string]Active {
	active := make(map[string]Active, len(library.files))
	for _, t := range library.trees {
		name := t.Title.String()
		active[name] = Active{Name: name, File: t.File, Hash: t.Hash}
	}
	for _, f := range library.files {
		if !isTree(f.Path) {
			active[f.Path] = Active{Name: f.Path, File: f.Path, Hash: digest(f.Path, string(f.Content))}
		}
	}
	return active
}

// version makes the record of what is active under a name.
func (s *Shelf) version(library *Library, a Active, e edit) Version {
	v := Version{Hash: a.Hash, Name: a.Name, File: a.File, Author: e.Author, Origin: e.Origin, Made: s.options.Now()}
	at := slices.IndexFunc(library.files, func(f File) bool { return f.Path == a.File })
	v.Content = library.files[at].Content
	for _, t := range library.trees {
		if t.File == a.File {
			v.Routines = library.bindings(t)
		}
	}
	return v
}

// bindings lists the versions of the routines that a tree calls.
func (l *Library) bindings(t *Tree) []Binding {
	var list []Binding
	for _, title := range t.Calls {
		list = append(list, Binding{Title: title, Hash: l.env.Routines[title].Hash})
	}
	return list
}
