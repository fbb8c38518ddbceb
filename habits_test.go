package main_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
	"testing"
)

// habit is a check over all sources that returns a sentence for each fault.
type habit func([]source) []string

func TestRepository_keepsItsHabits(t *testing.T) {
	t.Parallel()

	sources := repository(t)
	tests := []struct {
		name  string
		check habit
	}{
		{"every package says what it is for", undocumented},
		{"names say purpose", nameless},
		{"nothing happens before main", initializers},
		{"tests never sleep", sleepers},
		{"the core has no clock, chance or company", impurities},
		{"the core walks maps in order", unordered},
		{"only egress dials out", dialers},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			for _, fault := range tt.check(sources) {
				t.Error(fault)
			}
		})
	}
}

// undocumented finds packages whose files have no package comment.
func undocumented(sources []source) []string {
	documented := map[string]bool{}
	for _, s := range sources {
		if !s.isTest() {
			documented[s.dir()] = documented[s.dir()] || s.file.Doc != nil
		}
	}
	var faults []string
	for dir, ok := range documented {
		if !ok {
			faults = append(faults, fmt.Sprintf("%s has no package comment; "+
				"say in one file above its package clause what it is for, and what it is not", dir))
		}
	}
	return faults
}

// nameless finds packages whose name says where things were put, not why.
func nameless(sources []source) []string {
	empty := []string{"util", "utils", "common", "helper", "helpers", "model", "models", "types", "pkg", "misc", "base"}

	var faults []string
	for _, s := range sources {
		name := strings.TrimSuffix(s.file.Name.Name, "_test")
		if slices.Contains(empty, name) || slices.Contains(empty, path.Base(s.dir())) {
			faults = append(faults, fmt.Sprintf("%s: a package called %s may hold anything; name it after its purpose",
				s.path, name))
		}
	}
	return faults
}

// initializers finds init functions.
func initializers(sources []source) []string {
	var faults []string
	for _, s := range sources {
		for _, decl := range s.file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				faults = append(faults, s.at(fn.Pos())+
					" has an init function; register in wire.go, where it can be read and left out")
			}
		}
	}
	return faults
}

// sleepers finds tests that wait for time to pass.
func sleepers(sources []source) []string {
	var faults []string
	for _, s := range sources {
		if !s.isTest() {
			continue
		}
		s.uses(func(pos token.Pos, pkg, name string) {
			if pkg == "time" && name == "Sleep" {
				faults = append(faults, s.at(pos)+" sleeps; a sleep is too long or too short, "+
					"so wait for what it waits for, or move a clock that the test controls")
			}
		})
	}
	return faults
}

// pure are the rooms whose answers depend on their arguments alone.
var pure = []string{"engine", "engine/spelling", "engine/masking", "trees/expression"}

// clocks are the functions of package time that read a clock or wait for one.
var clocks = []string{
	"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Local", "LoadLocation",
}

// doing are the packages that reach past the arguments, with what is below
// them; net/url only takes text apart.
var doing = []string{"os", "net", "syscall", "math/rand", "crypto/rand", "runtime", "sync", "io/ioutil", "log"}

// impurities finds what makes a pure room depend on more than its arguments.
func impurities(sources []source) []string {
	var faults []string
	for _, s := range sources {
		if s.isTest() || !slices.Contains(pure, s.dir()) {
			continue
		}
		fault := func(pos token.Pos, what string) {
			faults = append(faults, fmt.Sprintf("%s %s; %s is pure, so times, results and chance reach it as arguments",
				s.at(pos), what, s.dir()))
		}
		for _, spec := range s.file.Imports {
			pkg := importPath(spec)
			if pkg == "sync" && s.dir() == "trees/expression" {
				continue // keeps the machines of evaluations for the next ones; no result depends on it
			}
			if pkg != "net/url" && slices.ContainsFunc(doing, func(d string) bool { return within(pkg, d) }) {
				fault(spec.Pos(), "imports "+pkg)
			}
		}
		s.uses(func(pos token.Pos, pkg, name string) {
			if pkg == "time" && slices.Contains(clocks, name) {
				fault(pos, "uses time."+name)
			}
		})
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.GoStmt:
				fault(n.Pos(), "starts a goroutine")
			case *ast.SelectStmt, *ast.SendStmt, *ast.ChanType:
				fault(n.Pos(), "uses a channel")
			}
			return true
		})
	}
	return faults
}

