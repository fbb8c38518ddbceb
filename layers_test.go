package main_test

import (
	"bytes"
	"fmt"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// everything lets a room import all others: the places where they are joined.
var everything = []string{"*"}

// room is a folder of Go code and what it may know.
type room struct {
	dir     string
	ours    []string // the rooms it may import
	tests   []string // the rooms its tests may import besides
	outside []string // the modules it may import
	why     string   // why it may import no more, as a clause
}

// rooms is the architecture: a room imports only rooms above it. A folder with
// Go code that is not in the table is no room, and a change of the table is a
// change of the architecture.
var rooms = slices.Concat([]room{
	{
		dir: "engine",
		why: "the core decides and does nothing, so that a run replays the same everywhere",
	},
	{
		dir: "engine/spelling",
		why: "the likeness of two names is the same for whoever asks",
	},
	{
		dir: "engine/masking",
		why: "what a secret looks like elsewhere is the same for whoever revealed it",
	},
	{
		dir: "engine/handlers", ours: []string{"engine", "engine/masking"},
		outside: []string{"golang.org/x/text"}, // the character sets of other people's answers
		why:     "a handler is given what it needs, and knows neither the language nor who calls it",
	},
	{
		dir: "trees/expression", ours: []string{"engine", "engine/spelling"},
		outside: []string{"github.com/expr-lang/expr"},
		why:     "an expression sees a scope and nothing else",
	},
	{
		dir: "trees", ours: []string{"engine", "engine/spelling", "trees/expression"}, tests: []string{"engine/handlers"},
		outside: []string{"gopkg.in/yaml.v3", "github.com/fsnotify/fsnotify"},
		why:     "a tree is text and its meaning, whoever runs it",
	},
	{
		dir: "trees/kinetic", ours: []string{"engine", "trees", "trees/expression"},
		why: "it translates between two languages and touches nothing else",
	},
	{
		dir: "webhooks/event", ours: []string{"engine", "engine/spelling"},
		why: "an event is a fact, whoever wants it",
	},
	{
		dir: "webhooks", ours: []string{"engine", "trees", "trees/expression", "webhooks/event"},
		outside: []string{"gopkg.in/yaml.v3"},
		why:     "a webhook is a rule; who stores and delivers by it is not its business",
	},
	{
		dir: "webhooks/delivery", ours: []string{"engine", "webhooks", "webhooks/event"},
		tests: []string{"webhooks/egress"},
		why:   "delivery gets its client, guarded, from outside",
	},
	{
		dir: "webhooks/subscription",
		ours: []string{
			"engine", "engine/spelling", "trees", "trees/expression", "webhooks", "webhooks/event", "webhooks/delivery",
		},
		tests:   []string{"store/memory"},
		outside: []string{"gopkg.in/yaml.v3"},
		why:     "one service carries out what all dialects ask for, and knows none of them",
	},
	{
		dir:   "webhooks/resolve",
		ours:  []string{"engine", "trees", "trees/expression", "webhooks", "webhooks/event", "webhooks/delivery", "webhooks/subscription"},
		tests: []string{"webhooks/kinetic"},
		why:   "resolution is a function of the event and the definitions",
	},
	{
		dir: "webhooks/egress", outside: []string{"code.dny.dev/ssrf"},
		why: "the guard stands alone, so that it can be read alone",
	},
	{
		dir:     "webhooks/source",
		ours:    []string{"engine", "engine/spelling", "trees", "webhooks/event", "webhooks/delivery"}, // delivery holds the proofs that we make as well
		outside: []string{"gopkg.in/yaml.v3"},
		why:     "an inbound webhook becomes an event and nothing more",
	},
	{
		dir: "webhooks/registration", ours: []string{"webhooks/source"},
		why: "it calls vendors by a client that is handed to it, and remembers nothing",
	},
	{
		dir: "examples/binarytest", // it is tests, in files that rooms with tests of the binary import
		why: "it starts programs from outside, and links nothing of what they are made of",
	},
	{
		dir:     "webhooks/dialecttest",
		ours:    []string{"examples/binarytest", "engine", "webhooks", "webhooks/event", "webhooks/delivery", "webhooks/subscription"},
		outside: []string{"github.com/google/go-cmp", "github.com/getkin/kin-openapi", "gopkg.in/yaml.v3"}, // it is tests, in files that dialects import
		why:     "the conformance suite knows what a dialect is, and none of them",
	},
	dialect("webhooks/kinetic"),
}, dialectRooms(), []room{
	{
		dir: "jobs",
		ours: []string{
			"engine", "engine/masking", "trees", "trees/expression", "webhooks", "webhooks/event", "webhooks/resolve",
			"webhooks/delivery", "webhooks/subscription",
		},
		tests:   []string{"engine/handlers", "store/memory", "webhooks/egress"},
		outside: []string{"github.com/google/uuid", "golang.org/x/sync"},
		why:     "the durable shell knows neither HTTP nor SQL; it declares the store that it needs",
	},
	{
		dir: "server/accounts", ours: []string{"engine"}, tests: []string{"store/memory"},
		outside: []string{"golang.org/x/crypto", "golang.org/x/sync", "github.com/google/uuid"},
		why:     "who may do what is a rule of its own, with no HTTP in it",
	},
	store("memory"),
	store("sqlite", "modernc.org/sqlite", "github.com/klauspost/compress", "github.com/google/uuid"),
	store("postgres", "github.com/jackc/pgx"),
	store("storetest", "github.com/google/go-cmp", "pgregory.net/rapid"), // it is tests, in files that stores import
	{
		dir: "jobs/temporal", ours: []string{"engine", "jobs"}, outside: []string{"go.temporal.io"},
		why: "it carries work between machines and keeps no truth of its own",
	},
	{
		dir: "server", ours: served, tests: []string{"engine/handlers", "store/memory", "webhooks/egress", "server/oauth"},
		outside: []string{
			"github.com/gofiber/fiber", "github.com/valyala/fasthttp", "github.com/danielgtaylor/huma",
			"github.com/prometheus/client_golang", "github.com/google/uuid",
		},
		why: "it speaks HTTP over the services and mounts what it is handed; the store is joined in wire.go",
	},
	{
		dir: "server/kinetic", ours: slices.Concat(served, []string{"server", "webhooks/kinetic"}),
		tests:   []string{"engine/handlers", "store/memory"},
		outside: []string{"gopkg.in/yaml.v3", "github.com/google/uuid"},
		why:     "the vendor's API is plain requests and responses, so that it runs under any server",
	},
	{
		dir: "server/resthooks", ours: slices.Concat(served, []string{"server"}),
		tests: []string{"store/memory", "webhooks/dialecttest"},
		why:   "it carries requests between the server and dialects that it is handed, and speaks none of them",
	},
	{
		dir: "server/inbound", ours: slices.Concat(served, []string{"server"}),
		tests:   []string{"store/memory", "engine/handlers"},
		outside: []string{"github.com/google/uuid"},
		why:     "it is plain requests and responses; what a delivery proves and becomes is webhooks/source's",
	},
	{
		dir: "server/oauth", ours: []string{"webhooks/event", "webhooks/subscription", "server/accounts", "server"},
		tests: slices.Concat([]string{"store/memory"}, dirsOf(dialectRooms())),
		why:   "a token call is a plain request and response; who gets what is decided by accounts, and in which form by dialects that it is handed",
	},
	{
		dir: "server/ui",
		why: "it embeds the built pages, which know only the API",
	},
	{dir: "examples/receiver", ours: []string{"webhooks/delivery"}, why: "it is the other side, and only checks what was signed"},
	{dir: "examples", ours: everything, why: "they show what users can do, with no library of their own"},
	{
		dir: "bench", ours: everything,
		outside: []string{"github.com/gofiber/fiber", "github.com/valyala/fasthttp", "modernc.org/sqlite", "github.com/google/uuid"},
		why:     "its floors need the bare libraries and nothing more",
	},
	{
		dir: ".", ours: everything,
		outside: []string{
			"github.com/alecthomas/kong", "gopkg.in/yaml.v3", "github.com/mattn/go-isatty", "github.com/fsnotify/fsnotify",
			"github.com/dustin/go-humanize", "github.com/schollz/progressbar",
			"github.com/google/uuid", // wire.go hands out identifiers, as it hands out the clock
			"golang.org/x/term",      // a password is typed unseen
		},
		why: "the root joins rooms and reads flags; anything else belongs into a room",
	},
})

// served are the rooms whose services the server offers.
var served = []string{
	"engine", "trees", "trees/expression", "webhooks", "webhooks/event", "webhooks/resolve", "webhooks/delivery",
	"webhooks/source", "webhooks/subscription", "jobs", "server/accounts",
}

// dialectRooms are the dialects of REST hooks that there are: another one is
// another folder, and needs no row.
func dialectRooms() []room {
	files, err := filepath.Glob("webhooks/*/dialect.go")
	if err != nil {
		panic(err)
	}
	var found []room
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte("\nfunc Dialect() subscription.Dialect {")) {
			found = append(found, dialect(filepath.ToSlash(filepath.Dir(file)), "gopkg.in/yaml.v3"))
		}
	}
	return found
}

