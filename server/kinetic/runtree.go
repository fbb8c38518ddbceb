package kinetic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"hooktree/engine"
	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/webhooks/delivery"
	"hooktree/webhooks/event"
)

// taskV1 lists the calls of the Task API's first version: what webhooks of the
// vendor's platform call. Anybody may call run-tree and show a signature; the
// rest is decided there.
func (a *api) taskV1() []server.Route {
	public := []route{
		{method: http.MethodPost, path: "/run-tree/:source/:group/:name", limit: a.config.Limit, call: a.runTree},
		post("/complete-deferred-task/:source", a.finishDeferral),
		post("/update-deferred-task/:source", a.finishDeferral),
	}
	return slices.Concat(
		a.routes(accounts.Public, public...),
		a.routes(accounts.Viewer,
			get("/sources/:source/runs", a.listRuns),
			get("/sources/:source/runs/:id", a.showRun),
		),
	)
}

// admit lets a caller pass who may start runs, or whose request bears the
// signature of a known access key. It gives the name of the caller's
// credential.
func (a *api) admit(ctx context.Context, req *request) (string, error) {
	identifier := delivery.KineticKey(req.Header)
	if identifier == "" && req.Header.Get(delivery.HeaderKineticSignature) == "" {
		return req.Identity.Credential, permitted(req.Identity)
	}
	key, err := a.services.AccessKeys.AccessKey(ctx, identifier)
	if err != nil && !errors.Is(err, accounts.ErrNotFound) {
		return "", fmt.Errorf("load an access key: %w", err)
	}
	// An unknown key has no secret, and what it signed is refused like a wrong
	// signature: nobody learns which keys there are.
	if err := delivery.VerifyKinetic(req.Header, req.Body, [][]byte{key.Secret}); err != nil {
		a.warn(req, identifier, err)
		return "", fail(http.StatusUnauthorized, keySignature,
			"The request signature is invalid. Sign the body as it is sent with the secret of an access key that is known here.")
	}
	return "access-key:" + identifier, nil
}

// warn logs a signature that was refused, so many a minute: a stranger may send
// any number.
func (a *api) warn(req *request, identifier string, err error) {
	now := a.config.Now()
	a.unsigned.Tell(a.config.Log, "signatures that were refused", now)
	if a.unsigned.Take(req.Remote.String(), now) {
		a.config.Log.Warn("a signature was refused", "key", clip(identifier), "error", err, "from", req.Remote.String(), "request", req.ID)
	}
}

func permitted(who accounts.Identity) error {
	switch {
	case who.Role.May(accounts.Operator):
		return nil
	case who.Known():
		return fail(http.StatusForbidden, keyForbidden, "this call needs the role operator, and %s has %s; ask an admin", clip(who.Name), who.Role)
	default:
		return fail(http.StatusUnauthorized, "not_signed_in", "this call needs a signature by an access key, or the credentials of an operator")
	}
}

// runV1 is the answer of v1 and v2 in one: clients read the run's number from
// either.
type runV1 struct {
	started

	Run struct {
		ID int64 `json:"id"`
	} `json:"run"`
}

func (a *api) runTree(ctx context.Context, req *request) (any, error) {
	credential, err := a.admit(ctx, req)
	if err != nil {
		return nil, err
	}
	title := engine.Title{Source: req.Params["source"], Group: req.Params["group"], Name: req.Params["name"]}
	sent, err := req.readPayload()
	if err != nil {
		return nil, err
	}
	number, err := a.start(ctx, title, a.eventOf(req, title, sent, credential))
	if err != nil {
		return nil, err
	}
	answer := runV1{started: initiated(number)}
	answer.Message = fmt.Sprintf("Initiated run #%d for the %q tree.", number, title.String())
	answer.Run.ID = number
	return answer, nil
}

// headerRun is how our own handlers name the run whose effect a request is.
const headerRun = "Hooktree-Run"

// eventOf makes the event that a direct start is kept as: the one that the
// payload tells of, where it is an event of the catalogue, and else one of the
// type Tree. An event's own id is left out: one event starts several trees, by
// one call each.
func (a *api) eventOf(req *request, title engine.Title, sent payload, credential string) event.Event {
	now := a.config.Now()
	e, err := event.Parse(sent.body, a.services.Catalogue(), now)
	if err != nil {
		e = event.Event{
			Platform: event.Kinetic, Type: "Tree", Action: "Run", Path: title.Group + " / " + title.Name,
			Occurred: now, Received: now, Data: sent.data, Body: sent.body,
		}
	}
	e.ExternalID, e.Credential = "", credential
	if run, err := uuid.Parse(req.Header.Get(headerRun)); err == nil {
		e.Cause = event.Cause{Run: run.String(), Depth: 1}
	}
	return e
}

// start starts a tree and gives the number of its run.
func (a *api) start(ctx context.Context, title engine.Title, e event.Event) (int64, error) {
	if t, ok := a.services.Trees.Library().Find(title); ok && t.Routine {
		return 0, unsupported("%q is a routine; trees call it with its inputs, and it cannot be started by itself", clip(title.String()))
	}
	receipt, err := a.services.Runner.RunTree(ctx, title, e)
	if err != nil {
		return 0, fmt.Errorf("start %s: %w", title, err)
	}
	if len(receipt.Jobs) == 0 {
		reason := "no run was started"
		for _, v := range receipt.Verdicts {
			reason = v.Reason
		}
		return 0, invalid("%s; the event is kept as %s", reason, receipt.EventID)
	}
	if run := receipt.Jobs[0].Run; run > 0 {
		return run, nil
	}
	return 0, a.failedStart(ctx, receipt.Jobs[0].ID)
}

// failedStart tells why a job has no run, in the words that it keeps.
func (a *api) failedStart(ctx context.Context, jobID string) error {
	job, err := a.services.History.Job(ctx, jobID)
	if err != nil {
		return fmt.Errorf("load job %s: %w", jobID, err)
	}
	if job.Response == nil {
		return fmt.Errorf("job %s has neither a run nor an answer", jobID)
	}
	key := keyNotFound
	if job.Response.Status != http.StatusNotFound {
		key = "failed"
	}
	return fail(job.Response.Status, key, "%s", job.Response.Body)
}

// finishDeferral answers completions and updates of tokens. This version of
// hooktree runs no tree that defers, so that no token is waited for.
func (a *api) finishDeferral(ctx context.Context, req *request) (any, error) {
	if _, err := a.admit(ctx, req); err != nil {
		return nil, err
	}
	var sent struct {
		Token   string `json:"token"`
		Message string `json:"message"`
	}
	if err := req.json(&sent); err != nil {
		return nil, err
	}
	if sent.Token == "" {
		return nil, invalid("the body names no token; send {\"token\": ..., \"message\": ..., \"results\": {...}}")
	}
	return nil, nothingWaits(sent.Token)
}

func nothingWaits(token string) error {
	return missing("nothing waits for the token %q", clip(token))
}