// unordered finds walks over maps in the core: their order differs from one
// process to the next, and a replay with it.
func unordered(sources []source) []string {
	var core []source
	for _, s := range sources {
		if s.dir() == "engine" && !s.isTest() {
			core = append(core, s)
		}
	}
	if len(core) == 0 {
		return nil
	}
	info, err := typesOf(core)
	if err != nil {
		return []string{"engine does not compile: " + err.Error()}
	}
	var faults []string
	for _, s := range core {
		excused := anyOrder(s)
		ast.Inspect(s.file, func(n ast.Node) bool {
			if pos := mapWalk(n, info); pos.IsValid() && !excused[s.at(pos)] {
				faults = append(faults, s.at(pos)+" walks a map, whose order is chance; "+
					"walk slices.Sorted(maps.Keys(m)), or say in a comment on that line why the order can't matter")
			}
			return true
		})
	}
	return faults
}

// anyOrder returns the lines of s whose comment speaks of the order.
func anyOrder(s source) map[string]bool {
	lines := map[string]bool{}
	for _, group := range s.file.Comments {
		for _, comment := range group.List {
			if strings.Contains(comment.Text, "order") {
				lines[s.at(comment.Pos())] = true
			}
		}
	}
	return lines
}

// typesOf type-checks the files of one package that imports only the standard
// library.
func typesOf(files []source) (*types.Info, error) {
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	parsed := make([]*ast.File, 0, len(files))
	for _, s := range files {
		parsed = append(parsed, s.file)
	}
	fset := files[0].fset
	config := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	_, err := config.Check("hooktree/"+files[0].dir(), fset, parsed, info)
	return info, err
}

// mapWalk returns where n walks a map in the map's own order, by a range or by
// an iterator that is not sorted at once.
func mapWalk(n ast.Node, info *types.Info) token.Pos {
	switch n := n.(type) {
	case *ast.RangeStmt:
		if _, ok := info.TypeOf(n.X).Underlying().(*types.Map); ok || isIterator(n.X, info) {
			return n.Pos()
		}
	case *ast.CallExpr:
		sorts := strings.HasPrefix(funcName(n, info), "slices.Sorted")
		for _, arg := range n.Args {
			if !sorts && isIterator(arg, info) {
				return arg.Pos()
			}
		}
	}
	return token.NoPos
}

// isIterator reports whether x is an iterator over a map.
func isIterator(x ast.Expr, info *types.Info) bool {
	call, ok := x.(*ast.CallExpr)
	return ok && slices.Contains([]string{"maps.Keys", "maps.Values", "maps.All"}, funcName(call, info))
}

// funcName returns the package and name of the function that call calls, or
// "" where it calls a method or a variable.
func funcName(call *ast.CallExpr, info *types.Info) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	fn, ok := info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Signature().Recv() != nil {
		return ""
	}
	return fn.Pkg().Path() + "." + fn.Name()
}

