package handlers_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/engine"
	"hooktree/engine/handlers"
)

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func call(t *testing.T, client *http.Client, c handlers.Call) (map[string]any, engine.Failure) {
	t.Helper()
	results, err := handlers.HTTP(client).Act(t.Context(), c)
	if err == nil {
		return results, engine.Failure{}
	}
	if results != nil {
		t.Errorf("results %v come with an error", results)
	}
	return nil, handlers.FailureOf(err)
}

func answer(status int, header map[string]string, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestARequestIsSentAsItsParametersSay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		params map[string]any
		want   string // method, target and body
		header map[string]string
	}{
		{"a bare URL", map[string]any{}, "GET /p ", map[string]string{"User-Agent": "hooktree", "Content-Type": ""}},
		{"query is added, encoded and sorted", map[string]any{"query": map[string]any{"b": "x y&z", "a": []any{int64(1), true}, "none": nil}}, "GET /p?a=1&a=true&b=x+y%26z ", nil},
		{"a mapping is JSON", map[string]any{"method": "POST", "body": map[string]any{"b": int64(9007199254740993), "a": "<&>"}}, `POST /p {"a":"<&>","b":9007199254740993}`, map[string]string{"Content-Type": "application/json"}},
		{"a duration in JSON is text", map[string]any{"method": "POST", "body": []any{90 * time.Second}}, `POST /p ["1m30s"]`, nil},
		{"text is text", map[string]any{"method": "PUT", "body": "hello"}, "PUT /p hello", map[string]string{"Content-Type": "text/plain; charset=utf-8"}},
		{"text under a content type of its own", map[string]any{"method": "PUT", "body": "<a/>", "headers": map[string]any{"content-type": "application/xml"}}, "PUT /p <a/>", map[string]string{"Content-Type": "application/xml"}},
		{"text as JSON", map[string]any{"method": "POST", "body": "hello", "as": "json"}, `POST /p "hello"`, map[string]string{"Content-Type": "application/json"}},
		{"a form", map[string]any{"method": "POST", "body": map[string]any{"a": "x y", "b": []any{int64(1), 2.5}}, "as": "form"}, "POST /p a=x+y&b=1&b=2.5", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}},
		{"a form by its content type", map[string]any{"method": "POST", "body": map[string]any{"a": "1"}, "headers": map[string]any{"Content-Type": "application/x-www-form-urlencoded"}}, "POST /p a=1", nil},
		{"a number as text", map[string]any{"method": "POST", "body": int64(7), "as": "text"}, "POST /p 7", nil},
		{"headers of any scalar", map[string]any{"headers": map[string]any{"X-N": int64(7), "X-None": nil}}, "GET /p ", map[string]string{"X-N": "7", "X-None": ""}},
		{"basic", map[string]any{"auth": map[string]any{"basic": map[string]any{"user": "Aladdin", "password": "open sesame"}}}, "GET /p ", map[string]string{"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}},
		{"bearer", map[string]any{"auth": map[string]any{"bearer": "abc"}}, "GET /p ", map[string]string{"Authorization": "Bearer abc"}},
		{"the call's own headers", map[string]any{}, "GET /p ", map[string]string{"Idempotency-Key": "k1", "Hooktree-Run": "run-uuid", "Traceparent": "00-aa-bb-01"}},
		{"the author's idempotency key", map[string]any{"headers": map[string]any{"idempotency-key": "mine"}}, "GET /p ", map[string]string{"Idempotency-Key": "mine"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got string
			var header http.Header
			server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got, header = fmt.Sprintf("%s %s %s", r.Method, r.URL, body), r.Header
			})
			tt.params["url"] = server.URL + "/p"
			_, failure := call(t, server.Client(), handlers.Call{Key: "k1", Run: "run-uuid", Traceparent: "00-aa-bb-01", Params: tt.params})
			if failure.Code != "" || got != tt.want {
				t.Errorf("sent %q, %+v; want %q", got, failure, tt.want)
			}
			for name, want := range tt.header {
				if header.Get(name) != want {
					t.Errorf("header %s is %q, want %q", name, header.Get(name), want)
				}
			}
		})
	}
}

