package server

import (
	"context"
	"fmt"
	"slices"

	"hooktree/engine"
	"hooktree/jobs"
	"hooktree/webhooks/event"
)

type catalogueTold struct {
	Body struct {
		Events []Kind         `json:"events"`
		Open   []OpenPlatform `json:"open" doc:"Platforms of which every well-formed name is an event: those of sources that no file of events/ declares"`
	}
}

// OpenPlatform is a platform whose events nobody can list.
type OpenPlatform struct {
	Platform string      `json:"platform"`
	Title    string      `json:"title" doc:"Begins the paths of its events"`
	Scope    event.Level `json:"scope" enum:"space,kapp,form,datastore"`
	Example  *OpenEvent  `json:"example,omitempty" doc:"An event as the platform sends it; left out where only a delivery says"`
	Seen     []OpenEvent `json:"seen" doc:"Of the latest 100 events, each name once, the newest first"`
}

// OpenEvent is an event of an open platform.
type OpenEvent struct {
	Action string `json:"action"`
	Path   string `json:"path" doc:"Of the tree that it fires"`
}

// Kind is one thing that can happen.
type Kind struct {
	Platform string                 `json:"platform"`
	Type     string                 `json:"type"`
	Action   string                 `json:"action"`
	Full     string                 `json:"full" doc:"The action in the long dialect"`
	Scope    event.Level            `json:"scope" enum:"space,kapp,form,datastore"`
	Path     string                 `json:"path" doc:"Of the tree that it fires, with [kapp] and [form] for what the event fills in"`
	Ladder   []event.Rung           `json:"ladder" doc:"Where the naming convention looks, the first place first"`
	Names    map[string]engine.Type `json:"names" doc:"What expressions may read"`
	Note     string                 `json:"note,omitempty"`
	Sample   map[string]any         `json:"sample,omitempty" doc:"A payload to try"`
}

func (s *Server) showCatalogue(ctx context.Context, _ *struct{}) (*catalogueTold, error) {
	out, catalogue := &catalogueTold{}, s.services.Catalogue()
	out.Body.Events = shown(catalogue.Kinds(), func(k *event.Kind) Kind {
		return Kind{
			Platform: k.Platform, Type: k.Type, Action: k.Action, Full: k.Full(), Scope: k.Level, Path: k.Path(),
			Ladder: k.Ladder, Names: k.Names, Note: k.Note, Sample: k.Sample,
		}
	})
	out.Body.Open = []OpenPlatform{}
	for _, p := range catalogue.OpenPlatforms() {
		told, err := s.showOpen(ctx, p)
		if err != nil {
			return nil, err
		}
		out.Body.Open = append(out.Body.Open, told)
	}
	return out, nil
}

// seenEvents is how many of an open platform's latest events are looked at for
// their names.
const seenEvents = 100

// showOpen tells of an open platform what it declares and what came.
func (s *Server) showOpen(ctx context.Context, p event.OpenPlatform) (OpenPlatform, error) {
	told := OpenPlatform{Platform: p.Name, Title: p.Title, Scope: p.Level, Seen: []OpenEvent{}}
	if p.Example != nil {
		told.Example = &OpenEvent{Action: p.Example.Action, Path: p.Example.Path()}
	}
	records, _, err := s.services.History.Events(ctx, jobs.EventFilter{Page: jobs.Page{Limit: seenEvents}, Type: p.Name})
	if err != nil {
		return told, fmt.Errorf("list the events of %s: %w", p.Name, err)
	}
	for i := range records {
		seen := OpenEvent{Action: records[i].Event.Action, Path: records[i].Event.Path}
		if !slices.Contains(told.Seen, seen) {
			told.Seen = append(told.Seen, seen)
		}
	}
	return told, nil
}

type handlersTold struct {
	Body struct {
		Handlers []*engine.Spec `json:"handlers"`
	}
}

func (s *Server) listHandlers(context.Context, *struct{}) (*handlersTold, error) {
	out := &handlersTold{}
	out.Body.Handlers = append([]*engine.Spec{}, s.services.Handlers()...)
	return out, nil
}
