package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// answer is one answer of a fakeServer.
type answer struct {
	status int // 200 where it is 0
	header http.Header
	body   string
}

// fakeServer answers each "METHOD /path" with its list of answers, the last
// one again and again, and keeps what it was asked.
type fakeServer struct {
	answers map[string][]answer

	mu       sync.Mutex
	requests []string
}

func (s *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()

	body, _ := io.ReadAll(r.Body)
	s.requests = append(s.requests, fmt.Sprintf("%s %s %s [%s] %s",
		r.Method, r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("Authorization"), body))
	key := r.Method + " " + r.URL.Path
	list := s.answers[key]
	if len(list) == 0 {
		http.Error(w, "no answer for "+key, http.StatusTeapot)
		return
	}
	if len(list) > 1 {
		s.answers[key] = list[1:]
	}
	maps.Copy(w.Header(), list[0].header)
	w.WriteHeader(cmp.Or(list[0].status, http.StatusOK))
	_, _ = io.WriteString(w, list[0].body)
}

// eventFile writes an event file and returns its name.
func eventFile(t *testing.T, text string) string {
	t.Helper()

	name := filepath.Join(t.TempDir(), "laptop.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

const (
	postEvents = "POST /api/v1/events"
	getRun12   = "GET /api/v1/runs/12"

	oneRun = `{"events":[{"id":"e1","path":"Submissions > services > laptop / Submitted",
		"jobs":[{"id":"j1","webhook":"Approval","target":{"tree":"T"},"run":12},
			{"id":"j2","webhook":"Notice","target":{"url":"https://hooks.example.com/a"}}],
		"verdicts":[{"webhook":"Approval","outcome":"fired","reason":""},{"webhook":"Notice","outcome":"fired","reason":""},
			{"webhook":"Audit","outcome":"filtered","reason":"values.Cost > 1000 is false"}]}]}`
	runningRun12  = `{"number":12,"status":"Waiting","waitingFor":"token of approval since 2 d","tree":{"title":"T"}}`
	completeRun12 = `{"number":12,"status":"Complete","tree":{"title":"T"},"outputs":{"approved":true},
		"createdAt":"2026-03-01T12:00:00.000Z","endedAt":"2026-03-01T12:00:00.038Z"}`
	failedRun12 = `{"number":12,"status":"Error","waitingFor":"charge: the answer was 500","tree":{"title":"T"}}`

	shownOneRun = "Submissions > services > laptop / Submitted (event e1)\n" +
		"  fired     Approval  run #12\n" +
		"  fired     Notice    job j2 to https://hooks.example.com/a\n" +
		"  filtered  Audit     values.Cost > 1000 is false\n"
)

func TestFire_showsWhatBecameOfTheEvents(t *testing.T) {
	t.Parallel()

	var events strings.Builder // one more than a few, each with its run, and the last one again
	manyRuns := map[string][]answer{}
	for i := range few + 1 {
		fmt.Fprintf(&events, `{"id":"e","jobs":[{"run":%d}],"verdicts":[{"outcome":"fired"}]},`, i+1)
		manyRuns[fmt.Sprintf("GET /api/v1/runs/%d", i+1)] = []answer{{body: completeRun12}}
	}
	many := `{"events":[` + events.String() + `{"duplicate":true,"jobs":[{"run":21}],"verdicts":[{"outcome":"duplicate"}]}]}`
	manyRuns[postEvents] = []answer{{body: many}}
	oneFails := maps.Clone(manyRuns)
	oneFails[getRun12] = []answer{{body: failedRun12}}
	const shownMany = "22 events accepted, 1 of them duplicates; 21 runs; verdicts: 1 duplicate, 21 fired\n"

	busy := answer{status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {"7"}}, body: `{"code":"busy"}`}

	tests := []struct {
		name      string
		flags     string
		answers   map[string][]answer
		wantCode  int
		wantOut   string
		wantErr   string // part of it
		wantSlept []time.Duration
	}{
		{
			"verdicts, runs and URLs", "",
			map[string][]answer{postEvents: {{status: http.StatusAccepted, body: oneRun}}},
			exitOK, shownOneRun, "", nil,
		},
		{
			"a duplicate starts nothing", "",
			map[string][]answer{postEvents: {{body: `{"events":[{"id":"e1","path":"P","duplicate":true}]}`}}},
			exitOK, "P (event e1, a duplicate: nothing new was started)\n", "", nil,
		},
		{
			"many events are counted", "",
			manyRuns,
			exitOK, shownMany, "", nil,
		},
		{
			"a run that is awaited to its end", "--wait",
			map[string][]answer{postEvents: {{body: oneRun}}, getRun12: {{body: runningRun12}, {body: completeRun12}}},
			exitOK, shownOneRun + "run #12 Complete after 38ms  T\n  returned {\"approved\":true}\n", "",
			[]time.Duration{firstPoll},
		},
		{
			"a run that needs a person", "--wait",
			map[string][]answer{postEvents: {{body: oneRun}}, getRun12: {{body: failedRun12}}},
			exitFailed, shownOneRun + "run #12 Error  T\n  charge: the answer was 500\n", "1 of 1 runs did not complete", nil,
		},
		{
			"a run that says what stopped it", "--wait",
			map[string][]answer{
				postEvents: {{body: oneRun}}, getRun12: {{body: failedRun12}},
				"GET /api/v1/errors": {{body: `{"errors":[{"node":"charge","error":{"message":"no such card"}}]}`}},
			},
			exitFailed, shownOneRun + "run #12 Error  T\n  charge: no such card\n", "1 of 1 runs did not complete", nil,
		},
		{
			"many runs are counted", "--wait",
			maps.Clone(manyRuns),
			exitOK, shownMany + "21 runs ended: 21 Complete\n", "", nil,
		},
		{
			"of many runs the one that fails is shown", "--wait",
			oneFails,
			exitFailed,
			shownMany + "run #12 Error  T\n  charge: the answer was 500\n21 runs ended: 20 Complete, 1 Error\n",
			"1 of 21 runs did not complete", nil,
		},
		{
			"a run that is gone", "--wait",
			map[string][]answer{postEvents: {{body: oneRun}}, getRun12: {{status: 404, body: `{"detail":"there is no run 12"}`}}},
			exitFailed, shownOneRun, "run #12: the server answers 404: there is no run 12", nil,
		},
		{
			"a busy server is asked again when it says", "",
			map[string][]answer{postEvents: {busy, busy, {body: oneRun}}},
			exitOK, shownOneRun, "",
			[]time.Duration{7 * time.Second, 7 * time.Second},
		},
		{
			"a server that stays busy", "",
			map[string][]answer{postEvents: {busy}},
			exitFailed, "", "the server answers 429 busy", slices.Repeat([]time.Duration{7 * time.Second}, busyAttempts-1),
		},
		{
			"a full disk is not asked again", "",
			map[string][]answer{postEvents: {{status: http.StatusInsufficientStorage, body: `{"detail":"the disk is full"}`}}},
			exitFailed, "", "the server answers 507: the disk is full", nil,
		},
		{
			"an event that the server refuses", "",
			map[string][]answer{postEvents: {{status: http.StatusUnprocessableEntity, body: `{"code":"unknown_event",
				"title":"Unprocessable","errors":[{"location":"event.action","message":"did you mean Submitted?"}]}`}}},
			exitFailed, "",
			"laptop.json: the server answers 422 unknown_event: Unprocessable\n  event.action: did you mean Submitted?", nil,
		},
		{
			"a missing token", "",
			map[string][]answer{postEvents: {{status: http.StatusUnauthorized, body: `{"detail":"who are you?"}`}}},
			exitFailed, "", "name a token by --token or HOOKTREE_TOKEN", nil,
		},
		{
			"a proxy that answers instead", "",
			map[string][]answer{postEvents: {{status: http.StatusBadGateway, body: "<html>"}}},
			exitFailed, "", "the server answers 502: Bad Gateway", nil,
		},
		{
			"something else that answers", "",
			map[string][]answer{postEvents: {{body: "<html>"}}},
			exitFailed, "", "is not that of a hooktree server", nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			server := httptest.NewServer(&fakeServer{answers: tt.answers})
			defer server.Close()
			var slept []time.Duration
			h := host{sleep: func(_ context.Context, d time.Duration) error {
				slept = append(slept, d)
				return nil
			}}
			args := append([]string{"fire", "--server", server.URL, eventFile(t, `{"event":{}}`)}, strings.Fields(tt.flags)...)
			code, out, errs := runCLI(t, h, args...)
			if code != tt.wantCode || !strings.Contains(errs, tt.wantErr) {
				t.Errorf("exit code %d, errors %q; want %d, %q", code, errs, tt.wantCode, tt.wantErr)
			}
			if diff := gocmp.Diff(tt.wantOut, out); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff(tt.wantSlept, slept); diff != "" {
				t.Errorf("pauses (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFire_sendsTheFileAsItIs(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name     string
		text     string
		flags    string
		wantType string
		wantAuth string
	}{
		{"an event", `{"event": {"type":"Form"}}`, "", "application/json", ""},
		{"a list", `[{"event":{}}, {}]`, "", "application/json", ""},
		{"an empty list", `[]`, "", "application/json", ""},
		{"a token", `{}`, "--token=ht_abc", "application/json", "Bearer ht_abc"},
		{"a CloudEvent", `{"specversion":"1.0"}`, "", "application/cloudevents+json", ""},
		{"a batch of CloudEvents", `[{"specversion":"1.0"}]`, "", "application/cloudevents-batch+json", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			fake := &fakeServer{answers: map[string][]answer{postEvents: {{body: `{"events":[]}`}}}}
			server := httptest.NewServer(fake)
			defer server.Close()
			args := append([]string{"fire", "--server", server.URL + "/", "-"}, strings.Fields(tt.flags)...)
			if code, _, errs := runCLI(t, host{in: strings.NewReader(tt.text)}, args...); code != exitOK {
				t.Fatalf("exit code %d: %s", code, errs)
			}
			want := []string{fmt.Sprintf("%s %s [%s] %s", postEvents, tt.wantType, tt.wantAuth, tt.text)}
			if diff := gocmp.Diff(want, fake.requests); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFire_stopsAtTheFirstFault(t *testing.T) {
	t.Parallel()

	good := `{"event":{}}`
	tests := []struct {
		name     string
		texts    []string // of the files
		wantSent int
		wantErr  string
	}{
		{"a file that is not JSON", []string{"{\n  \"event\": oops\n}"}, 0, "laptop.json:2:12: invalid character 'o'"},
		{"a file that ends early", []string{`{"event":`}, 0, "unexpected end of JSON input; an event file holds one event"},
		{"an empty file", []string{""}, 0, "laptop.json:1:1: unexpected end"},
		{"a file with a number", []string{"7"}, 0, "laptop.json:1:1: an event file holds one event in JSON, or a list"},
		{"a good file before a bad one", []string{good, "oops", good}, 1, "invalid character 'o'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			fake := &fakeServer{answers: map[string][]answer{postEvents: {{body: oneRun}}}}
			server := httptest.NewServer(fake)
			defer server.Close()
			args := []string{"fire", "--server", server.URL}
			for _, text := range tt.texts {
				args = append(args, eventFile(t, text))
			}
			code, out, errs := runCLI(t, host{}, args...)
			if code != exitFailed || !strings.Contains(errs, tt.wantErr) {
				t.Errorf("exit code %d, errors %q; want %d, %q", code, errs, exitFailed, tt.wantErr)
			}
			if want := strings.Repeat(shownOneRun, tt.wantSent); len(fake.requests) != tt.wantSent || out != want {
				t.Errorf("%d requests, output %q; want %d and what was accepted", len(fake.requests), out, tt.wantSent)
			}
		})
	}
}

func TestFire_saysWhatIsMissing(t *testing.T) {
	t.Parallel()

	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"a file that is not there", []string{"nowhere.json"}, "open nowhere.json: no such file"},
		{"a server that is not there", []string{"--server", closed.URL, eventFile(t, "{}")}, "is a server running there?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			code, _, errs := runCLI(t, host{}, append([]string{"fire"}, tt.args...)...)
			if code != exitFailed || !strings.Contains(errs, tt.want) {
				t.Errorf("exit code %d, errors %q; want %d, %q", code, errs, exitFailed, tt.want)
			}
		})
	}
}

func TestFire_waitsNoLongerThanItIsTold(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name string
		ends error // of the pause
		want string
	}{
		{
			"the time is up", context.DeadlineExceeded,
			"run #12 has not ended in time (it is Waiting: token of approval since 2 d); it goes on",
		},
		{"the user gives up", context.Canceled, "run #12: context canceled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			server := httptest.NewServer(&fakeServer{
				answers: map[string][]answer{postEvents: {{body: oneRun}}, getRun12: {{body: runningRun12}}},
			})
			defer server.Close()
			h := host{sleep: func(context.Context, time.Duration) error { return tt.ends }}
			code, _, errs := runCLI(t, h, "fire", "--wait", "--server", server.URL, eventFile(t, "{}"))
			if code != exitFailed || !strings.Contains(errs, tt.want) {
				t.Errorf("exit code %d, errors %q; want %d, %q", code, errs, exitFailed, tt.want)
			}
		})
	}
}

// FuzzEventType feeds any bytes as an event file: they are JSON of a kind, or
// an error that names the file.
func FuzzEventType(f *testing.F) {
	f.Add([]byte(`{"event":{}}`))
	f.Add([]byte("[{\"specversion\":\n1}]"))
	f.Add([]byte("{\n\"a\": \xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		kind, err := eventType("laptop.json", text)
		if (err == nil) != (kind != "") || err != nil && !strings.HasPrefix(err.Error(), "laptop.json") {
			t.Errorf("eventType(%q) = %q, %v; want a type, or an error with the file's name", text, kind, err)
		}
	})
}
