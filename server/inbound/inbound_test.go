package inbound_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the vendor's
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hooktree/jobs"
	"hooktree/server"
	"hooktree/webhooks"
)

// issue is a delivery of GitHub, signed, with an id of its own.
func issue(id, body string) []string {
	m := hmac.New(sha256.New, []byte(hook))
	m.Write([]byte(body))
	return []string{"X-Hub-Signature-256", "sha256=" + hex.EncodeToString(m.Sum(nil)), "X-GitHub-Event", "issues", "X-GitHub-Delivery", id}
}

const opened = `{"action":"opened","issue":{"node_id":"I_1","title":"It is dark"}}`

func TestADelivery_runsTheTreeOfItsEvent(t *testing.T) {
	t.Parallel()

	h := open(t)
	r := h.ask("POST", "/repo", opened, issue("d1", opened)...)
	want := `{"events":[{"id":"00000000-0000-7000-8000-000000000001","path":"GitHub / issues.opened","duplicate":false}],"repeats":0}`
	if r.Status != http.StatusOK || string(r.Body) != want || r.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("got %d %v %s; want %s", r.Status, r.Header, r.Body, want)
	}
	run, err := h.store.Run(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := json.Marshal(run.Outputs)
	if err != nil || string(outputs) != `{"name":"issues.opened","title":"It is dark"}` {
		t.Errorf("the run returned %s, %v", outputs, err)
	}
	if e := h.stored()[0].Event; e.Credential != "source:repo" || e.ExternalID != "d1" || e.Entity != "I_1" {
		t.Errorf("the event is %+v", e)
	}
}

func TestARepeat_isAnsweredLikeTheFirst(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.ask("POST", "/repo", opened, issue("d1", opened)...)
	const later = `{"action":"opened","issue":{"node_id":"I_1","title":"It is dark"},"attempt":2}`
	for _, body := range []string{opened, later} {
		r := h.ask("POST", "/repo", body, issue("d1", body)...)
		if r.Status != http.StatusOK || !strings.Contains(string(r.Body), `"repeats":1`) {
			t.Errorf("got %d %s", r.Status, r.Body)
		}
	}
	if n := len(h.stored()); n != 1 {
		t.Errorf("%d events are stored; want 1", n)
	}
	if counts := h.mount.Counts(); counts["hooktree_inbound_events_total"] != 1 || counts["hooktree_inbound_repeats_total"] != 2 {
		t.Errorf("the counts are %v", counts)
	}
}

// Where an admin said what the id is, an id with another body may be a mistake
// of his, and the event must not be lost for it.
func TestAnIDOfAnotherBody_isToldWhereAnAdminChoseIt(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.ask("POST", "/plain", `{"type":"a"}`, "X-Token", hook, "X-Id", "1")
	r := h.ask("POST", "/plain", `{"type":"b"}`, "X-Token", hook, "X-Id", "1")
	if r.Status != http.StatusUnprocessableEntity || !strings.Contains(string(r.Body), `"key_reused"`) {
		t.Errorf("got %d %s", r.Status, r.Body)
	}
	if r = h.ask("POST", "/plain", `{"type":"a"}`, "X-Token", hook, "X-Id", "1"); r.Status != http.StatusOK {
		t.Errorf("the same once more: got %d %s", r.Status, r.Body)
	}
	if n := len(h.stored()); n != 1 {
		t.Errorf("%d events are stored; want 1", n)
	}
}

// A repeat among several events must not take the others with it.
func TestARepeatWithAnotherBody_losesNoOtherEvent(t *testing.T) {
	t.Parallel()

	h := open(t)
	send := func(body string) (int, string) {
		sum := sha1.Sum([]byte(hook + body)) //nolint:gosec // the vendor's
		r := h.ask("POST", "/platform", body, "X-Kinetic-SignatureKey", "AK", "X-Kinetic-Signature", base64.RawURLEncoding.EncodeToString(sum[:]))
		return r.Status, string(r.Body)
	}
	const first = `{"event":{"type":"User","action":"Created","id":"e1"}}`
	const again = `{"event":{"type":"User","action":"Created","id":"e1"},"user":{}}`
	if status, body := send(first); status != http.StatusOK {
		t.Fatalf("got %d %s", status, body)
	}
	if status, body := send(again); status != http.StatusOK || !strings.Contains(body, `"repeats":1`) {
		t.Errorf("alone it got %d %s; want a repeat", status, body)
	}
	several := "[" + again + `,{"event":{"type":"User","action":"Created","id":"e2"}}]`
	if status, body := send(several); status != http.StatusUnprocessableEntity {
		t.Errorf("beside a new event it got %d %s; want 422, since neither is stored", status, body)
	}
	if n := len(h.stored()); n != 1 {
		t.Errorf("%d events are stored; want 1", n)
	}
}

