package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// subscriberWorld is the outside world of applications: it notes what each
// endpoint was told of, and under which delivery.
type subscriberWorld struct {
	*httptest.Server

	mu     sync.Mutex                 // guards what follows
	told   map[string]map[string]bool // path and object, ids of deliveries
	bodies map[string]string          // by id of a delivery
	broken []string                   // ids of deliveries whose body was another the next time
}

func newSubscriberWorld(t *testing.T) *subscriberWorld {
	t.Helper()
	w := &subscriberWorld{told: map[string]map[string]bool{}, bodies: map[string]string{}}
	w.Server = httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		if secret := r.Header.Get("X-Hook-Secret"); secret != "" {
			answer.Header().Set("X-Hook-Secret", secret)
			return
		}
		var body struct {
			Keys []struct {
				ID json.Number `json:"id"`
			} `json:"object_keys"`
			Data struct {
				Submission struct{ ID string }
			}
		}
		content, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(content, &body)
		}
		if err != nil {
			answer.WriteHeader(http.StatusBadRequest)
			return
		}
		objects := []string{body.Data.Submission.ID}
		if len(body.Keys) > 0 {
			objects = nil
		}
		for _, key := range body.Keys {
			objects = append(objects, key.ID.String())
		}
		w.note(r.URL.Path, r.Header.Get("Webhook-Id"), string(content), objects)
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *subscriberWorld) note(path, id, body string, objects []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if was, known := w.bodies[id]; known && was != body && path == "/keap" {
		w.broken = append(w.broken, id)
	}
	w.bodies[id] = body
	for _, object := range objects {
		what := path + " " + object
		if w.told[what] == nil {
			w.told[what] = map[string]bool{}
		}
		w.told[what][id] = true
	}
}

// subscriberLoad is what clients do to a server until it is killed, and what of
// it was acknowledged.
type subscriberLoad struct {
	b               *binary
	token           string
	address         string // of the outside world
	toggled, turned string // ids of the hooks that are disabled, and whose secrets are rotated

	mu            sync.Mutex // guards what follows
	next          int
	events        []int // objects of acknowledged events
	made, deleted []string
	doomed        map[string]bool // hooks whose deletion was asked for, acknowledged or not
}

// do makes calls until the connection breaks; each must be taken.
func (l *subscriberLoad) do(calls func(n int) []string, took func(call, answer string)) {
	for n := 0; ; n++ {
		for _, call := range calls(n) {
			line, body, _ := strings.Cut(call, " <- ")
			method, path, _ := strings.Cut(line, " ")
			status, answer, err := l.b.call(method, path, body, bearer(l.token))
			if err != nil {
				return // killed
			}
			if status >= 300 {
				l.b.t.Errorf("%s: %d %s", line, status, answer)
				return
			}
			if took != nil {
				l.mu.Lock()
				took(call, string(answer))
				l.mu.Unlock()
			}
		}
	}
}

// publish posts events, each to a submission's subscribers and to Keap's.
func (l *subscriberLoad) publish() {
	l.do(func(int) []string {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.next++
		return []string{fmt.Sprintf(`POST /api/v1/events <- [{"event":{"type":"Submission","action":"Submitted"},"kapp":{"slug":"k"},"form":{"slug":"f"},"submission":{"id":"%d"}},`+
			`{"event":{"platform":"keap","name":"contact.add"},"data":{"id":%[1]d}}]`, l.next)}
	}, func(call, _ string) {
		var id int
		_, tail, _ := strings.Cut(call, `"data":{"id":`)
		_, _ = fmt.Sscan(strings.TrimRight(tail, "}]"), &id)
		l.events = append(l.events, id)
	})
}

// toggle disables a hook, enables it, and replays what was held.
func (l *subscriberLoad) toggle() {
	hook := "/api/v1/hooks/" + l.toggled
	l.do(func(int) []string {
		return []string{"PATCH " + hook + ` <- {"status":"disabled"}`, "PATCH " + hook + ` <- {"status":"active"}`, "POST " + hook + "/replay <- {}"}
	}, nil)
}

func (l *subscriberLoad) rotate() {
	l.do(func(int) []string { return []string{"POST /api/v1/hooks/" + l.turned + "/rotate <- {}"} }, nil)
}

// churn makes hooks and deletes every other one, while deliveries to them are
// under way.
func (l *subscriberLoad) churn(round int) {
	var latest string
	l.do(func(n int) []string {
		if n%2 == 1 && latest != "" {
			l.mu.Lock()
			l.doomed[latest] = true
			l.mu.Unlock()
			return []string{"DELETE /api/v1/hooks/" + latest}
		}
		if n > 40 { // enough of them stay
			return []string{"GET /api/v1/hooks?limit=1"}
		}
		return []string{fmt.Sprintf(`POST /api/v1/hooks <- {"event":"submission.submitted","target_url":"%s/churn/%d/%d"}`, l.address, round, n)}
	}, func(call, answer string) {
		var hook struct{ ID string }
		switch {
		case strings.HasPrefix(call, "DELETE"):
			l.deleted, latest = append(l.deleted, latest), ""
		case strings.HasPrefix(call, "POST") && json.Unmarshal([]byte(answer), &hook) == nil:
			l.made, latest = append(l.made, hook.ID), hook.ID
		}
	})
}

