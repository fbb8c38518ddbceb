package expression_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"hooktree/engine"
	"hooktree/trees/expression"
)

// seeds are the expressions and templates of the scripts.
func seeds(f *testing.F) []string {
	f.Helper()
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no scripts: %v", err)
	}
	var texts []string
	for _, path := range paths {
		script, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(script)) {
			if strings.HasPrefix(line, "> ") || strings.HasPrefix(line, "$ ") {
				texts = append(texts, strings.TrimSuffix(line[2:], "\n"))
			}
		}
	}
	return texts
}

// Whatever the text, compiling it ends in an expression or in faults that
// point into the text and say something.
func FuzzCompile(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, template bool) {
		_, err := compiled(text, template)
		if err == nil {
			return
		}
		faults, ok := errors.AsType[expression.Faults](err)
		if !ok || len(faults) == 0 {
			t.Fatalf("the error of %q is no list of faults: %#v", text, err)
		}
		for _, fault := range faults {
			if fault.Offset < 0 || fault.Length < 0 || fault.Offset+fault.Length > len(text) {
				t.Errorf("the fault %q lies at %d+%d, outside of %q", fault.Message, fault.Offset, fault.Length, text)
			} else if utf8.ValidString(text) && !utf8.ValidString(text[fault.Offset:fault.Offset+fault.Length]) {
				t.Errorf("the fault %q at %d+%d cuts a letter of %q", fault.Message, fault.Offset, fault.Length, text)
			}
			if fault.Message == "" {
				t.Errorf("a fault of %q says nothing", text)
			}
		}
	})
}

// An evaluation gives the same twice, of the types that scopes use, leaves the
// scope as it was, and Explain ends as it does.
func FuzzEval(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, template bool) {
		e, err := compiled(text, template)
		if err != nil {
			return
		}
		scope := request()
		got, err := e.Eval(scope)
		again, errAgain := e.Eval(scope)
		if !reflect.DeepEqual(got, again) || (err == nil) != (errAgain == nil) || err != nil && err.Error() != errAgain.Error() {
			t.Errorf("%q = %v, %v; then %v, %v", text, got, err, again, errAgain)
		}
		if !reflect.DeepEqual(scope, request()) {
			t.Errorf("%q changed its scope", text)
		}
		if err == nil {
			domestic(t, text, got)
		} else if fault, ok := errors.AsType[*expression.Fault](err); !ok || fault.Offset < 0 || fault.Offset+fault.Length > len(text) {
			t.Errorf("the error of %q has no place in it: %#v", text, err)
		}
		if _, explained := expression.Explain(e, scope); (explained == nil) != (err == nil) {
			t.Errorf("Explain of %q ends with %v, Eval with %v", text, explained, err)
		}
	})
}

// domestic fails on a value that is of no type that flows through a tree.
func domestic(t *testing.T, text string, v any) {
	t.Helper()
	switch v := v.(type) {
	case nil, bool, int64, string, time.Time, time.Duration, engine.Sealed:
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%q gave %v", text, v)
		}
	case []any:
		for _, item := range v {
			domestic(t, text, item)
		}
	case map[string]any:
		for _, member := range v {
			domestic(t, text, member)
		}
	default:
		t.Errorf("%q gave a %T", text, v)
	}
}
