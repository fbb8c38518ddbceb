package main_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what X-Hub-Signature is made with
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"hooktree/webhooks/delivery"
)

// endpoints are those of subscribers. Each path answers 200 until it is told
// otherwise, and echoes what it is asked to confirm while echoes is true.
type endpoints struct {
	t    *testing.T
	url  string
	came map[string]chan sent // by path

	mu      sync.Mutex // guards what follows
	answers map[string]int
	echoes  bool
	secret  string // the latest that it was asked to confirm
}

// sent is a delivery as it came.
type sent struct {
	header http.Header
	body   string
}

func newEndpoints(t *testing.T, paths ...string) *endpoints {
	t.Helper()
	e := &endpoints{t: t, came: map[string]chan sent{}, answers: map[string]int{}}
	for _, path := range paths {
		e.came[path] = make(chan sent, 100)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

// ServeHTTP takes a delivery, or a request to confirm.
func (e *endpoints) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	if secret := r.Header.Get("X-Hook-Secret"); secret != "" {
		e.secret = secret
		if e.echoes {
			w.Header().Set("X-Hook-Secret", secret)
		}
		return
	}
	select {
	case e.came[r.URL.Path] <- sent{r.Header, string(body)}:
	default: // the test looks at no path of this name
	}
	if status := e.answers[r.URL.Path]; status != 0 {
		w.WriteHeader(status)
	}
}

// are sets how the endpoints behave from now on.
func (e *endpoints) are(echoes bool, answers map[string]int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.echoes, e.answers = echoes, answers
}

func (e *endpoints) asked() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.secret
}

// next is the next delivery to a path.
func (e *endpoints) next(path string) sent {
	e.t.Helper()
	select {
	case s := <-e.came[path]:
		return s
	case <-time.After(time.Minute):
		e.t.Fatalf("nothing came to %s within a minute", path)
		return sent{}
	}
}

// gets wants the next delivery to have a body and headers.
func (e *endpoints) gets(path, body string, header map[string]string) {
	e.t.Helper()
	got := e.next(path)
	if got.body != body {
		e.t.Errorf("%s got\n%s\nwant\n%s", path, got.body, body)
	}
	for name, want := range header {
		if got.header.Get(name) != want {
			e.t.Errorf("%s got %s %q; want %q", path, name, got.header.Get(name), want)
		}
	}
}

// until asks again and again until an answer has a status and a text.
func (b *binary) until(call, token string, status int, text string) {
	b.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for start := time.Now(); ; <-tick.C {
		got, answer, err := b.call(method, path, "", bearer(token))
		if err == nil && got == status && strings.Contains(string(answer), text) {
			return
		}
		if time.Since(start) > time.Minute {
			b.t.Fatalf("after a minute %s: %d %s, %v; want %d with %q", call, got, answer, err, status, text)
		}
	}
}

// publish publishes an event, and says which subscriptions it goes to.
func (b *binary) publish(token, platform, name, data string) (webhooks []string) {
	b.t.Helper()
	var told struct {
		Events []struct{ Jobs []struct{ Webhook string } }
	}
	event := fmt.Sprintf(`{"event":{"platform":%q,"name":%q},"data":%s}`, platform, name, data)
	b.must(http.StatusAccepted, "POST /api/v1/events", event, token, &told)
	for _, job := range told.Events[0].Jobs {
		webhooks = append(webhooks, job.Webhook)
	}
	return webhooks
}

// owned makes a token of a dialect for an owner.
func (b *binary) owned(dialect, id string) string {
	b.t.Helper()
	return strings.TrimSpace(must(b.t, "", "token", "create", "--dialect", dialect, "--owner", "manager-"+id, "--owner-id", id, "--data", b.data))
}

