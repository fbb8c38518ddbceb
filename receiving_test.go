package main_test

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what some providers sign by
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// hookSecret is the value of every secret of these tests: it suits each kind.
const hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// inboundDelivery is what a provider sends, and what comes of it.
type inboundDelivery struct {
	kind, config string // of the source, which is named after its kind
	query        string
	body         string
	header       map[string]string
	sign         func(r *http.Request, body string) // nil where the query proves it
	tree, answer string                             // path of its tree, and an expression that the tree returns
	want         string                             // in JSON
}

// inboundDeliveries has one of each kind.
func inboundDeliveries(now time.Time) []inboundDelivery {
	stamp := fmt.Sprint(now.Unix())
	set := func(header, form string, algorithm func() hash.Hash, encode func([]byte) string, before string) func(*http.Request, string) {
		return func(r *http.Request, body string) {
			m := hmac.New(algorithm, []byte(hookSecret))
			_, _ = io.WriteString(m, before+body)
			r.Header.Set(header, fmt.Sprintf(form, encode(m.Sum(nil))))
		}
	}
	base64Text := base64.StdEncoding.EncodeToString
	const token = "token=" + hookSecret
	return []inboundDelivery{
		{
			kind: "github", config: "secret: HOOK", header: map[string]string{"X-GitHub-Event": "pull_request", "X-GitHub-Delivery": "g1"},
			body: `{"action":"opened","pull_request":{"title":"Mend the lamp"}}`, sign: set("X-Hub-Signature-256", "sha256=%s", sha256.New, hex.EncodeToString, ""),
			tree: "GitHub / pull_request", answer: "data.pull_request.title", want: `"Mend the lamp"`,
		},
		{
			kind: "stripe", config: "secret: HOOK", body: `{"id":"evt_1","type":"invoice.paid","data":{"object":{"id":"in_1"}}}`,
			sign: set("Stripe-Signature", "t="+stamp+",v1=%s", sha256.New, hex.EncodeToString, stamp+"."),
			tree: "Stripe / invoice.paid", answer: "data.data.object.id", want: `"in_1"`,
		},
		{
			kind: "slack", config: "secret: HOOK", header: map[string]string{"X-Slack-Request-Timestamp": stamp},
			body: `{"type":"event_callback","event_id":"Ev1","event":{"type":"message","text":"hello"}}`,
			sign: set("X-Slack-Signature", "v0=%s", sha256.New, hex.EncodeToString, "v0:"+stamp+":"),
			tree: "Slack / message", answer: "data.event.text", want: `"hello"`,
		},
		{
			kind: "shopify", config: "secret: HOOK", header: map[string]string{"X-Shopify-Topic": "orders/create", "X-Shopify-Webhook-Id": "s1"},
			body: `{"id":450789469,"total_price":"598.94"}`, sign: set("X-Shopify-Hmac-Sha256", "%s", sha256.New, base64Text, ""),
			tree: "Shopify > orders / create", answer: "data.total_price", want: `"598.94"`,
		},
		{
			kind: "standard", config: "secret: HOOK, platform: partner", header: map[string]string{"Webhook-Id": "w1", "Webhook-Timestamp": stamp},
			body: `{"type":"order.paid","timestamp":"2026-03-02T09:15:00Z","data":{"total":5}}`,
			sign: func(r *http.Request, body string) {
				key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(hookSecret, "whsec_"))
				m := hmac.New(sha256.New, key)
				_, _ = io.WriteString(m, "w1."+stamp+"."+body)
				r.Header.Set("Webhook-Signature", "v1,"+base64Text(m.Sum(nil)))
			},
			tree: "Partner / order.paid", answer: "data.total", want: `5`,
		},
		{
			kind: "hmac", config: "secret: HOOK, header: X-Sign, algorithm: sha1, platform: legacy, event: header X-Event, id: body /id",
			header: map[string]string{"X-Event": "door/opened"}, body: `{"id":7}`, sign: set("X-Sign", "%s", sha1.New, hex.EncodeToString, ""),
			tree: "Legacy > door / opened", answer: "data.id", want: `7`,
		},
		{
			kind: "basic", config: "secret: HOOK, user: door, platform: gate, event: body /type", body: `{"type":"closed"}`,
			sign: func(r *http.Request, _ string) { r.SetBasicAuth("door", hookSecret) },
			tree: "Gate / closed", answer: "event.source", want: `"basic"`,
		},
		{
			kind: "token", config: "secret: HOOK, header: X-Token, platform: plain", body: `{"n":1}`,
			sign: func(r *http.Request, _ string) { r.Header.Set("X-Token", hookSecret) },
			tree: "Plain / received", answer: "data.n", want: `1`,
		},
		{
			kind: "kinetic", config: "secret: HOOK", body: `{"event":{"type":"Submission","action":"Submitted"},"kapp":{"slug":"services"},"form":{"slug":"laptop"},"submission":{"id":"s1"},"values":{"Cost":3}}`,
			sign: func(r *http.Request, body string) {
				sum := sha1.Sum([]byte(hookSecret + body)) //nolint:gosec // the vendor's
				r.Header.Set("X-Kinetic-SignatureKey", "AK1")
				r.Header.Set("X-Kinetic-Signature", base64.RawURLEncoding.EncodeToString(sum[:]))
			},
			tree: "Submissions > services > laptop / Submitted", answer: "values.Cost", want: `3`,
		},
		{
			kind: "accelo", config: "secret: HOOK", header: map[string]string{"X-Accelo-Event": "assign_task", "Content-Type": "application/x-www-form-urlencoded"},
			body: "id=12&resource_url=https%3A%2F%2Facme.api.accelo.com%2Fapi%2Fv0%2Ftasks%2F12",
			sign: set("X-Hub-Signature", "sha1=%s", sha1.New, hex.EncodeToString, ""),
			tree: "Accelo > task / assign_task", answer: "data.id", want: `12`,
		},
		{
			kind: "keap", config: "token: HOOK", query: token,
			body: `{"event_key":"contact.add","object_type":"contact","object_keys":[{"id":123,"apiUrl":"","timestamp":"2026-03-02T09:15:00Z"}]}`,
			tree: "Keap > contact / add", answer: "data.id", want: `123`,
		},
		{
			kind: "actionstep", config: "token: HOOK", query: token + "&event=ActionCreated", header: map[string]string{"Content-Type": "application/vnd.api+json"},
			body: `{"data":{"type":"actions","id":"12","attributes":{"name":"Smith"}}}`,
			tree: "Actionstep > actions / ActionCreated", answer: "data.attributes.name", want: `"Smith"`,
		},
	}
}

