package main_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hooktree/server/accounts"
)

// deskSpace is a small space for tests of commands beside a running server.
var deskSpace = map[string]string{
	"space.yaml": "slug: acme\nname: Acme\n",
	"trees/desk.yaml": `tree: Submissions > services > desk / Submitted
nodes:
  - {id: pause, wait: 0.1s}
  - {id: out, return: {model: "${ values.Model }"}}
`,
	"trees/broken.yaml": `tree: Submissions > services > broken / Submitted
nodes:
  - {id: ask, do: http, with: {url: "http://127.0.0.1:1/"}}
`,
}

// hooktree runs a command with a standard input, and gives its exit code and
// what it wrote.
func hooktree(t *testing.T, env []string, input string, args ...string) (code int, out, errs string) {
	t.Helper()
	path := builtBinary(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, path, args...)
	var stdout, stderr bytes.Buffer
	command.Env = append(os.Environ(), env...)
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(input), &stdout, &stderr
	if err := command.Run(); err != nil && command.ProcessState == nil {
		t.Fatalf("hooktree %s: %v", args, err)
	}
	return command.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// must runs a command that has to succeed, and gives what it wrote.
func must(t *testing.T, input string, args ...string) string {
	t.Helper()
	code, out, errs := hooktree(t, nil, input, args...)
	if code != 0 {
		t.Fatalf("hooktree %s = %d: %s%s", args, code, out, errs)
	}
	return out
}

// status is that of a read by some credentials.
func (b *binary) status(authorize func(*http.Request)) int {
	b.t.Helper()
	status, body, err := b.call(http.MethodGet, "/api/v1/jobs", "", authorize)
	if err != nil {
		b.t.Fatalf("GET /jobs: %v: %s", err, body)
	}
	return status
}

// refusedWithin asks until credentials are refused, which has to be soon.
func (b *binary) refusedWithin(limit time.Duration, authorize func(*http.Request)) {
	b.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for start := time.Now(); b.status(authorize) != http.StatusUnauthorized; <-tick.C {
		if time.Since(start) > limit {
			b.t.Fatalf("the credentials still work after %s", limit)
		}
	}
}

// slack is what a loaded machine may add to a promised time.
const slack = 10 * time.Second

func TestToken_worksAndEndsAtARunningServer(t *testing.T) {
	t.Parallel()

	b := newBinary(t, deskSpace)
	b.start()
	secret := strings.TrimSpace(must(t, "", "token", "create", "portal", "--role", "viewer", "--data", b.data))
	if got := b.status(bearer(secret)); got != http.StatusOK {
		t.Fatalf("a new token answers %d; want 200", got)
	}
	list := must(t, "", "token", "list", "--data", b.data)
	if !strings.Contains(list, "portal") || strings.Contains(list, secret) {
		t.Errorf("the list is to name the token and not its secret:\n%s", list)
	}
	id := strings.Fields(strings.Split(list, "\n")[1])[0]
	said := must(t, "", "token", "revoke", id, "--data", b.data)
	if !strings.Contains(said, accounts.Noticed.String()) {
		t.Errorf("revoke says %q; want the time until it holds", said)
	}
	b.refusedWithin(accounts.Noticed+slack, bearer(secret))
	if list := must(t, "", "token", "list", "--data", b.data); !strings.Contains(list, "revoked") {
		t.Errorf("the list does not say that the token is revoked:\n%s", list)
	}
	if code, _, errs := hooktree(t, nil, "", "token", "revoke", "nobody", "--data", b.data); code != 1 || !strings.Contains(errs, "hooktree token list") {
		t.Errorf("revoking an unknown token = %d, %q; want 1 and where ids are", code, errs)
	}
}

func TestUser_isKeptBesideARunningServer(t *testing.T) {
	t.Parallel()

	b := newBinary(t, deskSpace)
	b.start()
	login := func(password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth("bob", password) }
	}
	must(t, "first password\n", "user", "add", "bob", "--role", "viewer", "--data", b.data)
	if got := b.status(login("first password")); got != http.StatusOK {
		t.Fatalf("a new user answers %d; want 200", got)
	}
	must(t, "second password", "user", "password", "bob", "--data", b.data)
	if got := b.status(login("second password")); got != http.StatusOK {
		t.Errorf("the new password answers %d; want 200", got)
	}
	b.refusedWithin(accounts.Noticed+slack, login("first password"))
	must(t, "", "user", "remove", "bob", "--data", b.data)
	b.refusedWithin(accounts.Noticed+slack, login("second password"))

	for _, tt := range []struct {
		name, input string
		args        []string
		code        int
		want        string
	}{
		{"a name that is taken", "long enough", []string{"add", "admin", "--role", "admin"}, 1, "hooktree user password admin"},
		{"a short password", "short", []string{"add", "eve", "--role", "viewer"}, 1, "8 to 256 bytes"},
		{"no password", "", []string{"add", "eve", "--role", "viewer"}, 2, "no password came in"},
		{"no role", "long enough", []string{"add", "eve"}, 2, "--role"},
		{"a password as an argument", "", []string{"password", "admin", "secret"}, 2, "unexpected argument"},
		{"an unknown user", "long enough", []string{"password", "eve"}, 1, "there is no user eve"},
		{"the last admin", "", []string{"remove", "admin"}, 1, "one active admin"},
	} {
		code, _, errs := hooktree(t, nil, tt.input, append(append([]string{"user"}, tt.args...), "--data", b.data)...)
		if code != tt.code || !strings.Contains(errs, tt.want) {
			t.Errorf("%s = %d, %q; want %d and %q", tt.name, code, errs, tt.code, tt.want)
		}
	}
}