func TestKeap_isAnswered200WithItsSecret(t *testing.T) {
	t.Parallel()

	h := open(t)
	const at = "/crm?token=a+part+of+the+path"
	r := h.ask("POST", at, "", "X-Hook-Secret", "shake")
	if r.Status != http.StatusOK || r.Header.Get("X-Hook-Secret") != "shake" || len(r.Body) > 0 {
		t.Errorf("the handshake got %d %v %s", r.Status, r.Header, r.Body)
	}
	if r := h.ask("POST", "/crm", "", "X-Hook-Secret", "shake"); r.Status != http.StatusUnauthorized || r.Header.Get("X-Hook-Secret") != "" {
		t.Errorf("a handshake without the token got %d %v", r.Status, r.Header)
	}
	var keys []string
	for range 1000 {
		keys = append(keys, `{"id":`+string(rune('1'+len(keys)%9))+strings.Repeat("0", len(keys)%7)+`,"n":`+"1"+`}`)
	}
	r = h.ask("POST", at, `{"event_key":"contact.add","object_keys":[`+strings.Join(keys, ",")+`]}`)
	if n := len(h.paths("Keap > contact / add")); r.Status != http.StatusOK || n != 1000 {
		t.Errorf("a thousand objects got %d and made %d events", r.Status, n)
	}
	if r = h.ask("POST", at, `{"event_key":"contact.add","object_keys":[]}`); r.Status != http.StatusOK || string(r.Body) != `{"events":[],"repeats":0}` {
		t.Errorf("no objects got %d %s", r.Status, r.Body)
	}
}

// paths gives the stored events of a path.
func (h *house) paths(path string) []jobs.EventRecord {
	h.t.Helper()
	var all []jobs.EventRecord
	filter := jobs.EventFilter{Path: path, Page: jobs.Page{Limit: 500}}
	for {
		list, next, err := h.store.Events(h.t.Context(), filter)
		if err != nil {
			h.t.Fatal(err)
		}
		if all = append(all, list...); next == "" {
			return all
		}
		filter.Cursor = next
	}
}

func TestAnEventThatNobodyWants_isStored(t *testing.T) {
	t.Parallel()

	h := open(t)
	if r := h.ask("POST", "/plain", `{"type":"odd"}`, "X-Token", hook); r.Status != http.StatusOK {
		t.Fatalf("got %d %s", r.Status, r.Body)
	}
	record := h.stored()[0]
	if len(record.Verdicts) != 1 || record.Verdicts[0].Outcome != webhooks.None || record.Event.Path != "Plain / odd" {
		t.Errorf("the event is %+v", record)
	}
}

func TestWhatIsNotStored_isNeverAnswered200(t *testing.T) {
	t.Parallel()

	token := []string{"X-Token", hook}
	for _, tt := range []struct {
		name, target, body string
		header             []string
		refuse             error
		status             int
		code, says         string
		retry              string
	}{
		{"no such source", "/nothing", "{}", nil, nil, 404, "unknown_source", "space.yaml", ""},
		{"no signature", "/repo", opened, nil, nil, 401, "not_verified", "could not be verified", ""},
		{"another signature", "/repo", opened, issue("d", "{}"), nil, 401, "not_verified", "could not be verified", ""},
		{"another token", "/crm?token=x", "{}", nil, nil, 401, "not_verified", "could not be verified", ""},
		{"a secret without a value", "/unready", opened, issue("d", opened), nil, 503, "source_not_ready", "operator", "60"},
		{"no JSON", "/plain", "{", token, nil, 400, "malformed_json", "1:2", ""},
		{"no UTF-8", "/plain", "\"\xff\"", token, nil, 400, "invalid_utf8", "UTF-8", ""},
		{"a key that stands twice", "/plain", `{"type":"a","type":"b"}`, token, nil, 400, "duplicate_key", "twice", ""},
		{"no name", "/plain", "{}", token, nil, 422, "missing_member", "body /type", ""},
		{"a name that is none", "/plain", `{"type":"a > b"}`, token, nil, 422, "unknown_name", "a name is", ""},
		{"an event that is not declared", "/stock", `{"type":"StockLo"}`, token, nil, 422, "unknown_name", "StockLow", ""},
		{"a form that is none", "/plain", "type=%zz", append([]string{"Content-Type", "application/x-www-form-urlencoded"}, token...), nil, 400, "malformed_json", "percent-encode", ""},
		{"text", "/plain", "a", append([]string{"Content-Type", "text/plain"}, token...), nil, 415, "unsupported_media_type", "application/json", ""},
		{"too much is waiting", "/plain", `{"type":"a"}`, token, jobs.ErrBusy, 429, "busy", "again", "1"},
		{"no disk is left", "/plain", `{"type":"a"}`, token, jobs.ErrDiskFull, 507, "disk_full", "again", "60"},
		{"too slow", "/plain", `{"type":"a"}`, token, context.DeadlineExceeded, 503, "too_slow", "again", "5"},
		{"something else", "/plain", `{"type":"a"}`, token, errors.New("a disk name"), 500, "internal", "nothing was stored", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			h := open(t)
			h.refuse = tt.refuse
			r := h.ask("POST", tt.target, tt.body, tt.header...)
			var told struct {
				Code, Detail string
				Status       int
			}
			if err := json.Unmarshal(r.Body, &told); err != nil {
				t.Fatalf("%d %s: %v", r.Status, r.Body, err)
			}
			if r.Status != tt.status || told.Status != tt.status || told.Code != tt.code || r.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("got %d %v %s; want %d %s", r.Status, r.Header, r.Body, tt.status, tt.code)
			}
			if !strings.Contains(string(r.Body), tt.says) || r.Header.Get("Retry-After") != tt.retry {
				t.Errorf("got %s with %v; want %q in it, and Retry-After %q", r.Body, r.Header, tt.says, tt.retry)
			}
			if n := len(h.stored()); n != 0 {
				t.Errorf("%d events are stored", n)
			}
			for _, secret := range []string{hook, "a disk name", "HOOK", "NOTHING", "PATH_TOKEN"} {
				if strings.Contains(string(r.Body), secret) {
					t.Errorf("the answer tells %q: %s", secret, r.Body)
				}
			}
			if tt.status != http.StatusNotFound && h.log.Len() == 0 {
				t.Error("the log says nothing")
			}
			if strings.Contains(h.log.String(), hook) {
				t.Errorf("the log tells the secret: %s", h.log.String())
			}
		})
	}
}