// The real binary takes one delivery of each kind and runs its tree; what was
// tampered with leaves nothing behind.
func TestReceiving_eachKindRunsItsTree(t *testing.T) {
	t.Parallel()

	deliveries := inboundDeliveries(time.Now())
	space := "slug: acme\nsecrets: [HOOK]\nsources:\n"
	files := map[string]string{}
	for _, d := range deliveries {
		space += "  " + d.kind + ": {kind: " + d.kind + ", " + d.config + "}\n"
		files["trees/"+d.kind+".yaml"] = "tree: " + d.tree + "\nnodes:\n  - id: answer\n    return: \"${ " + d.answer + " }\"\n"
	}
	files["space.yaml"] = space
	b := newBinary(t, files)
	b.env = []string{"HOOKTREE_SECRET_HOOK=" + hookSecret}
	b.start()
	viewer := b.token("viewer")
	for _, d := range deliveries {
		b.receives(d, viewer)
	}
	var events struct {
		Events []json.RawMessage `json:"events"`
	}
	b.get("/api/v1/events?limit=100", viewer, &events)
	if len(events.Events) != len(deliveries) {
		t.Errorf("%d events are stored; want %d: one of each source", len(events.Events), len(deliveries))
	}
	b.explains()
}

// receives sends a delivery tampered with, as it is, once more, and packed.
func (b *binary) receives(d inboundDelivery, viewer string) {
	b.t.Helper()
	if status, answer := b.deliver(d, tampered); status != http.StatusUnauthorized || !strings.Contains(answer, `"not_verified"`) {
		b.t.Errorf("%s, tampered with: %d %s; want 401", d.kind, status, answer)
	}
	status, answer := b.deliver(d, asSent)
	var told struct {
		Events []struct{ ID, Path string }
	}
	if err := json.Unmarshal([]byte(answer), &told); err != nil || status != http.StatusOK || len(told.Events) != 1 {
		b.t.Errorf("%s: %d %s, %v", d.kind, status, answer, err)
		return
	}
	var event struct {
		Sender   string
		Jobs     []struct{ Run int64 }
		Verdicts json.RawMessage
	}
	b.get("/api/v1/events/"+told.Events[0].ID, viewer, &event)
	if event.Sender != "source:"+d.kind || len(event.Jobs) != 1 {
		b.t.Errorf("%s: the event at %s was sent by %s and fired %v: %s", d.kind, told.Events[0].Path, event.Sender, event.Jobs, event.Verdicts)
		return
	}
	var run struct {
		Status  string
		Outputs json.RawMessage
	}
	b.get(fmt.Sprintf("/api/v1/runs/%d", event.Jobs[0].Run), viewer, &run)
	if run.Status != "Complete" || string(run.Outputs) != d.want {
		b.t.Errorf("%s: the run is %s and returned %s; want %s", d.kind, run.Status, run.Outputs, d.want)
	}
	// The kinds whose deliveries say what identifies them know a repeat.
	switch d.kind {
	case "basic", "token", "kinetic", "accelo":
	default:
		if status, answer := b.deliver(d, packed); status != http.StatusOK || !strings.Contains(answer, `"repeats":1`) {
			b.t.Errorf("%s, once more and packed: %d %s; want a repeat", d.kind, status, answer)
		}
	}
}

