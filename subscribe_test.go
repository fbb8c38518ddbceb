package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// platformSpace plays the vendors, by their own dialects.
var platformSpace = map[string]string{"space.yaml": `slug: platform
egress: {allow: [127.0.0.1/32]}
dialects:
  keap: {window: 50ms}
`}

// ourSpace registers a source of each kind at the platform whose address and
// client are filled in, and runs a tree on an event of each.
const ourSpace = `slug: ours
secrets: [PATH, SIGNING, KEAP_KEY, ACTIONSTEP_SECRET, ACTIONSTEP_REFRESH, ACCELO_SECRET]
egress: {allow: [127.0.0.1/32]}
sources:
  crm:
    kind: keap
    token: PATH
    register: {api: "http://%[1]s/crm/rest/v1", url: "http://%[2]s", key: KEAP_KEY, events: [contact.add, contact.edit]}
  law:
    kind: actionstep
    token: PATH
    register: {api: "http://%[1]s/api/rest", url: "http://%[2]s", client: %[4]s, client_secret: ACTIONSTEP_SECRET, refresh_token: ACTIONSTEP_REFRESH, token_url: "http://%[1]s/api/oauth/token", events: [ActionCreated]}
  firm:
    kind: accelo
    secret: SIGNING
    register: {api: "http://%[1]s/api/v0", url: "http://%[2]s", client: %[3]s, client_secret: ACCELO_SECRET, events: [assign_task]}
`

// tokenFor makes a token of a dialect.
func (b *binary) tokenFor(dialect string) string {
	b.t.Helper()
	return strings.TrimSpace(must(b.t, "", "token", "create", "--dialect", dialect, "--owner", "integrations", "--owner-id", "7", "--data", b.data))
}

func TestSubscribe_bringsEventsOfThePlatformsToTrees(t *testing.T) {
	t.Parallel()

	platform := newBinary(t, platformSpace)
	platform.start()
	client, letIn := platform.newClient("accelo"), platform.newClient("actionstep")
	secrets := []string{
		"HOOKTREE_SECRET_PATH=unguessable", "HOOKTREE_SECRET_SIGNING=by-which-accelo-signs",
		"HOOKTREE_SECRET_KEAP_KEY=" + platform.tokenFor("keap"), "HOOKTREE_SECRET_ACCELO_SECRET=" + client.Secret,
		"HOOKTREE_SECRET_ACTIONSTEP_SECRET=" + letIn.Secret, "HOOKTREE_SECRET_ACTIONSTEP_REFRESH=" + letIn.Refresh,
	}
	ours := newBinary(t, nil)
	ours.env = secrets
	ours.write("space.yaml", fmt.Sprintf(ourSpace, platform.addr, ours.addr, client.ID, letIn.ID))
	for _, path := range []string{"Keap > contact / add", "Actionstep > actions / ActionCreated", "Accelo > task / assign_task"} {
		name := strings.NewReplacer(" ", "", ">", "-", "/", "-").Replace(path)
		ours.write("trees/"+name+".yaml", "tree: "+path+"\nnodes:\n  - id: done\n    return: {id: \"${ data.id }\"}\n")
	}
	ours.start()

	subscribe := func(args ...string) (int, string) {
		code, out, errs := hooktree(t, secrets, "", append([]string{"subscribe", "crm", "law", "firm", "--space", ours.space, "--data", ours.data}, args...)...)
		return code, out + errs
	}
	if code, told := subscribe("--dry-run"); code != 0 || !strings.Contains(told, "crm: would create contact.add to http://"+ours.addr+"/in/crm\n") {
		t.Errorf("a dry run ended with %d:\n%s", code, told)
	}
	code, told := subscribe()
	for _, want := range []string{
		"crm: create contact.edit to http://" + ours.addr + "/in/crm\n", "crm: 2 of 2 subscriptions are active",
		"law: 1 of 1 subscriptions are active", "firm: 1 of 1 subscriptions are active",
	} {
		if code != 0 || !strings.Contains(told, want) || strings.Contains(told, "unguessable") {
			t.Errorf("the first round ended with %d:\n%s\nwant %q", code, told, want)
		}
	}
	if code, told := subscribe("--dry-run"); code != 0 || strings.Count(told, "all is in step") != 3 {
		t.Errorf("after the first round, a dry run ended with %d:\n%s", code, told)
	}

	publish := `[{"event":{"platform":"keap","name":"contact.add"},"data":{"id":4711}},` +
		`{"event":{"platform":"actionstep","name":"ActionCreated"},"data":{"id":4712,"name":"A matter"}},` +
		`{"event":{"platform":"accelo","name":"assign_task"},"data":{"id":4713}}]`
	if status, body, err := platform.call(http.MethodPost, "/api/v1/events", publish, bearer(platform.token("operator"))); err != nil || status != http.StatusAccepted {
		t.Fatalf("publish: %d %s %v", status, body, err)
	}
	ours.awaitReturns(3, "4711", "4712", "4713")
}

// awaitReturns waits until so many runs are complete, and wants each text in
// what they returned.
func (b *binary) awaitReturns(count int, texts ...string) {
	b.t.Helper()
	token := b.token("viewer")
	var runs struct{ Runs []json.RawMessage }
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for len(runs.Runs) < count {
		select {
		case <-tick.C:
			b.get("/api/v1/runs?status=Complete", token, &runs)
		case <-deadline:
			b.t.Fatalf("%d of %d runs are complete after 30 s", len(runs.Runs), count)
		}
	}
	var all strings.Builder
	for _, r := range runs.Runs {
		var run struct{ Number int64 }
		if err := json.Unmarshal(r, &run); err != nil {
			b.t.Fatal(err)
		}
		var whole json.RawMessage
		b.get(fmt.Sprintf("/api/v1/runs/%d", run.Number), token, &whole)
		all.Write(whole)
	}
	for _, text := range texts {
		if !strings.Contains(all.String(), text) {
			b.t.Errorf("no run returned %s:\n%s", text, all.String())
		}
	}
}

func TestSubscribe_refusesWithASentence(t *testing.T) {
	t.Parallel()

	b := newBinary(t, map[string]string{"space.yaml": `slug: ours
secrets: [PATH, TOKEN]
sources:
  repo: {kind: github, secret: PATH}
  law: {kind: actionstep, token: PATH, register: {api: "http://127.0.0.1:1/api/rest", url: "https://us.example.com", token: TOKEN, events: [ActionCreated]}}
`})
	for _, tt := range []struct {
		name string
		args []string
		env  []string
		code int
		want string
	}{
		{"an unknown source", []string{"lew"}, nil, 2, `declares no source "lew"`},
		{"a source that is not registered", []string{"repo"}, nil, 1, "no `register:`"},
		{"a secret without a value", []string{"law"}, nil, 1, "has no value; set HOOKTREE_SECRET_"},
		{"an address that the guard refuses", []string{"law"}, []string{"HOOKTREE_SECRET_PATH=p", "HOOKTREE_SECRET_TOKEN=t"}, 1, "loopback"},
		{"a platform that is not there", []string{"law", "--egress-allow", "127.0.0.1/32"}, []string{"HOOKTREE_SECRET_PATH=p", "HOOKTREE_SECRET_TOKEN=t"}, 1, "list the subscriptions for law"},
	} {
		code, out, errs := hooktree(t, tt.env, "", append([]string{"subscribe", "--space", b.space, "--data", b.data}, tt.args...)...)
		if code != tt.code || !strings.Contains(errs, tt.want) {
			t.Errorf("%s ended with %d: %s%s; want %d with %q", tt.name, code, out, errs, tt.code, tt.want)
		}
	}
}