// TestKill_keepsSubscriptions kills the process while events are joined to
// batches, a subscription is disabled, enabled and replayed, another one's
// secret is rotated, and others are made and deleted with deliveries under way.
func TestKill_keepsSubscriptions(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // a seed that is logged brings the moments back
	world := newSubscriberWorld(t)
	b := newBinary(t, map[string]string{"space.yaml": "slug: kill\negress: {allow: [127.0.0.1/32]}\ndialects: {keap: {window: 20ms}}\n"})
	b.start()
	l := &subscriberLoad{b: b, token: b.token("operator"), address: world.URL, doomed: map[string]bool{}}
	hook := func(path string) string {
		id, _ := b.hooked("/api/v1/hooks", fmt.Sprintf(`{"event":"submission.submitted","target_url":%q,"ordered":true}`, world.URL+path), l.token)
		return id
	}
	l.toggled, l.turned = hook("/toggled"), hook("/turned")
	b.must(http.StatusOK, "POST /crm/rest/v1/hooks", fmt.Sprintf(`{"eventKey":"contact.add","hookUrl":%q}`, world.URL+"/keap"), b.owned("keap", "7"), nil)

	const rounds = 12
	for round := range rounds {
		var clients sync.WaitGroup
		for range 3 {
			clients.Go(l.publish)
		}
		clients.Go(l.toggle)
		clients.Go(l.rotate)
		clients.Go(func() { l.churn(round) })
		timer := time.NewTimer(time.Duration(50+chance.IntN(250)) * time.Millisecond)
		<-timer.C
		b.kill()
		clients.Wait()
		b.start()
	}
	b.must(http.StatusOK, "PATCH /api/v1/hooks/"+l.toggled, `{"status":"active"}`, l.token, nil)
	l.replayAll()
	b.drain(l.token)
	l.check(world)
	b.stop()
}

// replayAll replays until nothing is held any more.
func (l *subscriberLoad) replayAll() {
	l.b.t.Helper()
	for range 100 {
		var told struct{ Queued int }
		l.b.must(http.StatusAccepted, "POST /api/v1/hooks/"+l.toggled+"/replay", "{}", l.token, &told)
		if told.Queued == 0 {
			return
		}
	}
	l.b.t.Fatal("after a hundred replays something is held still")
}

// check holds what came of it against what was acknowledged.
func (l *subscriberLoad) check(w *subscriberWorld) {
	t := l.b.t
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, object := range l.events {
		for _, path := range []string{"/toggled", "/turned", "/keap"} {
			if n := len(w.told[fmt.Sprintf("%s %d", path, object)]); n != 1 {
				t.Errorf("event %d was acknowledged and came to %s under %d ids; want one", object, path, n)
			}
		}
	}
	if len(w.broken) > 0 {
		t.Errorf("deliveries came again with another body: %v", w.broken)
	}
	var listed struct{ Hooks []struct{ ID string } }
	l.b.must(http.StatusOK, "GET /api/v1/hooks?limit=1000", "", l.token, &listed)
	there := map[string]bool{}
	for _, hook := range listed.Hooks {
		there[hook.ID] = true
	}
	for _, id := range l.made {
		if !there[id] && !l.doomed[id] {
			t.Errorf("the hook %s was acknowledged, and is gone", id)
		}
	}
	for _, id := range l.deleted {
		if there[id] {
			t.Errorf("the deletion of the hook %s was acknowledged, and it is there", id)
		}
	}
	if len(l.events) < 12 || len(l.made) < 4 || len(l.deleted) == 0 {
		t.Error("the load was no load")
	}
	t.Logf("%d events, %d hooks made and %d deleted were acknowledged; %d deliveries came to %d places", len(l.events), len(l.made), len(l.deleted), len(w.bodies), len(w.told))
}

// A process that dies while it asks an endpoint leaves a hook that waits for
// its confirmation, by what was asked or by another question.
func TestKill_duringAHandshake(t *testing.T) {
	t.Parallel()
	asked, release := make(chan string, 10), make(chan struct{})
	var once sync.Once
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secret := r.Header.Get("X-Hook-Secret")
		asked <- secret
		<-release
		w.Header().Set("X-Hook-Secret", secret)
	}))
	t.Cleanup(endpoint.Close)
	t.Cleanup(func() { once.Do(func() { close(release) }) })
	b := newBinary(t, map[string]string{"space.yaml": "slug: kill\negress: {allow: [127.0.0.1/32]}\n"})
	b.start()
	const hooks = "/crm/rest/v1/hooks"
	client := b.owned("keap", "7")
	for _, event := range []string{"contact.add", "contact.edit"} {
		go func() {
			_, _, _ = b.call(http.MethodPost, hooks, fmt.Sprintf(`{"eventKey":%q,"hookUrl":%q}`, event, endpoint.URL+"/"+event), bearer(client))
		}()
	}
	secrets := map[string]bool{<-asked: true, <-asked: true}
	b.kill()
	b.start()
	b.until("GET "+hooks+"/1", client, http.StatusOK, `"status":"Unverified"`)
	b.until("GET "+hooks+"/2", client, http.StatusOK, `"status":"Unverified"`)
	taken := 0
	for secret := range secrets {
		status, answer, err := b.call(http.MethodPost, hooks+"/1/delayedVerify", "[]", func(r *http.Request) {
			bearer(client)(r)
			r.Header.Set("X-Hook-Secret", secret)
		})
		if err != nil {
			t.Fatal(err)
		}
		if status == http.StatusOK && strings.Contains(string(answer), `"Verified"`) {
			taken++
		}
	}
	if taken != 1 {
		t.Errorf("the hook took %d of the secrets of before; want its own", taken)
	}
	once.Do(func() { close(release) })
	b.must(http.StatusOK, "POST "+hooks+"/2/verify", "", client, nil)
	b.until("GET "+hooks+"/2", client, http.StatusOK, `"status":"Verified"`)
	b.stop()
}
