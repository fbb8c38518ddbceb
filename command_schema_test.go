package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// An editor that checks by the printed schema finds nothing wrong in the
// examples.
func TestSchema_takesTheSpacesOfTheExamples(t *testing.T) {
	t.Parallel()

	path := builtBinary(t)
	text, err := exec.CommandContext(t.Context(), path, "schema", "space").Output()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("space.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("space.json")
	if err != nil {
		t.Fatal(err)
	}
	spaces, err := filepath.Glob("examples/*/space.yaml")
	if err != nil || len(spaces) < 5 {
		t.Fatalf("found %v, %v", spaces, err)
	}
	for _, name := range spaces {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var space any
		if err := yaml.Unmarshal(content, &space); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(space); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var wrong any
	if err := yaml.Unmarshal([]byte("{slug: a, sources: {s: {kind: github}}}"), &wrong); err != nil {
		t.Fatal(err)
	}
	if schema.Validate(wrong) == nil {
		t.Error("a source without a secret is taken")
	}
}
