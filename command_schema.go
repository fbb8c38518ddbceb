package main

import "hooktree/trees"

// schemaCommand is hooktree schema.
type schemaCommand struct {
	Kind string `arg:"" default:"tree" enum:"tree,space" help:"Kind of file: tree or space."`
}

// Help is what --help shows besides the flags.
func (schemaCommand) Help() string {
	return `Prints the JSON Schema (draft 2020-12) of a kind of file. An editor with a YAML language server completes and
checks by it where the file's first line names it:

  hooktree schema tree > .hooktree/tree.json
  # yaml-language-server: $schema=../.hooktree/tree.json

The schema knows the shape of a file. What its names mean, "hooktree check" knows.`
}

// Run prints the schema.
func (c *schemaCommand) Run(h host) error {
	text := trees.SpaceSchema()
	if c.Kind == "tree" {
		text = trees.Schema(handlerSpecs())
	}
	_, err := h.out.Write(text)
	return err
}
