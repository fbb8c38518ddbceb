package server_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"hooktree/jobs"
	"hooktree/server/accounts"
)

const submitted = `{"event":{"type":"Submission","action":"Submitted"},"kapp":{"slug":"services"},"form":{"slug":"laptop-request"},"submission":{"id":"s1"},"values":{"Quantity":1}}`

// Every kind of bad input on the way in answers with its status, a stable code
// and a sentence that says what to do, in problem+json, and stores nothing.
func TestBadInput_isRefusedWithWhatToDoAndNothingIsStored(t *testing.T) {
	t.Parallel()

	basic := func(login string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(login)) }
	tests := []struct {
		name     string
		target   string // after /api/v1/events
		body     string
		headers  []string
		status   int
		code     string
		says     string
		location string // of the first error; empty when there is none
	}{
		{"malformed JSON", "", `{"event":`, nil, 400, "malformed_json", "cut off", "body/event"},
		{"text after the JSON", "", submitted + "x", nil, 400, "malformed_json", "one JSON value", "body"},
		{"an empty body", "", "", []string{"Content-Type", "application/json"}, 400, "malformed_json", "send one JSON object", "body"},
		{"a duplicate key", "", `{"event":{},"event":{}}`, nil, 400, "duplicate_key", "each key once", "body/event"},
		{"invalid UTF-8", "", "{\"event\":\"\xff\"}", nil, 400, "invalid_utf8", "UTF-8", "body"},
		{"deep nesting", "", strings.Repeat("[", 100_000), nil, 400, "too_deep", "flatten", ""},
		{"a wrong type", "", `{"event":{"type":7,"action":"Submitted"}}`, nil, 422, "wrong_type", "text", "body/event/type"},
		{"a list where an object belongs", "", `{"event":[]}`, nil, 422, "wrong_type", "object", "body/event"},
		{"a bare number", "", `7`, nil, 422, "wrong_type", "object", "body"},
		{"no event", "", `{}`, nil, 422, "missing_member", "say what happened", "body/event"},
		{"an unknown type", "", strings.Replace(submitted, "Submission", "Submision", 1), nil, 422, "unknown_type", "did you mean", "body/event/type"},
		{"an unknown action", "", strings.Replace(submitted, "Submitted", "Submited", 1), nil, 422, "unknown_action", "did you mean", "body/event/action"},
		{"a notice of ours", "", `{"event":{"platform":"hooktree","name":"subscription.disabled"},"data":{}}`, nil, 422, "reserved_platform", "the server alone makes", "body/event/platform"},
		{"a notice of ours as a CloudEvent", "", `{"specversion":"1.0","id":"1","source":"/x","type":"hooktree.subscription.deleted"}`, []string{"Content-Type", "application/cloudevents+json"}, 422, "reserved_platform", "the name of your platform", "body/type"},
		{"a notice of ours, by hooktree's type", "", `[{"event":{"type":"hooktree","action":"subscription.deleted"}}]`, nil, 422, "reserved_platform", "nothing was stored", "body/0/event/type"},
		{"a missing scope", "", strings.Replace(submitted, `"kapp":{"slug":"services"},`, "", 1), nil, 422, "missing_scope", `add "kapp"`, "body/kapp/slug"},
		{"one bad event of three", "", "[" + submitted + `,{"event":{"type":"Nope","action":"Submitted"}},` + submitted + "]", nil, 422, "unknown_type", "nothing was stored", "body/1/event/type"},
		{"an empty array", "", `[]`, nil, 422, "missing_member", "at least one", "body"},
		{"a thousand and one events", "", "[" + strings.Repeat(`{},`, 1000) + "{}]", nil, 400, "too_many_events", "several requests", "body/1000"},
		{"a form", "", "a=b", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "unsupported_media_type", "application/json", ""},
		{"no content type", "", submitted, []string{"Content-Type", ""}, 415, "unsupported_media_type", "application/json", ""},
		{"a content type that is none", "", submitted, []string{"Content-Type", "json; ;"}, 415, "unsupported_media_type", "application/json", ""},
		{"another charset", "", submitted, []string{"Content-Type", "application/json; charset=latin1"}, 415, "unsupported_charset", "UTF-8", ""},
		{"a compressed body", "", submitted, []string{"Content-Encoding", "gzip"}, 415, "unsupported_encoding", "without Content-Encoding", ""},
		{"an idempotency key of a kilobyte", "", submitted, []string{"Idempotency-Key", strings.Repeat("k", 1000)}, 422, "invalid", "at most 255", "header/Idempotency-Key"},
		{"no credentials", "", submitted, []string{"Authorization", ""}, 401, "not_signed_in", "sign in", ""},
		{"an unknown token", "", submitted, []string{"Authorization", "Bearer ht_nope"}, 401, "denied", "new token", ""},
		{"an unknown scheme", "", submitted, []string{"Authorization", "Signature abc"}, 401, "unknown_scheme", "Bearer", ""},
		{"basic that is no base64", "", submitted, []string{"Authorization", "Basic !!!"}, 401, "unknown_scheme", "base64", ""},
		{"a wrong password", "", submitted, []string{"Authorization", basic("ada:wrong password")}, 401, "denied", "wrong", ""},
		{"a page of another site", "", submitted, []string{"Sec-Fetch-Site", "cross-site"}, 403, "cross_origin", "another site", ""},
		{"a foreign origin", "", submitted, []string{"Origin", "https://evil.example.com"}, 403, "cross_origin", "another site", ""},
		{"a wait that is no time", "?wait=soon", submitted, nil, 422, "invalid", "wait=15s", "query/wait"},
		{"a wait without end", "?wait=24h", submitted, nil, 422, "invalid", "up to 60s", "query/wait"},
		{"a webhook without wait", "?webhook=x", submitted, nil, 422, "invalid", "give wait", "query/webhook"},
		{"an unknown parameter", "?wiat=1s", submitted, nil, 422, "invalid", "not known", "query/wiat"},
		{"a wait for several events", "?wait=1s", "[" + submitted + "," + submitted + "]", nil, 409, "not_one_run", "nothing was stored", ""},
		{"a wait for nothing", "?wait=1s", submitted, nil, 409, "not_one_run", "nothing was stored", ""},
		{"a CloudEvent of another version", "", "{}", []string{"Ce-Specversion", "0.3", "Ce-Id", "1", "Ce-Source", "s", "Ce-Type", "submission.submitted"}, 422, "unsupported", "1.0", "body/specversion"},
		{"a CloudEvent of an unknown type", "", "{}", []string{"Ce-Specversion", "1.0", "Ce-Id", "1", "Ce-Source", "s", "Ce-Type", "nope.nope"}, 422, "unknown_type", "TYPE.ACTION", "body/type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			h := open(t)
			headers := append([]string{"Content-Type", "application/json"}, tt.headers...)
			got := h.do(accounts.Operator, "POST", "/api/v1/events"+tt.target, tt.body, headers...)
			checkProblem(t, got, tt.status, tt.code, tt.says)
			p := got.problem(t)
			if tt.location != "" && (len(p.Errors) == 0 || p.Errors[0].Location != tt.location) {
				t.Errorf("errors = %+v; want the first at %s", p.Errors, tt.location)
			}
			if stored := h.intake.stored(); len(stored) > 0 {
				t.Errorf("%d events were stored; want none", len(stored))
			}
		})
	}
}