func TestBackup_isServedAgain(t *testing.T) {
	t.Parallel()

	b := newBinary(t, deskSpace)
	b.start()
	token := b.token("operator")
	fire := func(b *binary) (int, string, string) {
		return hooktree(t, []string{"HOOKTREE_TOKEN=" + token, "HOOKTREE_SERVER=http://" + b.addr}, deskEvent("desk", "e-1"), "fire", "--wait", "-")
	}
	if code, out, errs := fire(b); code != 0 {
		t.Fatalf("fire = %d: %s%s", code, out, errs)
	}
	copied := filepath.Join(t.TempDir(), "monday.db")
	must(t, "", "backup", copied, "--data", b.data)
	if code, _, errs := hooktree(t, nil, "", "backup", copied, "--data", b.data); code != 2 || !strings.Contains(errs, "name a file that is not there") {
		t.Errorf("a backup over a file = %d, %q; want 2 and what to do", code, errs)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy is %v, %v; want one that its owner alone may read", info.Mode(), err)
	}

	restored := newBinary(t, deskSpace)
	if err := os.Rename(copied, filepath.Join(restored.data, "hooktree.db")); err != nil {
		t.Fatal(err)
	}
	restored.start()
	var run struct{ Status string }
	restored.get("/api/v1/runs/1", token, &run) // the token came along
	if run.Status != "Complete" {
		t.Errorf("run 1 of the restored data is %q; want Complete", run.Status)
	}
	if code, out, _ := fire(restored); code != 0 || !strings.Contains(out, "a duplicate") {
		t.Errorf("the event fired again at the restored server = %d, %s; want a duplicate", code, out)
	}
}

// deskEvent is a submission to a form of the served space.
func deskEvent(form, id string) string {
	return `{"event":{"type":"Submission","action":"Submitted","id":"` + id + `"},"kapp":{"slug":"services"},
		"form":{"slug":"` + form + `"},"submission":{"id":"s-1"},"values":{"Model":"X1"}}`
}