// way is how a delivery is sent.
type way int

const (
	asSent   way = iota
	tampered     // after it was signed
	packed       // by gzip
)

func (b *binary) deliver(d inboundDelivery, how way) (int, string) {
	b.t.Helper()
	body, query := []byte(d.body), d.query
	if how == packed {
		var small bytes.Buffer
		w := gzip.NewWriter(&small)
		_, _ = w.Write(body)
		if err := w.Close(); err != nil {
			b.t.Fatal(err)
		}
		body = small.Bytes()
	}
	if how == tampered {
		body, query = []byte(strings.Replace(d.body, "1", "2", 1)+" "), strings.Replace(query, "whsec_M", "whsec_N", 1)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, "http://"+b.addr+"/in/"+d.kind+"?"+query, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for name, value := range d.header {
		r.Header.Set(name, value)
	}
	if d.sign != nil {
		d.sign(r, d.body)
	}
	if how == packed {
		r.Header.Set("Content-Encoding", "gzip")
	}
	if how == tampered && (d.kind == "basic" || d.kind == "token") { // these prove who sends, not what
		r.Header.Del("Authorization")
		r.Header.Set("X-Token", hookSecret+"x")
	}
	response, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

// explains checks what the server itself answers around the sources, and what
// an operator finds.
func (b *binary) explains() {
	b.t.Helper()
	for _, tt := range []struct {
		method, path string
		status       int
		says         string
	}{
		{http.MethodPost, "/in/github", http.StatusRequestEntityTooLarge, "too_large"},
		{http.MethodGet, "/in/github", http.StatusMethodNotAllowed, "set this address as the webhook's URL"},
		{http.MethodPut, "/in/github", http.StatusMethodNotAllowed, "POST"},
		{http.MethodPost, "/in/nobody", http.StatusNotFound, "unknown_source"},
		{http.MethodPost, "/in/github", http.StatusUnauthorized, "not_verified"},
		{http.MethodGet, "/metrics", http.StatusOK, "hooktree_inbound_events_total 12\n"},
		{http.MethodGet, "/metrics", http.StatusOK, "hooktree_inbound_unverified_total 13\n"},
	} {
		sent := ""
		if tt.status == http.StatusRequestEntityTooLarge {
			sent = strings.Repeat("x", 5_000_000)
		}
		status, body, err := b.call(tt.method, tt.path, sent, func(*http.Request) {})
		if err != nil || status != tt.status || !strings.Contains(string(body), tt.says) {
			b.t.Errorf("%s %s: %d %s %v; want %d with %q", tt.method, tt.path, status, body, err, tt.status, tt.says)
		}
	}
	if log := b.stop(); !strings.Contains(log, "a delivery was refused: it is not verified") || strings.Contains(log, hookSecret) {
		b.t.Errorf("the log is\n%s", log)
	}
}

// A source whose secret has no value takes nothing, asks providers to come
// back, and stands among the warnings.
func TestReceiving_aSourceWithoutASecretsValueIsToldOf(t *testing.T) {
	t.Parallel()

	b := newBinary(t, map[string]string{"space.yaml": "slug: acme\nsecrets: [HOOK, OLD]\nsources:\n  repo: {kind: github, secrets: [HOOK, OLD]}\n"})
	b.start()
	status, body, err := b.call(http.MethodPost, "/in/repo", "{}", func(*http.Request) {})
	if err != nil || status != http.StatusServiceUnavailable || !strings.Contains(string(body), "source_not_ready") {
		t.Errorf("got %d %s %v; want 503", status, body, err)
	}
	_, body, _ = b.call(http.MethodGet, "/readyz", "", func(*http.Request) {})
	if !strings.Contains(string(body), "the source repo takes no deliveries: HOOK or OLD has no value; set HOOKTREE_SECRET_HOOK") {
		t.Errorf("readyz says %s", body)
	}
}