// The server answers a body that is too large before it has read it, and hangs
// up. Whether a client that still sends sees the answer is a race of its own,
// so this one sends and reads at the same time.
func TestBadInput_tenMegabytesAreRefusedAndNothingIsStored(t *testing.T) {
	t.Parallel()

	h := open(t)
	const size = 10 << 20
	got := h.raw("POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
		"Authorization: Bearer " + h.tokens[accounts.Operator] + "\r\n" +
		fmt.Sprintf("Content-Length: %d\r\n\r\n", size+len(submitted)) + strings.Repeat(" ", size) + submitted)
	checkProblem(t, got, 413, "too_large", "send less")
	if stored := h.intake.stored(); len(stored) > 0 {
		t.Errorf("%d events were stored; want none", len(stored))
	}
}

func checkProblem(t *testing.T, got answer, status int, code, says string) {
	t.Helper()
	if got.status != status {
		t.Errorf("status = %d; want %d (body %s)", got.status, status, clipped(got.body))
	}
	p := got.problem(t)
	if p.Status != status || p.Code != code {
		t.Errorf("problem = %d %q; want %d %q (%s)", p.Status, p.Code, status, code, p.Detail)
	}
	told := p.Detail
	for _, e := range p.Errors {
		told += "\n" + e.Location + ": " + e.Message + "; " + e.Hint
	}
	if !strings.Contains(strings.ToLower(told), strings.ToLower(says)) {
		t.Errorf("the body does not say %q: %s", says, told)
	}
}

