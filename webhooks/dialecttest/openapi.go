package dialecttest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"hooktree/webhooks/subscription"
)

// Deviation is a place where a dialect does not do what its vendor's OpenAPI
// says, because better sources say otherwise. It has a Name and one of the
// other members.
type Deviation struct {
	Name string // a sentence of the dialect's table of deviations
	// Media is a content type that stands for application/json.
	Media string
	// Request and Answer make of a body the one that the OpenAPI means, and say
	// whether there was anything to make.
	Request func(body any) (any, bool)
	Answer  func(body any) (any, bool)
	// Fault is part of what the validator finds wrong.
	Fault string
}

// Spec is a vendor's OpenAPI with the deviations of a dialect.
type Spec struct {
	router     routers.Router
	deviations []Deviation

	mu  sync.Mutex // guards hit
	hit map[string]bool
}

// OpenAPI reads a vendor's OpenAPI. Members that it does not name are faults,
// too. A deviation that no exchange needs until the test ends fails it, so that
// none of them stays when it is no longer true.
func OpenAPI(t *testing.T, path string, deviations ...Deviation) *Spec {
	t.Helper()

	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		t.Fatalf("the vendor's OpenAPI is not beside the repository: %v", err)
	}
	doc.Servers = nil // where it is served is found by the path alone
	for _, schema := range doc.Components.Schemas {
		closed(schema.Value)
	}
	router, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
	if err != nil {
		t.Fatalf("the vendor's OpenAPI is none: %v", err)
	}
	s := &Spec{router: router, deviations: deviations, hit: map[string]bool{}}
	t.Cleanup(func() {
		for _, name := range s.Stale() {
			t.Errorf("nothing deviates from the OpenAPI in this way any more: %s", name)
		}
	})
	return s
}

// Stale are the names of deviations that no exchange needed so far.
func (s *Spec) Stale() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, d := range s.deviations {
		if !s.hit[d.Name] {
			names = append(names, d.Name)
		}
	}
	return names
}

// closed lets an object have no other members than those that are named.
func closed(schema *openapi3.Schema) {
	if len(schema.Properties) > 0 && schema.AdditionalProperties.Schema == nil {
		no := false
		schema.AdditionalProperties.Has = &no
	}
}

// Check holds a request and its answer against the OpenAPI. An exchange that
// deviates in another way than those named fails the test.
func (s *Spec) Check(t *testing.T, r subscription.Request, answer subscription.Response) {
	t.Helper()

	for _, fault := range s.Faults(r, answer) {
		t.Errorf("%s deviates from the OpenAPI: %s", shown(r), fault)
	}
}

// Faults are what is not as the OpenAPI says and no deviation names.
func (s *Spec) Faults(r subscription.Request, answer subscription.Response) []string {
	req, err := s.request(r)
	if err != nil {
		return []string{err.Error()}
	}
	route, params, err := s.route(req, r.Prefix+r.Path)
	if err != nil {
		return s.unnamed(err)
	}
	input := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			MultiError: true, IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		},
	}
	faults := s.unnamed(openapi3filter.ValidateRequest(context.Background(), input))
	body, err := s.body(answer.Body, func(d *Deviation) func(any) (any, bool) { return d.Answer })
	if err != nil {
		return append(faults, err.Error())
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: answer.Status, Header: s.header(answer.Header), Options: input.Options,
		Body: io.NopCloser(bytes.NewReader(body)),
	})
	return append(faults, s.unnamed(err)...)
}

// request makes a request as the OpenAPI means it.
func (s *Spec) request(r subscription.Request) (*http.Request, error) {
	body, err := s.body(r.Body, func(d *Deviation) func(any) (any, bool) { return d.Request })
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(context.Background(), r.Method, "/?"+r.Query.Encode(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = s.header(r.Header)
	return req, nil
}

// route finds the operation of a path, of which the OpenAPI may know the end
// only: the rest is where the vendor serves it.
func (s *Spec) route(req *http.Request, path string) (*routers.Route, map[string]string, error) {
	path = strings.TrimSuffix(path, "/")
	for {
		req.URL.Path = path
		route, params, err := s.router.FindRoute(req)
		if err == nil {
			return route, params, nil
		}
		at := strings.IndexByte(strings.TrimPrefix(path, "/"), '/')
		if at < 0 {
			return nil, nil, err
		}
		path = path[at+1:]
	}
}

// header gives headers in which a content type that stands for JSON is JSON.
func (s *Spec) header(given http.Header) http.Header {
	header := given.Clone()
	if header == nil {
		header = http.Header{}
	}
	for _, d := range s.deviations {
		if d.Media != "" && strings.HasPrefix(header.Get("Content-Type"), d.Media) {
			s.note(d)
			header.Set("Content-Type", "application/json")
		}
	}
	return header
}

// body makes of a body the one that the OpenAPI means.
func (s *Spec) body(text []byte, change func(*Deviation) func(any) (any, bool)) ([]byte, error) {
	if len(text) == 0 {
		return text, nil
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, fmt.Errorf("the body is no JSON: %w", err)
	}
	for i := range s.deviations {
		by := change(&s.deviations[i])
		if by == nil {
			continue
		}
		if changed, ok := by(value); ok {
			s.note(s.deviations[i])
			value = changed
		}
	}
	return json.Marshal(value)
}

func (s *Spec) note(d Deviation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hit[d.Name] = true
}

// unnamed gives what a validator found and no deviation names.
func (s *Spec) unnamed(err error) []string {
	var left []string
	for _, fault := range single(err) {
		text := fault.Error()
		at := slices.IndexFunc(s.deviations, func(d Deviation) bool { return d.Fault != "" && strings.Contains(text, d.Fault) })
		if at < 0 {
			left = append(left, text)
			continue
		}
		s.note(s.deviations[at])
	}
	return left
}

// single takes errors that hold several apart.
func single(err error) []error {
	if err == nil {
		return nil
	}
	if several, ok := errors.AsType[openapi3.MultiError](err); ok {
		var all []error
		for _, inner := range several {
			all = append(all, single(inner)...)
		}
		return all
	}
	return []error{err}
}