func TestKeap_isSentNothingBeforeItIsVerified(t *testing.T) {
	t.Parallel()
	e := newEndpoints(t, "/k")
	b := newBinary(t, map[string]string{"space.yaml": "slug: k\negress: {allow: [127.0.0.1/32]}\n" +
		"dialects: {keap: {window: 20ms, api: \"https://api.example.com/v1\"}}\n"})
	b.start()
	operator, client := b.token("operator"), b.owned("keap", "7")
	const hooks = "/crm/rest/v1/hooks"
	body := func(id int) string {
		return fmt.Sprintf(`{"event_key":"contact.add","object_type":"contact","object_keys":[{"id":%d,"apiUrl":"https://api.example.com/v1/contacts/%[1]d","timestamp":"2030-01-31T12:00:00Z"}]}`, id)
	}
	data := func(id int) string { return fmt.Sprintf(`{"id":%d,"timestamp":"2030-01-31T12:00:00Z"}`, id) }
	kind := map[string]string{"Content-Type": "application/json"}

	made := b.must(http.StatusOK, "POST "+hooks, fmt.Sprintf(`{"eventKey":"contact.add","hookUrl":%q}`, e.url+"/k"), client, nil)
	if want := fmt.Sprintf(`{"key":"1","eventKey":"contact.add","hookUrl":%q,"status":"Unverified"}`, e.url+"/k"); made != want {
		t.Errorf("made was %s; want %s", made, want)
	}
	if to := b.publish(operator, "keap", "contact.add", data(1)); len(to) != 0 {
		t.Errorf("before it is verified an event goes to %v", to)
	}
	confirm := func(secret string) (int, string) {
		status, answer, err := b.call(http.MethodPost, hooks+"/1/delayedVerify", "[]", func(r *http.Request) {
			bearer(client)(r)
			r.Header.Set("X-Hook-Secret", secret)
		})
		if err != nil {
			t.Fatal(err)
		}
		return status, string(answer)
	}
	if status, answer := confirm("another"); status != http.StatusBadRequest || !strings.Contains(answer, `"localizedMessage"`) {
		t.Errorf("a wrong secret is answered %d %s", status, answer)
	}
	if status, answer := confirm(e.asked()); status != http.StatusOK || !strings.Contains(answer, `"status":"Verified"`) {
		t.Fatalf("the secret is answered %d %s", status, answer)
	}
	b.publish(operator, "keap", "contact.add", data(2))
	e.gets("/k", body(2), kind)

	e.are(true, map[string]int{"/k": http.StatusGone})
	b.publish(operator, "keap", "contact.add", data(3))
	e.gets("/k", body(3), kind)
	b.until("GET "+hooks+"/1", client, http.StatusOK, `"status":"Inactive"`)
	b.publish(operator, "keap", "contact.add", data(4)) // it is held
	e.are(true, nil)
	if answer := b.must(http.StatusOK, "POST "+hooks+"/1/verify/", "[]", client, nil); !strings.Contains(answer, `"status":"Verified"`) {
		t.Errorf("verify is answered %s", answer)
	}
	b.publish(operator, "keap", "contact.add", data(5))
	e.gets("/k", body(5), kind)
	b.stop()
}

// acceloSpace lets an owner see everything who is 7, and any other the object
// 13 alone.
const acceloSpace = `slug: a
egress: {allow: [127.0.0.1/32]}
dialects: {accelo: {deployment: acme, api: "https://acme.example.com/api/v0", visible: user.id == 7 or data.id == 13}}
`

