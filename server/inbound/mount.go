package inbound

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"hooktree/jobs"
	"hooktree/server"
	"hooktree/webhooks/event"
	"hooktree/webhooks/source"
)

// Prefix is where sources are mounted.
const Prefix = "/in"

// Services is what deliveries are taken by. Every member is required.
type Services struct {
	Intake    Intake
	Sources   func(name string) (source.Source, bool) // the active ones
	Secrets   source.Secrets
	Catalogue func() *event.Catalogue // the active one
}

// Intake takes events in; [jobs.Runner] is one.
type Intake interface {
	Accept(ctx context.Context, events []event.Event) ([]jobs.Receipt, error)
}

// Config is how deliveries are taken. Now and Log are required.
type Config struct {
	Limit int64 // most bytes of a delivery, unpacked; zero is that of POST /events
	Now   func() time.Time
	Log   *slog.Logger
}

// api answers the requests.
type api struct {
	services Services
	config   Config
	tally    *tally
}

// New makes the mount.
func New(services Services, config Config) server.Mount {
	if config.Limit == 0 {
		config.Limit = server.DefaultEventLimit
	}
	a := &api{services: services, config: config, tally: newTally()}
	return server.Mount{
		Name: "inbound", Prefixes: []string{Prefix}, Counts: a.tally.counts,
		Routes: []server.Route{
			{Method: http.MethodPost, Path: "/:source", Own: true, Unpack: true, Limit: config.Limit, Handle: a.receive},
			{Method: http.MethodGet, Path: "/:source", Own: true, Handle: a.explain},
		},
	}
}

// explain tells somebody who opens a source's address what it is for.
func (a *api) explain(_ context.Context, req server.Request) server.Response {
	s, ok := a.services.Sources(req.Params["source"])
	if !ok {
		return unknown()
	}
	r := server.Refusal{
		Status: http.StatusMethodNotAllowed, Code: "method_not_allowed",
		Message: "the source " + s.Name + " takes deliveries of the kind " + string(s.Kind) + " by POST; set this address as the webhook's URL at the provider",
	}.Response()
	r.Header.Set("Allow", http.MethodPost)
	return r
}