// What the store refuses is told in the same form, with when to come back.
func TestIntake_tellsWhyNothingCouldBeStored(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		err        error
		status     int
		code       string
		retryAfter string
	}{
		{jobs.ErrBusy, 429, "busy", "1"},
		{fmt.Errorf("accept 1 events: %w", jobs.ErrDiskFull), 507, "disk_full", "60"},
		{jobs.ErrKeyReused, 422, "key_reused", ""},
	} {
		h := open(t)
		h.intake.err = tt.err
		got := h.do(accounts.Operator, "POST", "/api/v1/events", submitted)
		checkProblem(t, got, tt.status, tt.code, "")
		if after := got.header.Get("Retry-After"); after != tt.retryAfter {
			t.Errorf("%v: Retry-After = %q; want %q", tt.err, after, tt.retryAfter)
		}
	}
}

func TestIntake_hidesWhatBrokeFromTheClientAndTellsTheLog(t *testing.T) {
	t.Parallel()

	h := open(t)
	h.intake.err = fmt.Errorf("disk of host db7 is on fire")
	got := h.do(accounts.Operator, "POST", "/api/v1/events", submitted)
	checkProblem(t, got, 500, "internal", "log of the server")
	if strings.Contains(got.body, "db7") {
		t.Errorf("the client is told %s", got.body)
	}
	if !strings.Contains(h.log.String(), "db7") || !strings.Contains(h.log.String(), got.header.Get("X-Request-Id")) {
		t.Errorf("the log does not tell what broke in which request: %s", h.log)
	}
}

