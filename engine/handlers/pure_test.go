package handlers_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hooktree/engine"
	"hooktree/engine/handlers"
)

var update = flag.Bool("update", false, "rewrite docs/handlers.md")

func TestEchoGivesBackItsInput(t *testing.T) {
	t.Parallel()
	for _, input := range []any{nil, "x", int64(1), []any{true}} {
		got, err := handlers.Echo().Spec.Pure(map[string]any{"input": input})
		if diff := cmp.Diff(map[string]any{"output": input}, got); err != nil || diff != "" {
			t.Errorf("got error %v (-want +got):\n%s", err, diff)
		}
	}
}

func TestSetGivesEachParameterAndKeepsNone(t *testing.T) {
	t.Parallel()
	params := map[string]any{"a": int64(1), "b": nil}
	got, err := handlers.Set().Spec.Pure(params)
	if diff := cmp.Diff(params, got); err != nil || diff != "" {
		t.Errorf("got error %v (-want +got):\n%s", err, diff)
	}
	got["a"] = "changed"
	if params["a"] != int64(1) {
		t.Error("the results share the parameters' map")
	}
	if none, err := handlers.Set().Spec.Pure(nil); err != nil || none == nil {
		t.Errorf("no parameters give %v, %v; want an empty mapping", none, err)
	}
}

func TestLogWritesALineWithRunAndNode(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	results, err := handlers.Log(logger).Act(t.Context(), handlers.Call{
		Number: 118, Node: "note", Secrets: map[string]string{"K": "s3cr3t"},
		Params: map[string]any{
			"message": "two\nlines with s3cr3t", "level": "warn",
			"fields": map[string]any{"b": int64(2), "a": "s3cr3t", "c": strings.Repeat("é", 9000)},
		},
	})
	if err != nil || len(results) != 0 || results == nil {
		t.Fatalf("got %v, %v; want an empty mapping", results, err)
	}
	line := out.String()
	want := `level=WARN msg="two\nlines with •••K" run=118 node=note fields.a=•••K fields.b=2 fields.c=éé`
	if !strings.HasPrefix(line, want) || strings.Count(line, "\n") != 1 || len(line) > 9000 {
		t.Errorf("wrote %d bytes: %.200s\nwant %s", len(line), line, want)
	}
}

func TestLogRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		params map[string]any
		want   string
	}{
		{nil, `parameter "message" is missing`},
		{map[string]any{"message": "x", "level": "loud"}, `"level" must be one of debug info warn error`},
		{map[string]any{"message": "x", "fields": "y"}, `"fields" must be a map`},
		{map[string]any{"mesage": "x"}, `parameter "mesage" is not one of log`},
	} {
		_, err := handlers.Log(slog.New(slog.DiscardHandler)).Act(t.Context(), handlers.Call{Params: tt.params})
		if failure := handlers.FailureOf(err); failure.Code != "invalid" || !strings.Contains(failure.Message, tt.want) {
			t.Errorf("%v: got %+v, want %s", tt.params, failure, tt.want)
		}
	}
}

func TestEveryErrorIsAFailure(t *testing.T) {
	t.Parallel()
	known := &handlers.Error{Failure: engine.Failure{Code: "dns", Message: "x", Retryable: true}, Cause: os.ErrNotExist}
	if got := handlers.FailureOf(fmt.Errorf("call: %w", known)); got.Code != "dns" || !got.Retryable {
		t.Errorf("got %+v, want the failure inside", got)
	}
	if !errors.Is(known, os.ErrNotExist) {
		t.Error("the cause is lost")
	}
	if got := handlers.FailureOf(engine.Failure{Code: "status"}); got.Code != "status" {
		t.Errorf("got %+v, want the failure itself", got)
	}
	if got := handlers.FailureOf(errors.New("odd")); got.Code != "internal" || got.Retryable || got.Message != "odd" {
		t.Errorf("got %+v, want an internal failure", got)
	}
}

func specs() []*engine.Spec {
	return []*engine.Spec{handlers.Echo().Spec, handlers.Set().Spec, handlers.Log(nil).Spec, handlers.HTTP(nil).Spec}
}

func TestEverySpecIsWhole(t *testing.T) {
	t.Parallel()
	for _, spec := range specs() {
		if spec.Name == "" || spec.Help == "" {
			t.Errorf("%q has no name or help", spec.Name)
		}
		for _, p := range spec.Params {
			if p.Name == "" || p.Help == "" || p.Type.Kind == "" || p.Required && p.Default != nil {
				t.Errorf("%s: parameter %+v lacks something", spec.Name, p)
			}
			if p.Default == nil || p.Open {
				continue
			}
			params := map[string]any{p.Name: p.Default}
			if _, err := handlers.Bind(&engine.Spec{Name: spec.Name, Params: []engine.Param{p}}, params); err != nil {
				t.Errorf("%s: the default of %q is not one itself: %v", spec.Name, p.Name, err)
			}
		}
	}
}

func TestBindTellsAllFaultsAndNoValue(t *testing.T) {
	t.Parallel()
	_, err := handlers.Bind(handlers.HTTP(nil).Spec, map[string]any{"method": "s3cr3t", "body": "s3cr3t", "query": "s3cr3t", "zzz": "s3cr3t"})
	if err == nil || strings.Count(err.Error(), "parameter") != 4 || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("got %v, want the faults of url, method, query and zzz without values", err)
	}
}

func TestBindChecksEveryKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind      engine.Kind
		good, bad any
	}{
		{engine.KindBool, true, "true"},
		{engine.KindInteger, int64(1), 1.5},
		{engine.KindNumber, 1.5, "1"},
		{engine.KindText, "x", int64(1)},
		{engine.KindTime, "2030-01-31T12:00:00Z", "31.1.2030"},
		{engine.KindDuration, "1m", int64(60)},
		{engine.KindList, []any{}, map[string]any{}},
		{engine.KindMap, map[string]any{}, []any{}},
		{engine.KindRecord, map[string]any{}, "x"},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			t.Parallel()
			spec := &engine.Spec{Name: "x", Params: []engine.Param{{Name: "p", Type: engine.Type{Kind: tt.kind}}}}
			bound, err := handlers.Bind(spec, map[string]any{"p": tt.good})
			if diff := cmp.Diff(tt.good, bound["p"]); err != nil || diff != "" {
				t.Errorf("%v: %v, %s", tt.good, err, diff)
			}
			if _, err := handlers.Bind(spec, map[string]any{"p": tt.bad}); err == nil {
				t.Errorf("%v passes, want an error", tt.bad)
			}
			if bound, err := handlers.Bind(spec, map[string]any{"p": nil}); err != nil || len(bound) != 0 {
				t.Errorf("nil gives %v, %v; want nothing", bound, err)
			}
		})
	}
}

func TestTheReferenceIsUpToDate(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "handlers.md")
	want := handlers.Reference(specs()...)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: write it by go test ./engine/handlers -update", err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s differs; write it by go test ./engine/handlers -update (-want +got):\n%s", path, diff)
	}
}
