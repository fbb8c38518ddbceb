package main

import (
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/source"
	"hooktree/webhooks/subscription"
)

// schemaCommand is hooktree schema.
type schemaCommand struct {
	Kind string `arg:"" default:"tree" enum:"tree,space,webhooks,events" help:"Kind of file: tree, space, webhooks or events."`
}

// Help is what --help shows besides the flags.
func (*schemaCommand) Help() string {
	return `Prints the JSON Schema (draft 2020-12) of a kind of file: a tree, space.yaml, webhooks.yaml or a file of events/.

  hooktree schema tree > tree.schema.json

An editor with a YAML language server completes and checks by it where the file's first line names it, by its place from
the file:

  # yaml-language-server: $schema=../tree.schema.json

The schema knows the shape of a file. What its names mean, "hooktree check" knows.`
}

// Run prints the schema.
func (c *schemaCommand) Run(h host) error {
	_, err := h.out.Write(c.schema())
	return err
}

func (c *schemaCommand) schema() []byte {
	switch c.Kind {
	case "space":
		return trees.SpaceSchema(map[string]map[string]any{
			"sources": source.Schema(), "dialects": subscription.Schema(dialects()),
		})
	case "webhooks":
		return webhooks.Schema(builtIn(dialects())...)
	case "events":
		return webhooks.PlatformSchema()
	default:
		return trees.Schema(handlerSpecs())
	}
}
