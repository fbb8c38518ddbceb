package expression_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"hooktree/trees/expression"
)

var update = flag.Bool("update", false, "rewrite the scripts with what was seen")

// The scripts are the specification of what people read. A line that begins
// with `> ` is a bare expression, one with `$ ` is a template; what follows is
// what came of it.
func TestScripts(t *testing.T) {
	t.Parallel()

	scripts := map[string]func(text string, template bool) string{
		"faults.txt":  faultsOf,
		"errors.txt":  errorOf,
		"explain.txt": explained,
	}
	for name, answer := range scripts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			path := filepath.Join("testdata", name)
			script, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := play(string(script), answer)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			wantLines, gotLines := strings.Split(string(script), "\n"), strings.Split(got, "\n")
			for i := range min(len(wantLines), len(gotLines)) {
				if wantLines[i] != gotLines[i] {
					t.Fatalf("%s:%d differs; rewrite with -update and read the difference\n got: %s\nwant: %s",
						path, i+1, gotLines[i], wantLines[i])
				}
			}
			if len(wantLines) != len(gotLines) {
				t.Errorf("%s has %d lines, the answer %d", path, len(wantLines), len(gotLines))
			}
		})
	}
}

// play answers every question of a script and keeps its comments.
func play(script string, answer func(string, bool) string) string {
	var out strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "> "), strings.HasPrefix(line, "$ "):
			fmt.Fprintf(&out, "%s\n%s\n", line, answer(strings.ReplaceAll(line[2:], `\n`, "\n"), line[0] == '$'))
		case strings.HasPrefix(line, "#"):
			fmt.Fprintf(&out, "%s\n\n", line)
		}
	}
	return out.String()
}

func compiled(text string, template bool) (expression.Expr, error) {
	if template {
		return expression.Template(text, desk())
	}
	return expression.Compile(text, desk(), "")
}

func faultsOf(text string, template bool) string {
	_, err := compiled(text, template)
	faults, ok := errors.AsType[expression.Faults](err)
	if !ok {
		return "  no fault\n"
	}
	var out strings.Builder
	for _, f := range faults {
		out.WriteString(pointed(text, f))
	}
	return out.String()
}

func errorOf(text string, template bool) string {
	e, err := compiled(text, template)
	if err != nil {
		return "  fault: " + err.Error() + "\n"
	}
	v, err := e.Eval(request())
	fault, ok := errors.AsType[*expression.Fault](err)
	if !ok {
		return fmt.Sprintf("  no error: %v\n", v)
	}
	return pointed(text, fault)
}

func explained(text string, template bool) string {
	e, err := compiled(text, template)
	if err != nil {
		return "  fault: " + err.Error() + "\n"
	}
	seen, err := expression.Explain(e, request())
	var out strings.Builder
	for _, s := range seen {
		switch {
		case !s.Evaluated:
			fmt.Fprintf(&out, "  %s: not evaluated\n", s.Text)
		case s.Shown == fmt.Sprint(s.Value):
			fmt.Fprintf(&out, "  %s -> %v\n", s.Text, s.Value)
		default:
			fmt.Fprintf(&out, "  %s: %s -> %v\n", s.Text, s.Shown, s.Value)
		}
	}
	if err != nil {
		fmt.Fprintf(&out, "  error: %v\n", err)
	}
	return out.String()
}

// pointed writes a fault under its text.
func pointed(text string, f *expression.Fault) string {
	before := utf8.RuneCountInString(text[:f.Offset])
	carets := max(1, utf8.RuneCountInString(text[f.Offset:f.Offset+f.Length]))
	out := fmt.Sprintf("  %s%s\n  %s\n", strings.Repeat(" ", before), strings.Repeat("^", carets), f.Message)
	if f.Hint != "" {
		out += "  = " + f.Hint + "\n"
	}
	return out
}
