package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"

	"hooktree/engine"
	"hooktree/engine/masking"
	"hooktree/webhooks/delivery"
)

// Codes of failures that the worker itself finds.
const (
	codeHandler  = "missing_handler" // there is no such handler here
	codeSecret   = "secret"          // a secret has no value
	codePanic    = "panic"           // the handler is broken
	codeTooLarge = "too_large"       // the results are
	codeResults  = "results"         // the results are no JSON
)

// reached is what the outcome of a call tells of the host that it went to, as a
// policy wants to know it. By the codes of the http handler: an answer of any
// kind, no answer, or nothing, where the call did not get as far as that.
func reached(ev engine.Event) delivery.Attempt {
	at, _ := when(ev)
	failed, ok := ev.(engine.Failed)
	if !ok {
		return delivery.Attempt{Ended: at, Status: http.StatusOK}
	}
	a := delivery.Attempt{Ended: at, Err: failed.Failure.Message}
	switch failed.Failure.Code {
	case "timeout":
		a.TimedOut = true
	case "dns", "connect", "tls":
	case "status", "bad_body", codeTooLarge, codeResults:
		a.Status = http.StatusOK
	default:
		a.Refused = true
	}
	return a
}

// call carries out a handler's call and gives its outcome as an event. It
// fails only when no attempt could be made for reasons of ours.
func (w *Worker) call(ctx context.Context, work *Work) (engine.Event, error) {
	run, err := w.Runner.identity(ctx, work.RunID)
	if err != nil {
		return nil, err
	}
	c := work.Call
	results, failure := w.attempt(ctx, c, &run)
	at := w.Runner.Now()
	if failure != nil {
		return engine.Failed{Command: c.ID, At: at, Failure: *failure}, nil //nolint:nilerr // the event tells of the failure
	}
	return engine.Succeeded{Command: c.ID, At: at, Results: results}, nil
}

func (w *Worker) attempt(ctx context.Context, c *engine.Call, run *engine.Run) (map[string]any, *engine.Failure) {
	handler := w.Handlers[c.Handler]
	if handler == nil {
		return nil, failed(codeHandler, "there is no handler %q in this installation", c.Handler)
	}
	o := newOpening(w.Secrets)
	o.token = func(p engine.Part) (string, error) { return w.token(run, p) }
	opened, err := engine.Open(c.Params, c.Seals, o.reveal)
	if err != nil {
		return nil, failed(codeSecret, "%v", err)
	}
	params, _ := opened.(map[string]any)
	limit := c.Timeout
	if limit == 0 {
		limit = w.Longest
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	results, failure := guarded(ctx, handler, HandlerCall{
		Key: c.Key, Run: run.ID, Number: run.Number, Node: c.Node,
		Params: params, Secrets: maps.Clone(o.revealed), Timeout: c.Timeout,
	})
	return w.checked(results, failure, o.mask())
}

func failed(code, format string, args ...any) *engine.Failure {
	return &engine.Failure{Code: code, Message: fmt.Sprintf(format, args...)}
}

// guarded turns a panic of a handler into a failure: it is one node's trouble.
func guarded(ctx context.Context, h Handler, c HandlerCall) (results map[string]any, failure *engine.Failure) {
	defer func() {
		if p := recover(); p != nil {
			results, failure = nil, failed(codePanic, "the handler panicked: %v", p)
		}
	}()
	return h(ctx, c)
}

// checked keeps secrets out of an outcome and bounds it.
func (w *Worker) checked(results map[string]any, failure *engine.Failure, mask masking.Masker) (map[string]any, *engine.Failure) {
	if failure != nil {
		f := *failure
		f.Message = mask.Text(f.Message)
		f.Detail = mask.Members(f.Detail)
		return nil, &f
	}
	data, err := json.Marshal(results)
	switch {
	case err != nil:
		return nil, failed(codeResults, "the results cannot be stored: %s", mask.Text(err.Error()))
	case len(data) > w.Results:
		return nil, failed(codeTooLarge, "the results are %d bytes of JSON and may be %d: ask for less, or pass it on by reference", len(data), w.Results)
	}
	return mask.Members(results), nil
}

// token gives the token of a deferral of the run, or its URL.
func (w *Worker) token(run *engine.Run, p engine.Part) (string, error) {
	place := p.Token
	if place == "" {
		place = p.URL
	}
	key, ok := engine.ParseTaskKey(place)
	if !ok {
		return "", fmt.Errorf("%q names no deferral", place)
	}
	token := run.Token(key)
	if p.URL == "" {
		return token, nil
	}
	if w.Callback == nil {
		return "", fmt.Errorf("this installation has no address for %s.url", key.Node)
	}
	return w.Callback(token), nil
}

// identity gives what never changes in a run, without its data.
func (r *Runner) identity(ctx context.Context, id string) (engine.Run, error) {
	if run, ok := r.hot.peek(id); ok {
		return run, nil
	}
	loaded, err := r.Ledger.Load(ctx, id, nil)
	if err != nil {
		return engine.Run{}, fmt.Errorf("load run %s: %w", id, err)
	}
	return loaded.Run.state(nil).Run, nil
}