func TestAnAnswerIsReadByItsContentType(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, kind, body string
		want             any
	}{
		{"JSON", "application/json", `{"id": 9007199254740993, "n": 1.5, "big": 1e30, "l": [1, null]}`, map[string]any{"id": int64(9007199254740993), "n": 1.5, "big": 1e30, "l": []any{int64(1), nil}}},
		{"JSON of a vendor", "application/vnd.api+json; charset=utf-8", `[true]`, []any{true}},
		{"JSON with a byte order mark", "application/json", "\uFEFF7", int64(7)},
		{"form", "application/x-www-form-urlencoded", "a=1&b=2&b=x+y", map[string]any{"a": "1", "b": []any{"2", "x y"}}},
		{"XML", "application/xml", "<a>1</a>", "<a>1</a>"},
		{"text", "text/plain", "hello", "hello"},
		{"text in another charset", "text/plain; charset=iso-8859-1", "caf\xe9", "café"},
		{"bytes", "application/octet-stream", "\xff\xfe\x00", "//4A"},
		{"nothing", "application/json", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, answer(http.StatusOK, map[string]string{"Content-Type": tt.kind, "X-Two-Words": "v"}, tt.body))
			results, failure := call(t, server.Client(), handlers.Call{Params: map[string]any{"url": server.URL}})
			if failure.Code != "" {
				t.Fatalf("failed: %+v", failure)
			}
			if diff := cmp.Diff(tt.want, results["body"]); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			headers, _ := results["headers"].(map[string]any)
			if results["status"] != int64(200) || headers["x-two-words"] != "v" || headers["content-type"] != tt.kind {
				t.Errorf("status %v, headers %v", results["status"], headers)
			}
		})
	}
}

func TestResultsAreThoseOfTheSpec(t *testing.T) {
	t.Parallel()
	server := serve(t, answer(http.StatusOK, nil, "x"))
	results, _ := call(t, server.Client(), handlers.Call{Params: map[string]any{"url": server.URL}})
	for _, result := range handlers.HTTP(nil).Spec.Results {
		if _, ok := results[result.Name]; !ok {
			t.Errorf("the spec's result %q is not given", result.Name)
		}
	}
	if len(results) != len(handlers.HTTP(nil).Spec.Results) {
		t.Errorf("results %v are not those of the spec", results)
	}
}

func TestFailedAnswersAreClassed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		server http.HandlerFunc
		params map[string]any
		code   string
		retry  bool
		says   string
	}{
		{"404", answer(404, nil, "nobody"), nil, "status", false, "answered 404 Not Found"},
		{"404 that is expected", answer(404, nil, ""), map[string]any{"expect": []any{int64(200), int64(404)}}, "", false, ""},
		{"200 that is not expected", answer(200, nil, ""), map[string]any{"expect": []any{int64(201)}}, "status", false, "answered 200 OK"},
		{"408", answer(408, nil, ""), nil, "status", true, "408"},
		{"425", answer(425, nil, ""), nil, "status", true, "425"},
		{"429", answer(429, nil, ""), nil, "status", true, "429"},
		{"500", answer(500, nil, ""), nil, "status", true, "500"},
		{"599", answer(599, nil, ""), nil, "status", true, "answered 599"},
		{"a redirect", answer(302, map[string]string{"Location": "/x"}, ""), nil, "status", false, "a redirect that was not followed"},
		{"JSON that is none", answer(200, map[string]string{"Content-Type": "application/json"}, "{"), nil, "bad_body", false, "says JSON and is not"},
		{"JSON that goes on", answer(200, map[string]string{"Content-Type": "application/json"}, "{} {}"), nil, "bad_body", false, "goes on after its value"},
		{"JSON out of range", answer(200, map[string]string{"Content-Type": "application/json"}, "1e999"), nil, "bad_body", false, "out of range"},
		{"a form that is none", answer(200, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, "%zz"), nil, "bad_body", false, "says form and is not"},
		{"text that is none", answer(200, map[string]string{"Content-Type": "text/plain"}, "\xff"), nil, "bad_body", false, "not text in UTF-8"},
		{"an unknown charset", answer(200, map[string]string{"Content-Type": "text/plain; charset=klingon"}, "x"), nil, "bad_body", false, `charset "klingon" is not known`},
		{"as long as max_size", answer(200, nil, "12345"), map[string]any{"max_size": int64(5)}, "", false, ""},
		{"longer than max_size", answer(200, nil, "123456"), map[string]any{"max_size": int64(5)}, "too_large", false, "larger than 5 bytes: raise max_size"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, tt.server)
			params := map[string]any{"url": server.URL + "/p?key=1"}
			maps.Copy(params, tt.params)
			_, failure := call(t, server.Client(), handlers.Call{Params: params})
			if failure.Code != tt.code || failure.Retryable != tt.retry || !strings.Contains(failure.Message, tt.says) {
				t.Errorf("got %+v, want %q, retryable %t, %q", failure, tt.code, tt.retry, tt.says)
			}
			classes := handlers.HTTP(nil).Spec.Errors
			if tt.code != "" && !slices.ContainsFunc(classes, func(c engine.Class) bool { return c.Code == failure.Code }) {
				t.Errorf("the spec does not declare %q", failure.Code)
			}
		})
	}
}