func TestAccelo_deliversToThoseWhoMaySee(t *testing.T) {
	t.Parallel()
	e := newEndpoints(t, "/json", "/form", "/other")
	b := newBinary(t, map[string]string{"space.yaml": acceloSpace})
	b.start()
	operator, client, other := b.token("operator"), b.owned("accelo", "7"), b.owned("accelo", "8")
	const base = "/api/v0/webhooks/subscriptions"
	subscribe := func(path, more, token string) string {
		var made struct {
			Response struct {
				Subscription struct {
					ID string `json:"subscription_id"`
				}
			}
		}
		b.must(http.StatusCreated, "POST "+base, fmt.Sprintf(`{"trigger_url":%q,"event_id":"assign_task"%s}`, e.url+path, more), token, &made)
		return made.Response.Subscription.ID
	}
	first := subscribe("/json", `,"content_type":"application/json","secret":"hush"`, client)
	second := subscribe("/form", `,"secret":"hush2"`, client)
	subscribe("/other", "", other)

	asJSON := func(id int) string {
		return fmt.Sprintf(`{"id":%d,"resource_url":"https://acme.example.com/api/v0/tasks/%[1]d"}`, id)
	}
	asForm := func(id int) string {
		return fmt.Sprintf(`id=%d&resource_url=https%%3A%%2F%%2Facme.example.com%%2Fapi%%2Fv0%%2Ftasks%%2F%[1]d`, id)
	}
	headers := func(kind, secret, body string) map[string]string {
		mac := hmac.New(sha1.New, []byte(secret))
		mac.Write([]byte(body))
		return map[string]string{"Content-Type": kind, "X-Accelo-Event": "assign_task", "X-Hub-Signature": "sha1=" + hex.EncodeToString(mac.Sum(nil))}
	}
	const form = "application/x-www-form-urlencoded"
	if to := b.publish(operator, "accelo", "assign_task", `{"id":9}`); len(to) != 2 {
		t.Errorf("an event that two may see goes to %v", to)
	}
	e.gets("/json", asJSON(9), headers("application/json", "hush", asJSON(9)))
	e.gets("/form", asForm(9), headers(form, "hush2", asForm(9)))
	if to := b.publish(operator, "accelo", "assign_task", `{"id":13}`); len(to) != 3 {
		t.Errorf("an event that all may see goes to %v", to)
	}
	e.gets("/json", asJSON(13), nil)
	e.gets("/form", asForm(13), nil)
	e.gets("/other", asForm(13), map[string]string{"X-Hub-Signature": ""})

	e.are(false, map[string]int{"/json": http.StatusAccepted})
	if answer := b.must(http.StatusOK, "POST "+base+"/"+first+"/dispatch", `{"object_id":21}`, client, nil); !strings.Contains(answer, `"response":{"status":202}`) {
		t.Errorf("dispatch is answered %s", answer)
	}
	e.gets("/json", asJSON(21), headers("application/json", "hush", asJSON(21)))
	b.must(http.StatusOK, "POST "+base+"/"+first+"/trigger", `{"object_id":22}`, client, nil)
	e.gets("/form", asForm(22), headers(form, "hush2", asForm(22)))
	b.publish(operator, "accelo", "assign_task", `{"id":23}`)
	e.gets("/json", asJSON(23), nil) // so that 22 did not come here
	e.gets("/form", asForm(23), nil)

	b.acceloParameters(base, client, first, second)
	e.are(false, map[string]int{"/json": http.StatusGone})
	b.publish(operator, "accelo", "assign_task", `{"id":24}`)
	b.until("GET "+base, client, http.StatusOK, `"subscriptions":[]`)
	b.stop()
}

// acceloParameters plays what parameters and extensions do, and deletes the
// second subscription.
func (b *binary) acceloParameters(base, client, first, second string) {
	b.t.Helper()
	for _, tt := range []struct {
		status     int
		call, want string
	}{
		{200, "GET " + base + ".xml", "<subscription_id>" + first + "</subscription_id>"},
		{200, "GET " + base + ".yml", "subscription_id: " + first},
		{200, "GET " + base + "?_hide_defaults=1&_fields=event_id,subscription_id&_limit=1", `"subscriptions":[{"event_id":"assign_task","subscription_id":"` + first + `"}]`},
		{200, "GET " + base + "?_filters=event_id(assign_task),content_type_not(application/json)&_hide_defaults=1&_fields=subscription_id", `"subscriptions":[{"subscription_id":"` + second + `"}]`},
		{200, "GET " + base + "?_suppress_meta=1", `{"response":{"subscriptions":[`},
		{400, "DELETE " + base + "/0123456789abcdef01234567.xml", "<status>invalid_request</status>"},
		{200, "DELETE " + base + "/0123456789abcdef01234567?_suppress_http_status=1", `"response_code":400`},
		{200, "POST " + base + "/" + second + "?_method=delete", `"status":"ok"`},
		{400, "POST " + base + "/" + second + "?_method=delete", `"status":"invalid_request"`},
	} {
		if answer := b.must(tt.status, tt.call, "", client, nil); !strings.Contains(answer, tt.want) {
			b.t.Errorf("%s is answered %s; want %s in it", tt.call, answer, tt.want)
		}
	}
}

const warehouseEvents = `platform: warehouse
title: Warehouse
events:
  - name: StockLow
    path: Warehouse > stock / StockLow
    entity: sku
    fields: {sku: text, left: integer}
    sample: {sku: A-1, left: 3}
`