// dials are the names that open a connection past the guard in egress.
var dials = map[string][]string{
	"net": {"Dial", "DialTCP", "DialUDP", "DialUnix", "DialIP", "DialTimeout", "Dialer"},
	"net/http": {
		"Get", "Head", "Post", "PostForm", "Client", "Transport", "DefaultClient", "DefaultTransport", "ProxyFromEnvironment",
	},
	"crypto/tls":        {"Dial", "DialWithDialer", "Dialer"},
	"net/http/httputil": {"ReverseProxy", "NewSingleHostReverseProxy", "NewClientConn", "NewProxyClientConn"},
	"net/rpc":           {"Dial", "DialHTTP", "DialHTTPPath"},
	"net/smtp":          {"Dial", "SendMail"},
	"syscall":           {"Connect", "Socket"},
	"github.com/valyala/fasthttp": {
		"Client", "HostClient", "PipelineClient", "LBClient", "TCPDialer",
		"Dial", "DialTimeout", "DialDualStack", "DialDualStackTimeout", "Do", "DoTimeout", "DoDeadline", "DoRedirects",
		"Get", "GetTimeout", "GetDeadline", "Post",
	},
	"github.com/gofiber/fiber/v2": {
		"Client", "AcquireClient", "AcquireAgent", "Get", "Head", "Post", "Put", "Patch", "Delete",
	},
}

// dialing are the places that may open connections past the guard: folders with
// a reason, and of the root, where everything is joined, one file.
var dialing = []string{
	"webhooks/egress",      // the guard
	"bench",                // drives a server on loopback
	"webhooks/dialecttest", // the same: it is tests
	"examples/binarytest",  // the same
	"api_client.go",        // commands are clients of a server that the user names
}

// dialers finds connections to the outside that the address guard can't see.
// A pointer to a client as an argument is how a room gets the guarded one.
func dialers(sources []source) []string {
	var faults []string
	for _, s := range sources {
		if s.isTest() || slices.Contains(dialing, s.dir()) || slices.Contains(dialing, s.path) {
			continue
		}
		pointed := map[token.Pos]bool{} // *http.Client as a type
		ast.Inspect(s.file, func(n ast.Node) bool {
			if star, ok := n.(*ast.StarExpr); ok {
				pointed[star.X.Pos()] = true
			}
			return true
		})
		s.uses(func(pos token.Pos, pkg, name string) {
			if slices.Contains(dials[pkg], name) && !pointed[pos] {
				faults = append(faults, fmt.Sprintf("%s uses %s.%s; only webhooks/egress dials out, behind its "+
					"address guard, so take a *http.Client or a dialer as an argument", s.at(pos), path.Base(pkg), name))
			}
		})
	}
	return faults
}