func dirsOf(rooms []room) []string {
	dirs := make([]string, len(rooms))
	for i := range rooms {
		dirs[i] = rooms[i].dir
	}
	return dirs
}

// dialect is the room of one dialect.
func dialect(dir string, outside ...string) room {
	return room{
		dir: dir, ours: []string{"engine", "engine/spelling", "webhooks", "webhooks/event", "webhooks/delivery", "webhooks/subscription"},
		tests: []string{"webhooks/dialecttest"}, outside: outside,
		why: "dialects never meet; what two of them share belongs into webhooks",
	}
}

// store is the room of one implementation of the stores that others declare.
func store(name string, outside ...string) room {
	return room{
		dir: "store/" + name, outside: outside,
		ours: []string{
			"engine", "trees", "trees/kinetic", "webhooks", "webhooks/event", "webhooks/resolve", "webhooks/delivery",
			"webhooks/subscription", "jobs", "server/accounts",
		},
		tests: []string{"store/storetest"},
		why:   "a store keeps what the rooms above declare, and only it knows its database",
	}
}

// testLibraries are what tests of every room may import.
var testLibraries = []string{
	"github.com/google/go-cmp", "golang.org/x/tools/txtar", "github.com/santhosh-tekuri/jsonschema",
	"gopkg.in/yaml.v3", "pgregory.net/rapid",
	"golang.org/x/oauth2", // a real client of token calls
}