func TestStandard_signsWhatASpaceDeclares(t *testing.T) {
	t.Parallel()
	e := newEndpoints(t, "/s")
	b := newBinary(t, map[string]string{"space.yaml": "slug: s\negress: {allow: [127.0.0.1/32]}\n", "events/warehouse.yaml": warehouseEvents})
	b.start()
	operator, client := b.token("operator"), b.owned("standard", "7")
	const hooks = "/api/v1/hooks"
	stock := func(left int) []string {
		return b.publish(operator, "warehouse", "StockLow", fmt.Sprintf(`{"sku":"A-1","left":%d}`, left))
	}
	request := fmt.Sprintf(`{"event":"warehouse.StockLow","target_url":%q,"filter":"data.left < 5","ordered":true,"content_type":"application/json"}`, e.url+"/s")
	id, secret := b.hooked(hooks, request, client)
	if answer := b.must(http.StatusOK, "GET "+hooks+"/"+id, "", client, nil); strings.Contains(answer, "secret") {
		t.Errorf("the secret is told again: %s", answer)
	}
	if to := stock(5); len(to) != 0 {
		t.Errorf("what the filter leaves out goes to %v", to)
	}
	for left := range 5 {
		stock(left)
	}
	for left := range 5 { // in their order
		signedBy(t, e.next("/s"), fmt.Sprintf(`"data":{"left":%d,"sku":"A-1"}}`, left), secret)
	}
	var samples []map[string]any
	b.must(http.StatusOK, "GET "+hooks+"/samples?event=warehouse.StockLow", "", client, &samples)
	if len(samples) == 0 || samples[0]["type"] != "warehouse.StockLow" {
		t.Errorf("the samples are %v", samples)
	}

	var rotated struct{ Secret string }
	b.must(http.StatusOK, "POST "+hooks+"/"+id+"/rotate", "", client, &rotated)
	stock(1)
	signedBy(t, e.next("/s"), `"left":1`, secret, rotated.Secret)

	b.must(http.StatusOK, "PATCH "+hooks+"/"+id, `{"status":"disabled"}`, client, nil)
	stock(2)
	b.must(http.StatusOK, "PATCH "+hooks+"/"+id, `{"status":"active"}`, client, nil)
	if answer := b.must(http.StatusAccepted, "POST "+hooks+"/"+id+"/replay", "{}", client, nil); answer != `{"deliveries":1}` {
		t.Errorf("replay is answered %s", answer)
	}
	signedBy(t, e.next("/s"), `"left":2`, rotated.Secret)

	e.are(false, map[string]int{"/s": http.StatusGone})
	stock(3)
	b.until("GET "+hooks+"/"+id, client, http.StatusNotFound, `"code":"not_found"`)
	b.stop()
}

// hooked makes a hook as Zapier does, and gives its id and its secret.
func (b *binary) hooked(hooks, request, token string) (id, secret string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, "http://"+b.addr+hooks, bytes.NewBufferString(request))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	bearer(token)(r)
	response, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	var made struct{ ID, Secret string }
	if err := json.NewDecoder(response.Body).Decode(&made); err != nil {
		b.t.Fatal(err)
	}
	if at := response.Header.Get("Location"); response.StatusCode != http.StatusCreated || !strings.HasSuffix(at, hooks+"/"+made.ID) || made.Secret == "" {
		b.t.Fatalf("made was %d %+v at %q", response.StatusCode, made, at)
	}
	return made.ID, made.Secret
}

// signedBy wants a delivery to have a text, and to hold against each secret by
// itself.
func signedBy(t *testing.T, s sent, text string, secrets ...string) {
	t.Helper()
	if !strings.Contains(s.body, text) || s.header.Get("Content-Type") != "application/json" {
		t.Errorf("%s came; want %s in it", s.body, text)
	}
	for _, secret := range secrets {
		by, err := delivery.NewStandard([][]byte{[]byte(secret)})
		if err != nil {
			t.Fatal(err)
		}
		if err := by.Verify(s.header, []byte(s.body), time.Now()); err != nil {
			t.Errorf("the signature %s: %v", s.header.Get("Webhook-Signature"), err)
		}
	}
}