func TestAFailureTellsStatusBodyAndTheWaitAskedFor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, retryAfter string
		want             time.Duration
	}{
		{"seconds", "90", 90 * time.Second},
		{"a date, by the answer's own clock", "Thu, 31 Jan 2030 12:05:00 GMT", 5 * time.Minute},
		{"a date that is past", "Thu, 31 Jan 2030 11:05:00 GMT", 0},
		{"too long", "2000000000", 24 * time.Hour},
		{"nonsense", "soon", 0},
		{"nothing", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, answer(503, map[string]string{"Retry-After": tt.retryAfter, "Date": "Thu, 31 Jan 2030 12:00:00 GMT"}, strings.Repeat("é", 5000)))
			_, failure := call(t, server.Client(), handlers.Call{Params: map[string]any{"url": server.URL}})
			body, _ := failure.Detail["body"].(string)
			if failure.Wait != tt.want || failure.Detail["status"] != int64(503) || !strings.HasPrefix(body, "éé") || len(body) > 1024 || !strings.HasSuffix(body, "é…") {
				t.Errorf("got wait %v, status %v, body of %d bytes; want %v", failure.Wait, failure.Detail["status"], len(body), tt.want)
			}
		})
	}
}

func TestParametersThatMakeNoRequestAreNamed(t *testing.T) {
	t.Parallel()
	const at = "https://example.com/"
	tests := []struct {
		params map[string]any
		want   string
	}{
		{map[string]any{}, `parameter "url" is missing`},
		{map[string]any{"url": int64(7)}, `parameter "url" must be text, not a number`},
		{map[string]any{"url": "ftp://x"}, `"url" must be http or https`},
		{map[string]any{"url": "/people"}, `"url" must be http or https`},
		{map[string]any{"url": "https://a b/"}, `"url" is not a URL`},
		{map[string]any{"url": at, "methd": "POST"}, `parameter "methd" is not one of http`},
		{map[string]any{"url": at, "method": "post"}, `"method" must be one of GET`},
		{map[string]any{"url": at, "as": "xml"}, `"as" must be one of json form text`},
		{map[string]any{"url": at, "headers": "x"}, `"headers" must be a map, not text`},
		{map[string]any{"url": at, "headers": map[string]any{"a b": "x"}}, `"a b" is no name for a header`},
		{map[string]any{"url": at, "headers": map[string]any{"X-A": "x\r\nX-B: y"}}, `at "X-A" holds a line break`},
		{map[string]any{"url": at, "headers": map[string]any{"X-A": []any{}}}, `at "X-A" must be a scalar, not a list`},
		{map[string]any{"url": at, "headers": map[string]any{"host": "x"}}, "Host is set by hooktree alone"},
		{map[string]any{"url": at, "headers": map[string]any{"hooktree-run": "x"}}, "Hooktree-Run is set by hooktree alone"},
		{map[string]any{"url": at, "query": map[string]any{"q": map[string]any{}}}, `"query" at "q" must be a scalar or a list of scalars`},
		{map[string]any{"url": at, "body": []any{}, "as": "form"}, `"body" as form must be a map, not a list`},
		{map[string]any{"url": at, "body": []any{}, "as": "text"}, `"body" as text must be text, not a list`},
		{map[string]any{"url": at, "auth": map[string]any{}}, `"auth" is empty`},
		{map[string]any{"url": at, "auth": map[string]any{"digest": "x"}}, `"auth" has no member "digest": it has basic, bearer`},
		{map[string]any{"url": at, "auth": map[string]any{"bearer": "x", "basic": map[string]any{}}}, "both basic and bearer"},
		{map[string]any{"url": at, "auth": map[string]any{"bearer": "x\n"}}, "line break at its end"},
		{map[string]any{"url": at, "auth": map[string]any{"basic": map[string]any{"user": "a:b"}}}, "holds a colon"},
		{map[string]any{"url": at, "auth": map[string]any{"bearer": "x"}, "headers": map[string]any{"Authorization": "y"}}, "say two things"},
		{map[string]any{"url": at, "timeout": "soon"}, `"timeout" must be a duration such as 10s`},
		{map[string]any{"url": at, "timeout": "-1s"}, `"timeout" must be longer than zero`},
		{map[string]any{"url": at, "max_size": int64(0)}, `"max_size" must be at least 1`},
		{map[string]any{"url": at, "redirects": int64(11)}, `"redirects" must be between 0 and 10`},
		{map[string]any{"url": at, "expect": []any{"200"}}, `"expect" at [0] must be an integer, not text`},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			_, failure := call(t, &http.Client{Transport: broken{errors.New("sent")}}, handlers.Call{Params: tt.params})
			if failure.Code != "invalid" || failure.Retryable || !strings.Contains(failure.Message, tt.want) {
				t.Errorf("got %+v, want invalid: %s", failure, tt.want)
			}
		})
	}
}

