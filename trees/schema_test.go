package trees_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"hooktree/trees"
)

func compiled(t *testing.T, schema []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	sch, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return sch
}

// asJSON reads YAML the way an editor's language server does: dates are text.
func asJSON(t *testing.T, file string) any {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Unmarshal(src, &v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return datesAsText(v)
}

func datesAsText(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.Format(time.RFC3339)
	case []any:
		for i := range v {
			v[i] = datesAsText(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = datesAsText(v[key])
		}
	}
	return v
}

func TestTheSchemaAcceptsEveryValidTree(t *testing.T) {
	t.Parallel()

	schema := compiled(t, trees.Schema(testHandlers()))
	for _, file := range goldenFiles(t, "valid", 30) {
		if err := schema.Validate(asJSON(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// These files are wrong in their shape, which an editor can see without knowing
// what names mean.
func TestTheSchemaRefusesFaultyShapes(t *testing.T) {
	t.Parallel()

	faulty := strings.Fields(`
		after_malformed after_unknown_moment
		head_both head_empty_nodes head_no_nodes head_no_title head_nodes_not_a_list
		head_routine_with_event_keys head_ruby head_title_without_name head_tree_with_inputs head_unknown_key head_unknown_status
		join_missing join_too_many join_unknown join_without_connectors
		loop_body_without_loop loop_counts loop_document loop_empty_body loop_until_without_max
		node_bad_ids node_condition_is_no_condition node_defer node_flags node_keys_that_do_not_go_together node_message
		node_missing_parameters node_no_id node_not_a_mapping node_parameter_types node_parameters node_reply node_retry
		node_two_things node_unknown_handler node_wait
		routine_inputs_shape trap_template_in_expression_key yaml_empty_values yaml_list yaml_text`)
	schema := compiled(t, trees.Schema(testHandlers()))
	for _, name := range faulty {
		file := filepath.Join("testdata", "invalid", name+".yaml")
		if err := schema.Validate(asJSON(t, file)); err == nil {
			t.Errorf("%s was accepted", file)
		}
	}
}

func TestTheSchemaDescribesKeysAndHandlers(t *testing.T) {
	t.Parallel()

	schema := string(trees.Schema(testHandlers()))
	for _, want := range []string{"Sends a request.", "where to", "passes over this node alone", "attempts in all"} {
		if !strings.Contains(schema, want) {
			t.Errorf("nowhere is told %q", want)
		}
	}
	if again := string(trees.Schema(testHandlers())); again != schema {
		t.Error("the schema is written differently each time")
	}
	compiled(t, trees.Schema(nil))
}

func TestTheSchemaOfASpace(t *testing.T) {
	t.Parallel()

	schema := compiled(t, trees.SpaceSchema(nil))
	if err := schema.Validate(asJSON(t, filepath.Join("testdata", "space.yaml"))); err != nil {
		t.Error(err)
	}
	for name, src := range map[string]string{
		"no slug":        "name: x",
		"unknown key":    "slug: x\nkaps: {}",
		"unknown type":   "slug: x\ndatastore: {a: {fields: {b: numbr}}}",
		"no secret name": "slug: x\nsecrets: [lower]",
		"bad retention":  "slug: x\nretention: {age: 5}",
	} {
		var v any
		if err := yaml.Unmarshal([]byte(src), &v); err != nil {
			t.Fatal(err)
		}
		_, faults := trees.ParseSpace("space.yaml", []byte(src))
		if schema.Validate(v) == nil || len(faults) == 0 {
			t.Errorf("%s was accepted", name)
		}
	}
}
