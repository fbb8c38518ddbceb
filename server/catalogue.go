package server

import (
	"context"

	"hooktree/engine"
	"hooktree/webhooks/event"
)

type catalogueTold struct {
	Body struct {
		Events []Kind `json:"events"`
	}
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

func (s *Server) showCatalogue(context.Context, *struct{}) (*catalogueTold, error) {
	out := &catalogueTold{}
	out.Body.Events = shown(s.services.Catalogue().Kinds(), func(k *event.Kind) Kind {
		return Kind{
			Platform: k.Platform, Type: k.Type, Action: k.Action, Full: k.Full(), Scope: k.Level, Path: k.Path(),
			Ladder: k.Ladder, Names: k.Names, Note: k.Note, Sample: k.Sample,
		}
	})
	return out, nil
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