func TestSlack_isAskedNotToRetryWhatCannotBeTaken(t *testing.T) {
	t.Parallel()

	h := open(t)
	sign := func(body string) []string {
		m := hmac.New(sha256.New, []byte(hook))
		stamp := "1775649600" // noon
		m.Write([]byte("v0:" + stamp + ":" + body))
		return []string{"X-Slack-Request-Timestamp", stamp, "X-Slack-Signature", "v0=" + hex.EncodeToString(m.Sum(nil))}
	}
	const challenge = `{"type":"url_verification","challenge":"abc"}`
	if r := h.ask("POST", "/chat", challenge, sign(challenge)...); r.Status != 200 || string(r.Body) != "abc" || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("the challenge got %d %v %s", r.Status, r.Header, r.Body)
	}
	if r := h.ask("POST", "/chat", challenge, sign("{}")...); r.Status != 401 || r.Header.Get("X-Slack-No-Retry") != "" {
		t.Errorf("a challenge of somebody else got %d %v %s", r.Status, r.Header, r.Body)
	}
	if r := h.ask("POST", "/chat", `{}`, sign("{}")...); r.Status != 422 || r.Header.Get("X-Slack-No-Retry") != "1" {
		t.Errorf("a delivery of nothing got %d %v %s", r.Status, r.Header, r.Body)
	}
	h.refuse = jobs.ErrBusy
	const message = `{"type":"event_callback","event_id":"E1","event":{"type":"message"}}`
	if r := h.ask("POST", "/chat", message, sign(message)...); r.Status != 429 || r.Header.Get("X-Slack-No-Retry") != "" {
		t.Errorf("a delivery that may be taken later got %d %v %s", r.Status, r.Header, r.Body)
	}
}