// broken is a transport whose requests all fail.
type broken struct{ err error }

func (b broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, b.err }

// classed is an error as the guarded transport gives it.
type classed struct {
	code  string
	retry bool
}

func (c classed) Error() string   { return "cause of " + c.code }
func (c classed) Code() string    { return c.code }
func (c classed) Retryable() bool { return c.retry }

func TestTroubleOfTheTransportKeepsItsClass(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err   error
		code  string
		retry bool
	}{
		{classed{"refused", false}, "refused", false},
		{classed{"dns", true}, "dns", true},
		{fmt.Errorf("wrapped: %w", classed{"tls", false}), "tls", false},
		{context.DeadlineExceeded, "timeout", true},
		{errors.New("reset"), "connect", true},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			client := &http.Client{Transport: broken{tt.err}}
			_, failure := call(t, client, handlers.Call{Params: map[string]any{"url": "https://example.com/p?key=hidden"}})
			if failure.Code != tt.code || failure.Retryable != tt.retry || !strings.HasPrefix(failure.Message, "GET https://example.com/p: ") || strings.Contains(failure.Message, "hidden") {
				t.Errorf("got %+v, want %s, retryable %t, without the query", failure, tt.code, tt.retry)
			}
		})
	}
}

// hanging is a transport that answers when its request is given up.
type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestTheShorterTimeoutEndsACall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		param      any
		node, want time.Duration
	}{
		{"neither is given", nil, 0, 30 * time.Second},
		{"the parameter", "2m", 0, 2 * time.Minute},
		{"the parameter in days", "5d", 0, 120 * time.Hour},
		{"the node's is shorter", "2m", time.Minute, time.Minute},
		{"the node's is longer", 10 * time.Second, time.Hour, 10 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				_, failure := call(t, &http.Client{Transport: hanging{}}, handlers.Call{
					Timeout: tt.node, Params: map[string]any{"url": "https://example.com/", "timeout": tt.param},
				})
				if took := time.Since(begun); took != tt.want || failure.Code != "timeout" || !failure.Retryable {
					t.Errorf("ended after %v as %+v, want a time-out after %v", took, failure, tt.want)
				}
			})
		})
	}
}