func TestHabits_eachFaultIsFound(t *testing.T) {
	t.Parallel()

	const core = "// Package engine decides.\npackage engine\n"
	tests := []struct {
		name  string
		check habit
		file  string
		text  string
		want  string // part of the sentence; empty for no fault
	}{
		{"a package with a comment", undocumented, "jobs/a.go", "// Package jobs works.\npackage jobs", ""},
		{"a package without a comment", undocumented, "jobs/a.go", "package jobs", "jobs has no package comment"},
		{"a comment that is not attached", undocumented, "jobs/a.go", "// Jobs.\n\npackage jobs", "no package comment"},

		{"a name with a purpose", nameless, "jobs/a.go", "package jobs", ""},
		{"an empty name", nameless, "jobs/a.go", "package util", "a package called util"},
		{"an empty folder name", nameless, "helpers/a.go", "package jobs", "name it after its purpose"},

		{"a method called init", initializers, "jobs/a.go", "package jobs; func (r *R) init() {}; type R int", ""},
		{"an init function", initializers, "jobs/a.go", "package jobs; func init() {}", "jobs/a.go:1 has an init"},

		{"a sleep outside tests", sleepers, "jobs/a.go", "package jobs; import \"time\"; var _ = time.Sleep", ""},
		{"a sleep in a test", sleepers, "jobs/a_test.go", "package jobs; import \"time\"; var _ = time.Sleep", "sleeps"},
		{"a sleep by another name", sleepers, "a_test.go", "package a; import x \"time\"; var _ = x.Sleep", "sleeps"},
		{"somebody else's sleep", sleepers, "a_test.go", "package a; import time \"tea\"; var _ = time.Sleep", ""},

		{"a duration", impurities, "engine/a.go", core + "import \"time\"\nconst s = time.Second", ""},
		{"a clock", impurities, "engine/a.go", core + "import \"time\"\nvar n = time.Now()", "engine/a.go:4 uses time.Now"},
		{"a clock elsewhere", impurities, "jobs/a.go", "package jobs; import \"time\"; var n = time.Now()", ""},
		{"chance", impurities, "engine/a.go", core + "import \"math/rand/v2\"\nvar n = rand.Int()", "imports math/rand/v2"},
		{"files", impurities, "trees/expression/a.go", "package expression; import \"os\"", "imports os"},
		{"a socket", impurities, "trees/expression/a.go", "package expression; import \"net/http\"", "imports net/http"},
		{"text of a URL", impurities, "trees/expression/a.go", "package expression; import \"net/url\"", ""},
		{"a goroutine", impurities, "engine/a.go", core + "func f() { go f() }", "starts a goroutine"},
		{"a channel", impurities, "engine/a.go", core + "var c chan int", "uses a channel"},

		{"a sorted walk", unordered, "engine/a.go", core + "import (\"maps\"; \"slices\")\nvar m map[int]int\n" +
			"func f() { for range slices.Sorted(maps.Keys(m)) {} }", ""},
		{"a walk over a slice", unordered, "engine/a.go", core + "func f(s []int) { for range s {} }", ""},
		{
			"a walk over a map", unordered, "engine/a.go", core + "func f(m map[int]int) { for range m {} }",
			"engine/a.go:3 walks a map",
		},
		{
			"a walk over a named map", unordered, "engine/a.go", core + "type m map[int]int\nfunc f(v m) { for range v {} }",
			"engine/a.go:4 walks a map",
		},
		{"a walk over keys", unordered, "engine/a.go", core + "import \"maps\"\nvar m map[int]int\n" +
			"func f() { for range maps.Keys(m) {} }", "engine/a.go:5 walks a map"},
		{"a walk that says why", unordered, "engine/a.go", core + "func f(m map[int]int) {\n" +
			"\tfor range m { // the order is all the same: it only counts\n}\n}", ""},
		{"keys collected as they come", unordered, "engine/a.go", core + "import (\"maps\"; \"slices\")\n" +
			"var m map[int]int\nvar s = slices.Collect(maps.Keys(m))", "engine/a.go:5 walks a map"},
		{"a core that does not compile", unordered, "engine/a.go", core + "var a int = true", "engine does not compile"},

		{"a client from outside", dialers, "engine/handlers/a.go", "package handlers; import \"net/http\"\n" +
			"type H struct { c *http.Client }", ""},
		{"a client of its own", dialers, "engine/handlers/a.go", "package handlers; import \"net/http\"\n" +
			"var c = &http.Client{}", "engine/handlers/a.go:2 uses http.Client"},
		{"everybody's client", dialers, "jobs/a.go", "package jobs; import \"net/http\"\nvar _ = http.Get", "http.Get"},
		{"a dial", dialers, "jobs/a.go", "package jobs; import \"net\"\nvar _ = net.Dial", "jobs/a.go:2 uses net.Dial"},
		{"a client of another library", dialers, "server/a.go", "package server; import \"github.com/valyala/fasthttp\"\n" +
			"var c fasthttp.HostClient", "server/a.go:2 uses fasthttp.HostClient"},
		{"a proxy", dialers, "server/a.go", "package server; import \"net/http/httputil\"\nvar p httputil.ReverseProxy", "httputil.ReverseProxy"},
		{"a client where everything is joined", dialers, "wire.go", "package main; import \"net/http\"\nvar c http.Client", "wire.go:2 uses http.Client"},
		{"the client of commands", dialers, "api_client.go", "package main; import \"net/http\"\nvar c http.Client", ""},
		{"the guard dials", dialers, "webhooks/egress/a.go", "package egress; import \"net\"\nvar d net.Dialer", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			checkFaults(t, tt.check([]source{parseSource(t, token.NewFileSet(), tt.file, tt.text)}), tt.want)
		})
	}
}
