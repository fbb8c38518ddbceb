package main

import (
	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/source"
	"hooktree/webhooks/subscription"
)

// definitions are what the files of a space define besides its trees.
type definitions struct {
	catalogue *event.Catalogue
	webhooks  []webhooks.Webhook
	sources   []source.Source
	setups    map[string]subscription.Setup // by dialect
}

// readDefinitions reads the event types, the webhooks, the sources and the
// settings of dialects.
func readDefinitions(files []trees.File, space *trees.Space, dialects []subscription.Dialect) (definitions, trees.Faults) {
	var d definitions
	known := builtIn(dialects)
	own, faults := webhooks.ReadPlatforms(files, known...)
	known = append(known, own...)
	sources, more := source.ReadAll(files, space, known...)
	d.sources, faults = sources, append(faults, more...)
	d.catalogue = event.NewCatalogue(append(known, source.Platforms(sources, known)...)...)
	for _, f := range files {
		if f.Path != webhooks.File {
			continue
		}
		read, more := webhooks.Reader{Catalogue: d.catalogue, Space: space}.ReadFile(f.Path, f.Content)
		d.webhooks, faults = append(d.webhooks, read...), append(faults, more...)
	}
	d.setups, more = subscription.ReadSetups(files, dialects, d.catalogue)
	return d, append(faults, more...)
}

// builtIn are the platforms that every space has besides the vendor's own: those
// of the dialects, and hooktree's.
func builtIn(dialects []subscription.Dialect) []event.Platform {
	var all []event.Platform
	for _, d := range dialects {
		if d.Vendor.Name != "" {
			all = append(all, d.Vendor)
		}
	}
	return append(all, event.Notices())
}