func TestFire_showsRunsOfARunningServer(t *testing.T) {
	t.Parallel()

	b := newBinary(t, deskSpace)
	b.start()
	env := []string{"HOOKTREE_TOKEN=" + b.token("operator"), "HOOKTREE_SERVER=http://" + b.addr}
	for _, tt := range []struct {
		name, input string
		code        int
		wantOut     string
		wantErr     string
	}{
		{"a run to its end", deskEvent("desk", "e-1"), 0, `returned {"model":"X1"}`, ""},
		{"the same event again", deskEvent("desk", "e-1"), 0, "a duplicate: nothing new was started", ""},
		{"a run that stops", deskEvent("broken", "e-2"), 1, `ask: GET http://127.0.0.1:1/: refused`, "1 of 1 runs did not complete"},
		{"an event that nobody wants", deskEvent("nowhere", "e-3"), 0, "none", ""},
		{"a list", "[" + deskEvent("desk", "e-4") + "," + deskEvent("desk", "e-5") + "]", 0, "run #", ""},
		{"a CloudEvent", `{"specversion":"1.0","id":"c-1","source":"/portal","type":"com.example.submission.submitted",
			"data":{"kapp":{"slug":"services"},"form":{"slug":"desk"},"values":{"Model":"M"}}}`, 0, `returned {"model":"M"}`, ""},
		{"a misspelled event", strings.Replace(deskEvent("desk", "e-6"), "Submitted", "Submited", 1), 1, "", `did you mean "Submitted"?`},
		{"another body under the same id", deskEvent("broken", "e-1"), 1, "", "422"},
	} {
		code, out, errs := hooktree(t, env, tt.input, "fire", "--wait", "-")
		if code != tt.code || !strings.Contains(out, tt.wantOut) || !strings.Contains(errs, tt.wantErr) {
			t.Errorf("%s = %d\n%s%s\nwant %d, %q and %q", tt.name, code, out, errs, tt.code, tt.wantOut, tt.wantErr)
		}
	}
}

func TestServe_refusesToStartWithASentence(t *testing.T) {
	t.Parallel()

	b := newBinary(t, deskSpace)
	b.start()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	untouched := filepath.Join(t.TempDir(), "data")
	faulty := t.TempDir()
	if err := os.WriteFile(filepath.Join(faulty, "space.yaml"), []byte("slugg: acme\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		env  []string
		args []string
		want string
	}{
		{"a space with a fault", nil, []string{"--space", faulty, "--data", t.TempDir()}, "space.yaml:1:1"},
		{"an empty space", nil, []string{"--space", t.TempDir(), "--data", t.TempDir()}, "there is no space in"},
		{"data under a file", nil, []string{"--space", b.space, "--data", filepath.Join(file, "data")}, "--data names the directory"},
		{"a port in use", nil, []string{"--space", b.space, "--data", untouched, "--listen", b.addr}, "something else listens on " + b.addr},
		{"a short password", []string{"HOOKTREE_ADMIN_PASSWORD=short"}, []string{"--space", b.space, "--data", t.TempDir()}, "HOOKTREE_ADMIN_PASSWORD: a password has 8"},
	} {
		args := append([]string{"serve", "--listen", "127.0.0.1:0"}, tt.args...)
		code, _, errs := hooktree(t, tt.env, "", args...)
		if code != 1 || !strings.Contains(errs, tt.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s = %d, %q; want 1 and one line with %q", tt.name, code, errs, tt.want)
		}
	}
	if _, err := os.Stat(untouched); !os.IsNotExist(err) {
		t.Errorf("a server that could not listen made its data directory: %v", err)
	}
}

func TestServe_tellsHowToSignIn(t *testing.T) {
	t.Parallel()

	b := newBinary(t, deskSpace)
	b.password = ""
	b.start()
	must(t, "long enough", "user", "add", "boss", "--role", "admin", "--data", b.data)
	if got := b.status(func(r *http.Request) { r.SetBasicAuth("boss", "long enough") }); got != http.StatusOK {
		t.Errorf("the first admin, made by the command, answers %d; want 200", got)
	}
	printed := b.stop()
	for _, want := range []string{"hooktree serves Acme (", "http://" + b.addr + "/setup?token=hsetup_", "hooktree user add admin --role admin --data " + b.data} {
		if !strings.Contains(printed, want) {
			t.Errorf("a first start without a password says\n%s\nwant %q in it", printed, want)
		}
	}
	b.start()
	if printed := b.stop(); strings.Contains(printed, "hsetup_") || !strings.Contains(printed, "Sign in there") {
		t.Errorf("a later start says\n%s\nwant no link, and where to sign in", printed)
	}
}