func TestRedirectsAreFollowedAsFarAsAllowedAndToTheSameOriginOnly(t *testing.T) {
	t.Parallel()
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other origin was asked, with key %q", r.Header.Get("X-Api-Key"))
	})
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/one":
			http.Redirect(w, r, "/two", http.StatusFound)
		case "/two":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		}
	})
	tests := []struct {
		path      string
		redirects int64
		want      string
	}{
		{"/one", 2, ""},
		{"/one", 1, "status"},
		{"/one", 0, "status"},
		{"/away", 5, "status"},
	}
	for _, tt := range tests {
		_, failure := call(t, server.Client(), handlers.Call{Params: map[string]any{
			"url": server.URL + tt.path, "redirects": tt.redirects, "headers": map[string]any{"X-Api-Key": "k"},
		}})
		if failure.Code != tt.want {
			t.Errorf("%s with %d redirects: got %+v, want %q", tt.path, tt.redirects, failure, tt.want)
		}
	}
}

func TestWhatAnEndpointEchoesOfASecretIsMasked(t *testing.T) {
	t.Parallel()
	const secret, pin = `p&ss "wörd"/1`, "98765"
	echo := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("X-Echo", r.Header.Get("Authorization"))
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]any{
				"url": r.URL.String(), "password": password, "user": user, password: "as a name", "pin": 98765, "in": []any{"x" + password + "x"},
			})
		}
	}
	for _, status := range []int{200, 500} {
		server := serve(t, echo(status))
		results, failure := call(t, server.Client(), handlers.Call{
			Secrets: map[string]string{"DB": secret, "PIN": pin, "EMPTY": ""},
			Params: map[string]any{
				"url":   server.URL + "/",
				"query": map[string]any{"key": secret, "pin": pin},
				"auth":  map[string]any{"basic": map[string]any{"user": "joe", "password": secret}},
			},
		})
		shown := fmt.Sprint(results, failure.Message, failure.Detail)
		for _, leak := range []string{"wörd", "w%C3%B6rd", `w\u00f6rd`, "p&ss", pin, "am9lO"} {
			if strings.Contains(shown, leak) {
				t.Errorf("status %d: %q leaks in %s", status, leak, shown)
			}
		}
		for _, want := range []string{"•••DB", "•••PIN", "•••authorization", "joe"} {
			if !strings.Contains(shown, want) {
				t.Errorf("status %d: %q is missing in %s", status, want, shown)
			}
		}
	}
}

func TestASecretInTheURLIsNotInAnError(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"https://example.com/s3cr3t/x", "https://s3cr3t b/", "s3cr3t://x"} {
		client := &http.Client{Transport: broken{errors.New("no route to s3cr3t")}}
		_, err := handlers.HTTP(client).Act(t.Context(), handlers.Call{
			Secrets: map[string]string{"K": "s3cr3t"}, Params: map[string]any{"url": target},
		})
		if err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: got %v, want an error without the secret", target, err)
		}
	}
}

func FuzzAnAnswerIsDecodedOrRefused(f *testing.F) {
	f.Add("application/json", []byte(`{"a":[1,2.5,null,"x"]}`))
	f.Add("application/x-www-form-urlencoded", []byte("a=1&a=2"))
	f.Add("text/plain; charset=utf-16", []byte("\xff\xfea\x00"))
	f.Add(";;", []byte{0xff})
	f.Fuzz(func(t *testing.T, contentType string, data []byte) {
		value, err := handlers.Decode(contentType, data)
		if err != nil {
			return
		}
		if _, err := json.Marshal(value); err != nil {
			t.Errorf("%q as %q gives %v, which cannot be stored: %v", data, contentType, value, err)
		}
		if len(data) > 0 && strings.HasPrefix(contentType, "application/json") && !json.Valid([]byte(strings.TrimPrefix(string(data), "\uFEFF"))) {
			t.Errorf("%q passes as JSON", data)
		}
	})
}