// scarce names standard packages that only some rooms may import, and why.
var scarce = []struct {
	pkg   string
	rooms []string // each with the rooms below it
	why   string
}{
	{
		"net/http",
		// jobs and the stores keep requests and answers, so they need http.Header.
		[]string{"engine/handlers", "webhooks", "jobs", "store", "server", "bench", "examples", "."},
		"what decides does not speak HTTP",
	},
	{
		"database/sql",
		[]string{"store/sqlite", "store/postgres", "engine/handlers", "bench"},
		"the only SQL of our own data is in the stores",
	},
}

// engineLibrary is the part of the standard library that computes and does
// nothing else: no clock, no file, no socket, no goroutine, no randomness.
var engineLibrary = []string{
	"bytes", "cmp", "crypto/hmac", "crypto/sha1", "crypto/sha256", "crypto/sha512", "encoding", "encoding/base64", "encoding/binary", "encoding/hex",
	"encoding/json", "errors", "fmt", "hash", "hash/fnv", "io", "iter", "maps", "math", "math/big", "math/bits", "net/url",
	"reflect", "regexp", "slices", "sort", "strconv", "strings", "time", "unicode", "unicode/utf8",
}

func TestRooms_importOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()

	for _, fault := range importFaults(repository(t)) {
		t.Error(fault)
	}
}

// importFaults returns a sentence for each import that the table forbids.
func importFaults(sources []source) []string {
	var faults []string
	for _, s := range sources {
		i := slices.IndexFunc(rooms, func(r room) bool { return r.dir == s.dir() })
		if i < 0 {
			faults = append(faults, fmt.Sprintf("%s: %s is no room of the table in layers_test.go; "+
				"put the file into a room, or add the room with what it may import and why", s.path, s.dir()))
			continue
		}
		for _, spec := range s.file.Imports {
			if rule := rooms[i].forbids(importPath(spec), s.isTest()); rule != "" {
				faults = append(faults, fmt.Sprintf("%s imports %q, but %s (the table in layers_test.go)",
					s.at(spec.Pos()), importPath(spec), rule))
			}
		}
	}
	return faults
}

// forbids returns the rule that pkg breaks in r with its reason, or "".
func (r room) forbids(pkg string, inTest bool) string {
	first, _, _ := strings.Cut(pkg, "/")
	switch {
	case first == "hooktree":
		return r.forbidsOurs(strings.TrimPrefix(pkg, "hooktree/"), inTest)
	case strings.Contains(first, "."):
		return r.forbidsOutside(pkg, inTest)
	case inTest:
		return ""
	default:
		return r.forbidsStandard(pkg)
	}
}

func (r room) forbidsOurs(dir string, inTest bool) string {
	if dir == r.dir || slices.Contains(r.ours, "*") || slices.Contains(r.ours, dir) {
		return ""
	}
	if inTest && slices.Contains(r.tests, dir) {
		return ""
	}
	return fmt.Sprintf("of our own rooms %s may import %s: %s", r.name(), list(r.ours), r.why)
}

