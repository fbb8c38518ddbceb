package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
)

// source is one parsed Go file of the repository.
type source struct {
	path string // relative to the root, with slashes
	file *ast.File
	fset *token.FileSet
}

// dir returns the folder of s, which is the name of its room; "." for the root.
func (s source) dir() string { return path.Dir(s.path) }

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// at returns the place of pos as file:line.
func (s source) at(pos token.Pos) string {
	return s.path + ":" + strconv.Itoa(s.fset.Position(pos).Line)
}

// importPath returns what spec imports.
func importPath(spec *ast.ImportSpec) string {
	return strings.Trim(spec.Path.Value, `"`+"`")
}

// uses reports each use of a name of an imported package, such as time.Now,
// whatever the import is called in this file.
func (s source) uses(report func(pos token.Pos, pkg, name string)) {
	imported := map[string]string{}
	for _, spec := range s.file.Imports {
		name := path.Base(importPath(spec))
		if name == "v2" { // math/rand/v2 and its like
			name = path.Base(path.Dir(importPath(spec)))
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imported[name] = importPath(spec)
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && id.Obj == nil && imported[id.Name] != "" {
			report(sel.Pos(), imported[id.Name], sel.Sel.Name)
		}
		return true
	})
}

// parseSource parses text as the file at name. Files that are type-checked
// together share one set of positions.
func parseSource(t *testing.T, fset *token.FileSet, name, text string) source {
	t.Helper()

	file, err := parser.ParseFile(fset, name, text, parser.ParseComments)
	if err != nil {
		t.Fatalf("parse %s: %v", name, err)
	}
	return source{path: name, file: file, fset: fset}
}

// repository parses every Go file of the repository.
func repository(t *testing.T) []source {
	t.Helper()

	fset := token.NewFileSet()
	var sources []source
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && skipped(name):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := os.ReadFile(name)
		if err == nil {
			sources = append(sources, parseSource(t, fset, name, string(text)))
		}
		return err
	})
	if err != nil {
		t.Fatalf("read the repository: %v", err)
	}
	return sources
}

// skipped tells the folders that hold no code of ours.
func skipped(dir string) bool {
	base := path.Base(dir)
	return dir != "." && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "testdata") ||
		dir == "bin" || dir == "data"
}
