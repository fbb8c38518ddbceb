package server

import (
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"hooktree/server/accounts"
)

// ownRows are the routes that answer by themselves: the hot and the endless
// call of the native API, and what stands at the root.
func (s *Server) ownRows() []row {
	metrics := adaptor.HTTPHandler(s.metrics.handler())
	return []row{
		{
			Route: Route{Method: http.MethodPost, Path: "/events", Role: accounts.Operator, Limit: s.config.EventLimit},
			api:   "native", prefix: nativePrefix, raw: s.postEvents,
		},
		{
			Route: Route{Method: http.MethodGet, Path: "/stream", Role: accounts.Viewer},
			api:   "native", prefix: nativePrefix, raw: s.stream,
		},
		s.rootRow("/openapi.json", s.showOpenAPI),
		s.rootRow("/healthz", s.showHealth),
		s.rootRow("/readyz", s.showReady),
		s.rootRow("/metrics", func(c *fiber.Ctx, _ caller) { _ = metrics(c) }), // the adaptor gives no error
	}
}

// rootRow is a route at the root that anybody may read: probes and scrapers
// have no account, and it holds counts and no names.
func (*Server) rootRow(path string, raw func(*fiber.Ctx, caller)) row {
	return row{Route: Route{Method: http.MethodGet, Path: path, Role: accounts.Public, Own: true}, api: "root", raw: raw}
}

func (s *Server) showOpenAPI(c *fiber.Ctx, _ caller) {
	write(c.Context(), Response{Header: http.Header{"Content-Type": {"application/vnd.oai.openapi+json;version=3.1"}}, Body: s.openAPI})
}

// Probe is what a probe is told.
type Probe struct {
	Status   string   `json:"status"` // "ok", "not ready" or "stopping"
	Version  string   `json:"version,omitempty"`
	Troubles []string `json:"troubles,omitempty"` // what keeps the server from its work
	Warnings []string `json:"warnings,omitempty"` // what somebody should look at
}

// showHealth says that the process answers; nothing else is looked at, so that
// a full disk does not make a supervisor restart it.
func (s *Server) showHealth(c *fiber.Ctx, _ caller) {
	tellProbe(c, http.StatusOK, Probe{Status: "ok", Version: s.config.Version})
}

func (s *Server) showReady(c *fiber.Ctx, _ caller) {
	if s.stopping.Err() != nil {
		tellProbe(c, http.StatusServiceUnavailable, Probe{Status: "stopping"})
		return
	}
	troubles, warnings := s.services.Health.Ready(s.stopping)
	probe := Probe{Status: "ok", Troubles: troubles, Warnings: warnings}
	status := http.StatusOK
	if len(troubles) > 0 {
		probe.Status, status = "not ready", http.StatusServiceUnavailable
	}
	tellProbe(c, status, probe)
}

func tellProbe(c *fiber.Ctx, status int, probe Probe) {
	body, _ := json.Marshal(probe) // of strings
	write(c.Context(), Response{Status: status, Header: http.Header{"Content-Type": {fiber.MIMEApplicationJSON}}, Body: body})
}

// describeRaw documents the calls that huma does not answer.
func describeRaw(doc *huma.OpenAPI) {
	problem := doc.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	told := doc.Components.Schemas.Schema(reflect.TypeFor[Receipts](), true, "Receipts")
	answers := map[string]*huma.Response{
		"202": {Description: "Stored, with all that follows from it", Content: map[string]*huma.MediaType{"application/json": {Schema: told}}},
		"200": {Description: "With wait: the run's reply or return, with the status and headers that its tree gives"},
		"204": {Description: "With wait: the run ended and returned nothing"},
	}
	for status, when := range map[string]string{
		"400": "The body cannot be read as JSON", "401": "Nobody is signed in", "403": "The role operator is needed, or the request comes from another site",
		"409": "With wait: not exactly one run is fired; nothing was stored", "413": "The body is too large", "415": "The body is no JSON in UTF-8",
		"422": "The event means nothing here, or its key was used for another body", "429": "Too much waits to be written: Retry-After says for how long",
		"507": "Too little disk space is left",
	} {
		answers[status] = &huma.Response{Description: when, Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problem}}}
	}
	word := &huma.Schema{Type: huma.TypeString}
	free := &huma.Schema{Description: "The platform's payload, a CloudEvent, or an array of at most 1000 of them"}
	doc.AddOperation(&huma.Operation{
		OperationID: "post-events", Method: http.MethodPost, Path: nativePrefix + "/events", Tags: []string{"events"},
		Summary: "Send what happened: one event or an array, all or nothing", Responses: answers,
		Parameters: []*huma.Param{
			{Name: "wait", In: "query", Schema: word, Description: "Wait for the run's answer, up to 60s: wait=15s"},
			{Name: "webhook", In: "query", Schema: word, Description: "With wait: whose run to wait for"},
			{Name: headerKey, In: "header", Schema: word, Description: "The same key within 24 h is the same event"},
		},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json": {Schema: free}, "application/cloudevents+json": {Schema: free}, "application/cloudevents-batch+json": {Schema: free},
		}},
		Extensions: map[string]any{"x-role": accounts.Operator.String()},
	})
	doc.AddOperation(&huma.Operation{
		OperationID: "get-stream", Method: http.MethodGet, Path: nativePrefix + "/stream", Tags: []string{"stream"},
		Summary:    "Follow what happens, as server-sent events",
		Parameters: []*huma.Param{{Name: "Last-Event-ID", In: "header", Schema: word, Description: "Go on after this change"}},
		Responses: map[string]*huma.Response{"200": {
			Description: "A change an event, its id the sequence of its commit. An event `reset` says that changes were missed: load everything again",
			Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: word}},
		}},
		Extensions: map[string]any{"x-role": accounts.Viewer.String()},
	})
}
