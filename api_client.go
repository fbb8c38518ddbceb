package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// apiClient calls the native API of a running server.
type apiClient struct {
	server *url.URL
	token  string // sent as a bearer token where it is not empty
	http   *http.Client
	sleep  func(context.Context, time.Duration) error
}

const (
	maxAnswer     = 64 << 20 // bytes of an answer that are read
	busyAttempts  = 6        // times that a call is made while the server is busy
	longestPause  = 30 * time.Second
	defaultPause  = time.Second
	clientTimeout = time.Minute
)

// newAPIClient returns a client of the server that flags name.
func newAPIClient(server *url.URL, token string, h host) *apiClient {
	return &apiClient{server: server, token: token, http: &http.Client{Timeout: clientTimeout}, sleep: h.sleep}
}

// post sends body to path and reads the answer into answer. While the server
// says that it is busy, nothing was accepted, so the call is made again after
// the pause that it asks for.
func (c *apiClient) post(ctx context.Context, path, contentType string, body []byte, answer any) error {
	for attempt := 1; ; attempt++ {
		err := c.call(ctx, request{http.MethodPost, path, contentType, body}, answer)
		refused, ok := errors.AsType[*refusal](err)
		if !ok || !refused.busy() || attempt == busyAttempts {
			return err
		}
		if err := c.sleep(ctx, refused.pause); err != nil {
			return fmt.Errorf("wait for the server: %w", err)
		}
	}
}

// get reads what is at path, which may end in a query, into answer.
func (c *apiClient) get(ctx context.Context, path string, answer any) error {
	return c.call(ctx, request{method: http.MethodGet, path: path}, answer)
}

// request is one call of the API; path is below its root.
type request struct {
	method, path string
	contentType  string // of the body; empty for no body
	body         []byte
}

// call makes one request; an answer that is no success is a *refusal.
func (c *apiClient) call(ctx context.Context, r request, answer any) error {
	path, query, _ := strings.Cut(r.path, "?")
	address := c.server.JoinPath("api/v1", path)
	address.RawQuery = query
	target := address.String()
	out, err := http.NewRequestWithContext(ctx, r.method, target, bytes.NewReader(r.body))
	if err != nil {
		return err
	}
	out.Header.Set("Accept", "application/json")
	if r.contentType != "" {
		out.Header.Set("Content-Type", r.contentType)
	}
	if c.token != "" {
		out.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(out)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%w; is a server running there? --server names another", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", target, err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return newRefusal(response, text)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("the answer of %s is not that of a hooktree server: %w", target, err)
	}
	return nil
}

// refusal is an answer that is no success, as problem+json tells it.
type refusal struct {
	status int
	pause  time.Duration // what Retry-After asks for, within bounds

	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Errors []struct {
		Location string `json:"location"`
		Message  string `json:"message"`
	} `json:"errors"`
}

func newRefusal(response *http.Response, text []byte) *refusal {
	r := &refusal{status: response.StatusCode, pause: retryAfter(response.Header)}
	if err := json.Unmarshal(text, r); err != nil { // from something in between
		r.Detail = http.StatusText(response.StatusCode)
	}
	return r
}

// retryAfter returns the seconds that a busy server asks for.
func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.ParseUint(header.Get("Retry-After"), 10, 16)
	if err != nil || seconds == 0 {
		return defaultPause
	}
	return min(time.Duration(seconds)*time.Second, longestPause)
}

// busy reports whether the same call may be accepted later.
func (r *refusal) busy() bool {
	return r.status == http.StatusTooManyRequests || r.status == http.StatusServiceUnavailable
}

// Error tells what the server said, and each fault on a line of its own.
func (r *refusal) Error() string {
	said := r.Detail
	if said == "" {
		said = r.Title
	}
	var text strings.Builder
	fmt.Fprintf(&text, "the server answers %d", r.status)
	if r.Code != "" {
		fmt.Fprintf(&text, " %s", r.Code)
	}
	fmt.Fprintf(&text, ": %s", said)
	for _, fault := range r.Errors {
		fmt.Fprintf(&text, "\n  %s: %s", fault.Location, fault.Message)
	}
	if r.status == http.StatusUnauthorized {
		text.WriteString("\n  name a token by --token or HOOKTREE_TOKEN; `hooktree token create` makes one")
	}
	return text.String()
}