func TestBadInput_anExpiredTokenIsRefused(t *testing.T) {
	t.Parallel()

	h := open(t)
	secret, _, err := h.accounts.CreateToken(t.Context(), accounts.Identity{Name: "test"}, accounts.TokenRequest{
		Name: "short", Role: accounts.Operator, Expires: noon.Add(time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	send := func() answer {
		return h.do(accounts.Public, "POST", "/api/v1/events", submitted, "Authorization", "Bearer "+secret)
	}
	if got := send(); got.status != 202 {
		t.Fatalf("with a token that lives = %d %s; want 202", got.status, got.body)
	}
	h.clock.Advance(time.Minute)
	refused := send()
	checkProblem(t, refused, 401, "denied", "expired")
	if got := refused.header.Get("WWW-Authenticate"); got != `Bearer realm="hooktree"` {
		t.Errorf("WWW-Authenticate is %q; want the scheme named", got)
	}
}

// Bytes that are hardly HTTP get an answer in our form too, and the server
// lives on.
func TestBadInput_hostileRequestsAreAnswered(t *testing.T) {
	t.Parallel()

	const token = "Authorization: Bearer %s\r\n"
	for _, tt := range []struct {
		name, request string
		status        int
		code          string
	}{
		{"a header of 20 kB", "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 20_000) + "\r\n\r\n", 431, "headers_too_large"},
		{"a path of 20 kB", "GET /" + strings.Repeat("x", 20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431, "headers_too_large"},
		{"an unknown method", "BREW /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n", 501, "unknown_method"},
		{"a method that the path has not", "DELETE /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method_not_allowed"},
		{"a path that is not there", "GET /api/v1/nope HTTP/1.1\r\nHost: x\r\n\r\n", 404, "not_found"},
		{"a negative length", "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400, "malformed_request"},
		{"two lengths", "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400, "malformed_request"},
		{"chunks that are none", "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n", 400, "malformed_request"},
		{"a broken escape in a path", "GET /api/v1/jobs/%zz HTTP/1.1\r\nHost: x\r\n" + token + "\r\n", 400, "malformed_path"},
		{"invalid UTF-8 in a path", "GET /api/v1/jobs/%ff HTTP/1.1\r\nHost: x\r\n" + token + "\r\n", 400, "malformed_path"},
		{"a null byte in a path", "GET /api/v1/jobs/a%00b HTTP/1.1\r\nHost: x\r\n" + token + "\r\n", 400, "malformed_path"},
		{"a broken escape in a query", "GET /api/v1/jobs?q=%zz HTTP/1.1\r\nHost: x\r\n" + token + "\r\n", 400, "malformed_query"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			h := open(t)
			got := h.raw(strings.ReplaceAll(tt.request, "%s", h.tokens[accounts.Viewer]))
			checkProblem(t, got, tt.status, tt.code, "")
			if next := h.do(accounts.Viewer, "GET", "/healthz", ""); next.status != 200 {
				t.Errorf("afterwards GET /healthz = %d", next.status)
			}
		})
	}
}

// The calls that huma answers are as strict, and speak the same form.
func TestBadInput_otherCallsAreAsStrict(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		name, method, target, body string
		headers                    []string
		status                     int
		code, says                 string
	}{
		{"a limit of zero", "GET", "/jobs?limit=0", "", nil, 422, "invalid", "query/limit"},
		{"a limit that is no number", "GET", "/jobs?limit=many", "", nil, 422, "invalid", "query/limit"},
		{"an unknown status", "GET", "/jobs?status=Done", "", nil, 422, "invalid", "query/status"},
		{"a misspelled filter", "GET", "/jobs?stauts=Failed", "", nil, 422, "invalid", "unknown query parameter"},
		{"a time that is none", "GET", "/runs?from=yesterday", "", nil, 422, "invalid", "query/from"},
		{"a run that is no number", "GET", "/runs/seven", "", nil, 422, "invalid", "path/number"},
		{"a run that is not there", "GET", "/runs/7", "", nil, 404, "not_found", "retention"},
		{"a job that is not there", "GET", "/jobs/x", "", nil, 404, "not_found", ""},
		{"an unknown member of an act", "POST", "/jobs/x/retry", `{"why":"x"}`, nil, 422, "invalid", "body/why"},
		{"many jobs, and none named", "POST", "/jobs/retry", `{"note":"x"}`, nil, 422, "invalid", "either ids or filter"},
		{"many jobs, named and sought", "POST", "/jobs/retry", `{"ids":["x"],"filter":{}}`, nil, 422, "invalid", "either ids or filter"},
		{"many jobs on their way", "POST", "/jobs/retry", `{"filter":{"status":["Queued"]}}`, nil, 422, "invalid", "body/filter/status"},
		{"many jobs since no time", "POST", "/jobs/retry", `{"filter":{"from":"yesterday"}}`, nil, 422, "invalid", "body/filter/from"},
		{"many jobs by an unknown member", "POST", "/jobs/retry", `{"filter":{"webhok":"x"}}`, nil, 422, "invalid", "body/filter/webhok"},
		{"malformed JSON", "POST", "/errors/resolve", `{"ids":[1]`, nil, 400, "malformed_json", "cut off"},
		{"a duplicate key", "POST", "/errors/resolve", `{"ids":[1],"ids":[2],"action":"retry","note":"x"}`, nil, 400, "duplicate_key", "each key once"},
		{"invalid UTF-8", "POST", "/errors/resolve", "{\"note\":\"\xff\"}", nil, 400, "invalid_utf8", "UTF-8"},
		{"an empty body", "POST", "/errors/resolve", "", nil, 400, "malformed_request", "body"},
		{"an unknown member", "POST", "/errors/resolve", `{"ids":[1],"action":"retry","note":"x","nope":1}`, nil, 422, "invalid", "body/nope"},
		{"an unknown action", "POST", "/errors/resolve", `{"ids":[1],"action":"ignore","note":"x"}`, nil, 422, "invalid", "body/action"},
		{"no note", "POST", "/errors/resolve", `{"ids":[1],"action":"retry"}`, nil, 422, "invalid", "note"},
		{"neither ids nor filter", "POST", "/errors/resolve", `{"action":"retry","note":"x"}`, nil, 422, "invalid", "either ids or filter"},
		{"a wrong type", "POST", "/errors/resolve", `{"ids":["a"],"action":"retry","note":"x"}`, nil, 422, "invalid", "body/ids/0"},
		{"a form", "POST", "/errors/resolve", "ids=1", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "unsupported_media_type", ""},
		{"2 MB of YAML", "POST", "/trees/check", strings.Repeat("# no\n", 500_000), []string{"Content-Type", "application/yaml"}, 413, "too_large", "send less"},
		{"a tree as JSON", "POST", "/trees/check", "{}", nil, 415, "unsupported_media_type", "application/yaml"},
		{"a title without parts", "GET", "/trees/laptop", "", nil, 422, "invalid_title", "Source :: Group :: Name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			h := open(t)
			got := h.do(accounts.Admin, tt.method, "/api/v1"+tt.target, tt.body, tt.headers...)
			checkProblem(t, got, tt.status, tt.code, tt.says)
			if len(h.desk.acts) != 0 {
				t.Errorf("acts = %v; want none of a refused call", h.desk.acts)
			}
		})
	}
}
