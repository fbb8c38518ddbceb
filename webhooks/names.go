package webhooks

import (
	"hooktree/engine"
	"hooktree/trees"
	"hooktree/webhooks/event"
)

// Names is what trees of a space are checked against, for
// [trees.Environment.Names]: what the event gives that a tree's title names.
func Names(c *event.Catalogue, space *trees.Space) func(engine.Title) (map[string]engine.Type, bool) {
	return func(t engine.Title) (map[string]engine.Type, bool) {
		var fields map[string]engine.Type
		if space != nil {
			if form, ok := space.Form(t.Group); ok {
				fields = form.Fields
			}
		}
		return c.Names(event.Path{Group: t.Group, Name: t.Name}, fields)
	}
}

// Near lists paths like that of a title which no event has, for
// [trees.Environment.Near].
func Near(c *event.Catalogue) func(engine.Title) []string {
	return func(t engine.Title) []string { return c.Near(event.Path{Group: t.Group, Name: t.Name}) }
}
