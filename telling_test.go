package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// parrot is an endpoint that says back all that it was told, in its headers and
// its body, and confirms nothing.
func parrot(t *testing.T) (address string, asked func() string) {
	t.Helper()
	var mu sync.Mutex
	var challenge string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if secret := r.Header.Get("X-Hook-Secret"); secret != "" {
			mu.Lock()
			challenge = secret
			mu.Unlock()
			w.WriteHeader(http.StatusTeapot)
		}
		if strings.HasPrefix(r.URL.Path, "/failing") {
			w.WriteHeader(http.StatusInternalServerError)
		}
		w.Header().Set("X-Asked", r.URL.String())
		_, _ = fmt.Fprintf(w, "%s %s %v %s", r.Method, r.URL, r.Header, body)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() string {
		mu.Lock()
		defer mu.Unlock()
		return challenge
	}
}

// readable lists the addresses of the native API that a reader may ask for
// without knowing an id.
func (b *binary) readable(token string) []string {
	b.t.Helper()
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	b.must(http.StatusOK, "GET /openapi.json", "", token, &document)
	var all []string
	for path, methods := range document.Paths {
		if _, get := methods["get"]; get && !strings.Contains(path, "{") && !strings.HasSuffix(path, "/stream") {
			all = append(all, path)
		}
	}
	if len(all) < 10 {
		b.t.Fatalf("only %v can be read", all)
	}
	return all
}

// stream collects the live stream until the process ends.
func (b *binary) stream(token string) (told func() string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, "http://"+b.addr+"/api/v1/stream", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	bearer(token)(request)
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		b.t.Fatalf("the stream gave %+v, %v", response, err)
	}
	var text strings.Builder
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer response.Body.Close()
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			text.WriteString(lines.Text() + "\n")
		}
	}()
	return func() string {
		<-ended
		return text.String()
	}
}

// What applications, endpoints and clients know of one another is said by no
// list, page, stream, metric, search or log.
func TestServe_tellsNoSecretOfASubscription(t *testing.T) {
	t.Parallel()
	address, challenge := parrot(t)
	b := newBinary(t, map[string]string{"space.yaml": "slug: telling\negress: {allow: [127.0.0.1/32]}\n"})
	b.start()
	token, client := b.token("operator"), b.newClient("keap")
	access := b.owned("keap", "7")
	told := b.stream(token)
	const first, second, query = "Zmlyc3Qtc2VjcmV0LW9mLXRoZS1ob29r", "c2Vjb25kLXNlY3JldC1vZi10aGUtaG9vaw==", "Unguessable+token%2Fof~the~query"
	for i, path := range []string{"/taking", "/failing"} {
		id, _ := b.secretHook(fmt.Sprintf(`{"event":"submission.submitted","target_url":"%s%s?site=7&token=%s","secret":"whsec_%s"}`, address, path, query, first), token)
		b.must(http.StatusOK, "POST /api/v1/hooks/"+id+"/rotate", fmt.Sprintf(`{"secret":"whsec_%s"}`, second), token, nil)
		b.must(http.StatusOK, "PATCH /api/v1/hooks/"+id, fmt.Sprintf(`{"ordered":%t}`, i == 0), token, nil)
	}
	keap := fmt.Sprintf(`{"eventKey":"contact.add","hookUrl":"%s/keap?token=%s"}`, address, query)
	b.must(http.StatusOK, "POST /crm/rest/v1/hooks?access_token="+access, keap, "", nil)
	for _, call := range []string{"GET /crm/rest/v1/hooks/77?access_token=" + access, "GET /crm/rest/v1/nothing?access_token=" + access, "POST /crm/rest/v1/hooks?access_token=" + access + "x"} {
		method, path, _ := strings.Cut(call, " ")
		if status, answer, err := b.call(method, path, keap, func(*http.Request) {}); err != nil || status < 400 {
			t.Errorf("%s: %d %s, %v; want a refusal", call, status, answer, err)
		}
	}
	b.must(http.StatusAccepted, "POST /api/v1/events", submitted, token, nil)
	b.until("GET /api/v1/jobs?status=Complete", token, http.StatusOK, `"200 OK"`)
	b.until("GET /api/v1/jobs?status=In+Progress", token, http.StatusOK, `500 Internal Server Error`)

	plain, _ := url.QueryUnescape(query)
	secrets := []string{first, second, query, plain, access, client.Secret, token, challenge()}
	outputs := map[string]string{}
	for _, path := range append(b.readable(token), "/metrics", "/readyz", "/healthz", "/app/api/v1/kapps") {
		_, answer, err := b.call(http.MethodGet, path, "", bearer(token))
		if err != nil {
			t.Fatal(err)
		}
		outputs[path] = string(answer)
	}
	b.read(outputs, token)
	for _, secret := range secrets {
		var found struct{ Jobs []struct{ ID string } }
		b.get("/api/v1/jobs?q="+url.QueryEscape(`"`+secret+`"`), token, &found)
		if len(found.Jobs) > 0 {
			t.Errorf("a search for %q finds %v", secret, found.Jobs)
		}
	}
	outputs["the log"], outputs["the stream"] = b.stop(), told()
	delete(outputs, "/api/v1/hooks") // a hook's owner is told where it goes
	for where, text := range outputs {
		for _, secret := range secrets {
			if secret == "" || strings.Contains(text, secret) {
				t.Errorf("%s says %q: %.2000s", where, secret, text)
			}
		}
	}
	if !strings.Contains(outputs["the stream"], "subscription") || !strings.Contains(outputs["/api/v1/subscriptions"], "/taking?site=•••&token=•••") {
		t.Errorf("the stream says %q and the list %s; want that there is something", outputs["the stream"], outputs["/api/v1/subscriptions"])
	}
}

// secretHook makes a hook whose secret is the client's own.
func (b *binary) secretHook(request, token string) (id, answer string) {
	b.t.Helper()
	var hook struct{ ID string }
	answer = b.must(http.StatusCreated, "POST /api/v1/hooks", request, token, &hook)
	return hook.ID, answer
}

// read adds the details of all jobs, events and subscriptions to outputs.
func (b *binary) read(outputs map[string]string, token string) {
	b.t.Helper()
	for _, list := range []string{"jobs", "events", "subscriptions"} {
		var listed map[string][]struct{ ID string }
		b.get("/api/v1/"+list, token, &listed)
		if len(listed[list]) == 0 {
			b.t.Errorf("there are no %s", list)
		}
		for _, item := range listed[list] {
			path := "/api/v1/" + list + "/" + item.ID
			outputs[path] = b.must(http.StatusOK, "GET "+path, "", token, nil)
		}
	}
}
