package trees_test

import (
	"fmt"

	"hooktree/engine"
	"hooktree/trees"
)

// A fault names its place and what to do about it.
func ExampleParse() {
	source := []byte(`tree: Submissions > services > laptop-request / Submitted
nodes:
  - id: check
    when: values.Cst > 1000
`)
	space, _ := trees.ParseSpace("space.yaml", []byte(`
slug: acme
kapps: {services: {forms: {laptop-request: {fields: {Cost: number}}}}}
`))
	_, faults := trees.Parse("trees/laptop.yaml", source, trees.Environment{
		Space:    space,
		Handlers: map[string]*engine.Spec{},
	})
	fmt.Print(faults.Render())
	// Output:
	// trees/laptop.yaml:4:18: values has no Cst
	//     4 |     when: values.Cst > 1000
	//       |                  ^^^
	//       = did you mean Cost?
}