// Slack shows what a form is answered to whoever sent it: nothing is said.
func TestSlacksForms_areAnsweredWithoutABody(t *testing.T) {
	t.Parallel()

	h := open(t)
	send := func(form string) server.Response {
		m := hmac.New(sha256.New, []byte(hook))
		stamp := "1775649600" // noon
		m.Write([]byte("v0:" + stamp + ":" + form))
		return h.ask("POST", "/chat", form, "Content-Type", "application/x-www-form-urlencoded",
			"X-Slack-Request-Timestamp", stamp, "X-Slack-Signature", "v0="+hex.EncodeToString(m.Sum(nil)))
	}
	const command = "command=%2Fdeploy&text=now&trigger_id=1.2.a"
	button := "payload=" + url.QueryEscape(`{"type":"block_actions","trigger_id":"1.2.b","actions":[{"action_id":"approve"}]}`)
	for _, form := range []string{command, button, command + "&later=1", button, "ssl_check=1&token=t"} {
		if r := send(form); r.Status != http.StatusOK || len(r.Body) > 0 || r.Header.Get("Content-Type") != "" {
			t.Errorf("%s got %d %v %s; want 200 and nothing", form, r.Status, r.Header, r.Body)
		}
	}
	if r := send("ssl_check=1&command=%2Fdeploy&trigger_id=1.2.c"); r.Status != http.StatusOK || len(r.Body) > 0 {
		t.Errorf("a command with a check got %d %s", r.Status, r.Body)
	}
	var paths []string
	for _, record := range h.stored() {
		paths = append(paths, record.Event.Path)
	}
	if want := []string{"Slack / slash_command.deploy", "Slack / block_actions.approve", "Slack / slash_command.deploy"}; !slices.Equal(paths, want) {
		t.Errorf("stored are %q; want %q: each once", paths, want)
	}
	for form, status := range map[string]int{"a=b": 422, "payload=%7B": 400, "payload=%zz": 400} {
		if r := send(form); r.Status != status || r.Header.Get("X-Slack-No-Retry") != "1" {
			t.Errorf("%s got %d %v %s; want %d", form, r.Status, r.Header, r.Body, status)
		}
	}
	h.refuse = jobs.ErrBusy
	if r := send("command=%2Fdeploy"); r.Status != http.StatusTooManyRequests {
		t.Errorf("a command that was not stored got %d", r.Status)
	}
}

// Some clients send a password only once they were asked for it.
func TestBasic_isAskedForItsPassword(t *testing.T) {
	t.Parallel()

	h := open(t)
	if r := h.ask("POST", "/door", `{"type":"opened"}`); r.Status != http.StatusUnauthorized || !strings.HasPrefix(r.Header.Get("WWW-Authenticate"), `Basic realm="door"`) {
		t.Errorf("without a password: %d %v", r.Status, r.Header)
	}
	signed := "Basic " + base64.StdEncoding.EncodeToString([]byte("door:"+hook))
	if r := h.ask("POST", "/door", `{"type":"opened"}`, "Authorization", signed); r.Status != http.StatusOK || r.Header.Get("WWW-Authenticate") != "" {
		t.Errorf("with it: %d %v", r.Status, r.Header)
	}
	if r := h.ask("POST", "/repo", opened); r.Header.Get("WWW-Authenticate") != "" {
		t.Errorf("a signature is asked for as if it were a password: %v", r.Header)
	}
}

func TestAGet_explainsWhatTheAddressIsFor(t *testing.T) {
	t.Parallel()

	h := open(t)
	r := h.ask("GET", "/repo", "")
	if r.Status != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "POST" || !strings.Contains(string(r.Body), "set this address as the webhook's URL") {
		t.Errorf("got %d %v %s", r.Status, r.Header, r.Body)
	}
	if strings.Contains(string(r.Body), "HOOK") {
		t.Errorf("the answer names a secret: %s", r.Body)
	}
	if r := h.ask("GET", "/nothing", ""); r.Status != http.StatusNotFound {
		t.Errorf("got %d", r.Status)
	}
}

// A stranger may send any number of deliveries that are refused. The metrics
// count each; the log has one line a minute, which says how many more.
func TestTheLog_isNotFlooded(t *testing.T) {
	t.Parallel()

	h := open(t)
	lines := func() int { return strings.Count(h.log.String(), "not verified") }
	for range 100 {
		h.ask("POST", "/repo", opened)
	}
	if n := lines(); n != 1 {
		t.Errorf("a hundred refusals left %d lines; want one", n)
	}
	h.ask("POST", "/crm", "{}")
	if n := lines(); n != 2 {
		t.Errorf("another source left %d lines in all; want two", n)
	}
	h.now = h.now.Add(time.Minute)
	h.ask("POST", "/repo", opened)
	if log := h.log.String(); lines() != 3 || !strings.Contains(log, "more=99") || !strings.Contains(log, "source=repo") {
		t.Errorf("a minute later the log is\n%s", log)
	}
	if n := h.mount.Counts()["hooktree_inbound_unverified_total"]; n != 102 {
		t.Errorf("%v refusals are counted; want 102", n)
	}
}

func TestTheCauseOfADelivery_isKept(t *testing.T) {
	t.Parallel()

	h := open(t)
	const run = "0190d1b0-0000-7000-8000-000000000000"
	h.ask("POST", "/everybody", `{"id":1}`, "X-Accelo-Event", "update_task", "Hooktree-Run", run)
	h.ask("POST", "/everybody", `{"id":1}`, "X-Accelo-Event", "update_task", "Hooktree-Run", "nonsense")
	stored := h.stored()
	if len(stored) != 2 || stored[0].Event.Cause.Run != run || stored[1].Event.Cause.Run != "" {
		t.Errorf("the events are %+v", stored)
	}
}