func (r room) forbidsOutside(pkg string, inTest bool) string {
	allowed := func(module string) bool { return within(pkg, module) }
	if slices.ContainsFunc(r.outside, allowed) || inTest && slices.ContainsFunc(testLibraries, allowed) {
		return ""
	}
	if inTest && r.dir == "." && within(pkg, "golang.org/x/tools") {
		return ""
	}
	return fmt.Sprintf("of other people's modules %s may import %s: %s", r.name(), list(r.outside), r.why)
}

func (r room) forbidsStandard(pkg string) string {
	if r.dir == "engine" && !slices.Contains(engineLibrary, pkg) {
		return "engine may import only the part of the standard library that computes: " + r.why
	}
	for _, s := range scarce {
		allowed := slices.ContainsFunc(s.rooms, func(dir string) bool { return within(r.dir, dir) })
		if pkg == s.pkg && !allowed {
			return fmt.Sprintf("%s: %s", list(s.rooms)+" may", s.why)
		}
	}
	return ""
}

// name is r in a sentence.
func (r room) name() string {
	if r.dir == "." {
		return "the root"
	}
	return r.dir
}

// within reports whether name is root or lies below it, by path elements.
func within(name, root string) bool {
	return name == root || strings.HasPrefix(name, root+"/")
}

// list joins names for a sentence.
func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return "only " + strings.Join(names, ", ")
}

func TestRooms_eachFaultIsFound(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name    string
		file    string
		imports string
		want    string // part of the sentence; empty for no fault
	}{
		{"the core may compute", "engine/a.go", "strings", ""},
		{"the core may not read files", "engine/a.go", "os", `engine/a.go:3 imports "os", but engine may import only the part`},
		{"the core may not take a context", "engine/a.go", "context", "only the part of the standard library"},
		{"the core knows no room", "engine/a.go", "hooktree/trees", "engine may import nothing: the core decides"},
		{"the core needs no library", "engine/a.go", "gopkg.in/yaml.v3", "engine may import nothing"},
		{"a test of the core may read files", "engine/a_test.go", "os", ""},
		{"a test of the core may compare", "engine/a_test.go", "github.com/google/go-cmp/cmp", ""},
		{"a test of the core knows no store", "engine/a_test.go", "hooktree/store/memory", "engine may import nothing"},
		{"trees know the core", "trees/a.go", "hooktree/engine", ""},
		{"trees do not know jobs", "trees/a.go", "hooktree/jobs", "trees may import only engine, engine/spelling, trees/expression"},
		{"trees do not speak HTTP", "trees/a.go", "net/http", "what decides does not speak HTTP"},
		{"a sub-room is not its room", "webhooks/event/a.go", "hooktree/webhooks", "an event is a fact"},
		{"dialects never meet", "webhooks/keap/a.go", "hooktree/webhooks/accelo", "dialects never meet"},
		{"webhooks speak HTTP", "webhooks/delivery/a.go", "net/http", ""},
		{"jobs hold no SQL", "jobs/a.go", "database/sql", "the only SQL"},
		{"jobs are tested on memory", "jobs/a_test.go", "hooktree/store/memory", ""},
		{"jobs do not know a store", "jobs/a.go", "hooktree/store/memory", "it declares the store"},
		{"fiber is the server's", "server/kinetic/a.go", "github.com/gofiber/fiber/v2", "runs under any server"},
		{"a module's name is not a prefix", "server/a.go", "github.com/gofiber/fiberx", "server may import only"},
		{"the root joins everything", "a.go", "hooktree/store/sqlite", ""},
		{"the root needs few libraries", "a.go", "github.com/gofiber/fiber/v2", "the root may import only"},
		{"an unknown folder is no room", "engine/util/a.go", "fmt", "engine/util is no room"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			text := fmt.Sprintf("package %s\n\nimport %q\n", path.Base(path.Dir("x/"+tt.file)), tt.imports)
			faults := importFaults([]source{parseSource(t, token.NewFileSet(), tt.file, text)})
			checkFaults(t, faults, tt.want)
		})
	}
}

// checkFaults wants one fault that contains want, or none where want is empty.
func checkFaults(t *testing.T, faults []string, want string) {
	t.Helper()

	switch {
	case want == "" && len(faults) > 0:
		t.Errorf("faults = %q; want none", faults)
	case want != "" && (len(faults) != 1 || !strings.Contains(faults[0], want)):
		t.Errorf("faults = %q; want one with %q", faults, want)
	}
}

func TestRooms_standInOrder(t *testing.T) {
	t.Parallel()

	above := []string{"*"}
	for _, r := range rooms {
		for _, dir := range r.ours {
			if !slices.Contains(above, dir) {
				t.Errorf("%s may import %s, which is not above it in the table", r.name(), dir)
			}
		}
		above = append(above, r.dir)
	}
}
