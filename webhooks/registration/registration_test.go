package registration_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/webhooks/registration"
	"hooktree/webhooks/source"
)

func TestDifference_leadsFromWhatIsToWhatIsWanted(t *testing.T) {
	t.Parallel()

	const ours = "https://us.example.com/in/crm"
	a, b := registration.Wanted{Event: "a", URL: ours + "?token=t"}, registration.Wanted{Event: "b", URL: ours + "?token=t"}
	hook := func(id, event, url string, active bool) registration.Hook {
		return registration.Hook{ID: id, Event: event, URL: url, Active: active}
	}
	for _, tt := range []struct {
		name     string
		wanted   []registration.Wanted
		existing []registration.Hook
		want     []string
	}{
		{"nothing to do", []registration.Wanted{a}, []registration.Hook{hook("1", "a", a.URL, true)}, nil},
		{"a new event", []registration.Wanted{a, b}, []registration.Hook{hook("1", "a", a.URL, true)}, []string{"create b"}},
		{"an event that nobody wants", []registration.Wanted{a}, []registration.Hook{hook("1", "a", a.URL, true), hook("2", "b", b.URL, true)}, []string{"remove 2"}},
		{"one that has lapsed", []registration.Wanted{a}, []registration.Hook{hook("1", "a", a.URL, false)}, []string{"renew 1"}},
		{"one that stands twice", []registration.Wanted{a}, []registration.Hook{hook("1", "a", a.URL, false), hook("2", "a", a.URL, true)}, []string{"remove 1"}},
		{"a new token: the new one first", []registration.Wanted{a}, []registration.Hook{hook("1", "a", ours+"?token=old", true)}, []string{"create a", "remove 1"}},
		{"other people's", []registration.Wanted{a}, []registration.Hook{
			hook("1", "a", "https://us.example.com/in/crm2?token=t", true), hook("2", "a", "https://them.example.com/in/crm?token=t", true),
			hook("3", "a", "http://us.example.com/in/crm?token=t", true), hook("4", "a", "://", true),
		}, []string{"create a"}},
		{"an address that the platform writes in its own way", []registration.Wanted{{Event: "a", URL: ours + "?event=A&token=a%2Bb"}}, []registration.Hook{
			hook("1", "a", ours+"?token=a%2bb&event=A", true),
		}, nil},
		{"nothing is wanted, nothing is known to be ours", nil, []registration.Hook{hook("1", "a", ours, true)}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			var got []string
			for _, s := range registration.Difference(tt.wanted, tt.existing) {
				if s.Do == registration.Create {
					got = append(got, "create "+s.Want.Event)
				} else {
					got = append(got, string(s.Do)+" "+s.Hook.ID)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

// platform is a vendor's API as its documents describe it, small enough to be
// read.
type platform struct {
	t    *testing.T
	kind source.Kind

	mu     sync.Mutex
	last   int
	hooks  []map[string]any
	calls  []string
	broken int // status to answer everything with; zero answers
	ended  int // calls whose token is refused, whatever it is
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, r.Method+" "+r.URL.Path)
	switch {
	case strings.HasSuffix(r.URL.Path, "/oauth2/v0/token"):
		p.token(w, r)
	case p.broken != 0:
		w.WriteHeader(p.broken)
		fmt.Fprintf(w, `{"message": "no use with %s"}`, r.Header.Get("Authorization"))
	case p.ended > 0:
		p.ended--
		w.WriteHeader(http.StatusUnauthorized)
	case !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer the-token") && r.Header.Get("X-Keap-Api-Key") != "the-token":
		w.WriteHeader(http.StatusUnauthorized)
	default:
		p.serve(w, r)
	}
}

func (p *platform) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if r.FormValue("grant_type") != "client_credentials" || id != "app" || secret != "the-secret" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	fmt.Fprint(w, `{"access_token":"the-token","token_type":"bearer","expires_in":2592000}`)
}

// names are how each vendor calls the members of a subscription, and its list.
var names = map[source.Kind]struct{ id, event, url, path string }{
	source.Actionstep: {"id", "eventName", "targetUrl", "/resthooks"},
	source.Keap:       {"key", "eventKey", "hookUrl", "/hooks"},
	source.Accelo:     {"subscription_id", "event_id", "trigger_url", "/webhooks/subscriptions"},
}

func (p *platform) serve(w http.ResponseWriter, r *http.Request) {
	n := names[p.kind]
	_, id, _ := strings.Cut(r.URL.Path, n.path)
	id, verb, _ := strings.Cut(strings.Trim(id, "/"), "/")
	switch {
	case r.Method == http.MethodGet:
		p.list(w)
	case r.Method == http.MethodPost && id == "":
		p.create(w, r)
	case r.Method == http.MethodDelete:
		p.hooks = slicesWithout(p.hooks, n.id, id)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPut || verb == "verify":
		for _, h := range p.hooks {
			if fmt.Sprint(h[n.id]) == id {
				h["status"] = map[source.Kind]string{source.Keap: "Verified", source.Actionstep: "Active"}[p.kind]
			}
		}
		fmt.Fprint(w, "{}")
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func slicesWithout(hooks []map[string]any, member, id string) []map[string]any {
	var left []map[string]any
	for _, h := range hooks {
		if fmt.Sprint(h[member]) != id {
			left = append(left, h)
		}
	}
	return left
}

func (p *platform) list(w http.ResponseWriter) {
	switch p.kind {
	case source.Keap:
		p.write(w, append([]map[string]any{}, p.hooks...))
	case source.Accelo:
		p.write(w, map[string]any{"meta": map[string]any{"status": "ok"}, "response": map[string]any{"subscriptions": p.hooks}})
	default:
		paging := map[string]any{"paging": map[string]any{"resthooks": map[string]any{"pageCount": 1}}}
		switch len(p.hooks) {
		case 0:
			w.WriteHeader(http.StatusNoContent)
		case 1:
			p.write(w, map[string]any{"resthooks": p.hooks[0], "meta": paging})
		default:
			p.write(w, map[string]any{"resthooks": p.hooks, "meta": paging})
		}
	}
}

func (p *platform) create(w http.ResponseWriter, r *http.Request) {
	p.last++
	hook := map[string]any{}
	switch p.kind {
	case source.Accelo:
		hook = map[string]any{"subscription_id": fmt.Sprintf("%024x", p.last), "event_id": r.FormValue("event_id"), "trigger_url": r.FormValue("trigger_url")}
		if r.FormValue("secret") != "the-signing-secret" {
			p.t.Errorf("the signing secret is %q", r.FormValue("secret"))
		}
		defer p.write(w, map[string]any{"response": map[string]any{"subscription": hook}})
	case source.Keap:
		p.read(r, &hook)
		hook["key"], hook["status"] = fmt.Sprint(p.last), "Unverified" // as when the address could not be reached
		defer p.write(w, hook)
	default:
		var body struct {
			Resthooks map[string]any `json:"resthooks"`
		}
		p.read(r, &body)
		if got := r.Header.Get("Content-Type"); got != "application/vnd.api+json" {
			p.t.Errorf("the content type is %q", got)
		}
		hook = body.Resthooks
		hook["id"], hook["status"] = p.last, "Active"
		defer p.write(w, map[string]any{"resthooks": hook})
	}
	p.hooks = append(p.hooks, hook)
}

func (p *platform) read(r *http.Request, into any) {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		p.t.Errorf("%s %s: %v", r.Method, r.URL, err)
	}
}

func (p *platform) write(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

// shelf keeps tokens in memory.
type shelf struct {
	kept  map[string]registration.Kept
	full  int // nothing can be kept after so many times; zero keeps all
	times int
}

func (s *shelf) Exchange(source string, change registration.Exchange) error {
	keep := func(kept registration.Kept) error {
		if s.times++; s.full > 0 && s.times > s.full {
			return errFull
		}
		s.kept = map[string]registration.Kept{source: kept}
		return nil
	}
	next, err := change(s.kept[source], keep)
	if err != nil {
		return err
	}
	return keep(next)
}

var errFull = errors.New("the disk is full")

// secrets have the values that platforms know.
func secrets(name string) (string, bool) {
	value, ok := map[string]string{
		"TOKEN": "the-token", "SECRET": "the-secret", "SIGNING": "the-signing-secret", "PATH": "unguessable", "ODD": "un/guess+able", "EMPTY": "",
	}[name]
	return value, ok
}

// registered is a source at a platform of its kind.
func registered(t *testing.T, kind source.Kind, events ...string) (*platform, *source.Source) {
	t.Helper()

	p := &platform{t: t, kind: kind}
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	of := &source.Source{Name: "crm", Kind: kind, Tokens: []string{"PATH"}, Register: &source.Register{
		API: s.URL + "/api/v0", URL: "https://us.example.com", Events: events, Token: "TOKEN",
	}}
	switch kind {
	case source.Keap:
		of.Register.Token, of.Register.Key = "", "TOKEN"
	case source.Accelo:
		of.Register.Token, of.Register.Client, of.Register.ClientSecret = "", "app", "SECRET"
		of.Secrets, of.Tokens = []string{"SIGNING"}, nil
	}
	return p, of
}

func planOf(t *testing.T, s *source.Source) *registration.Plan {
	t.Helper()

	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	plan, err := registration.New(s, registration.Config{Secrets: secrets, Client: http.DefaultClient, Keeper: &shelf{}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestReconcile_bringsEachPlatformInStepAndThenDoesNothing(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		kind    source.Kind
		events  []string
		address string
	}{
		{source.Actionstep, []string{"ActionCreated", "StepChanged"}, "https://us.example.com/in/crm?event=ActionCreated&token=unguessable"},
		{source.Keap, []string{"contact.add", "contact.edit"}, "https://us.example.com/in/crm?token=unguessable"},
		{source.Accelo, []string{"assign_task", "create_task"}, "https://us.example.com/in/crm"},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			t.Parallel()

			p, s := registered(t, tt.kind, tt.events...)
			report, err := planOf(t, s).Reconcile(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			wantKept, wantPending := 2, 0
			if tt.kind == source.Keap { // this platform could not reach us
				wantKept, wantPending = 0, 2
			}
			if len(report.Done) != 2 || len(report.Kept) != wantKept || len(report.Pending) != wantPending {
				t.Errorf("first round: %+v", report)
			}
			if got := p.hooks[0][names[tt.kind].url]; got != tt.address {
				t.Errorf("the address is %v; want %s", got, tt.address)
			}

			for _, h := range p.hooks { // they lapse where a platform lets them, and one is wanted no more
				if tt.kind != source.Accelo {
					h["status"] = "Disabled"
				}
			}
			s.Register.Events = []string{tt.events[0], "another"}
			report, err = planOf(t, s).Reconcile(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var did []string
			for _, step := range report.Done {
				did = append(did, string(step.Do)+" "+step.Hook.Event)
			}
			want := []string{"create another", "renew " + tt.events[0], "remove " + tt.events[1]}
			if tt.kind == source.Accelo {
				want = slices.Delete(want, 1, 2)
			}
			if diff := cmp.Diff(want, did); diff != "" {
				t.Errorf("second round (-want +got):\n%s", diff)
			}

			if tt.kind == source.Keap { // what was created is not verified yet
				if report, err = planOf(t, s).Reconcile(t.Context()); err != nil || len(report.Kept) != 2 {
					t.Errorf("third round: %+v, %v", report, err)
				}
			}
			if report, err = planOf(t, s).Reconcile(t.Context()); err != nil || len(report.Done) != 0 || len(report.Kept) != 2 {
				t.Errorf("last round: %+v, %v; want nothing to do", report, err)
			}
		})
	}
}

func TestReconcile_tellsWhatThePlatformSaidWithoutSecrets(t *testing.T) {
	t.Parallel()

	p, s := registered(t, source.Actionstep, "ActionCreated")
	p.broken = http.StatusForbidden
	_, err := planOf(t, s).Reconcile(t.Context())
	if err == nil || !strings.Contains(err.Error(), "403 Forbidden") || !strings.Contains(err.Error(), "no use with Bearer •••") {
		t.Errorf("error = %v", err)
	}
}

// A platform that repeats our address repeats the token as it stands there.
func TestReconcile_masksSecretsAsAddressesWriteThem(t *testing.T) {
	t.Parallel()

	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, "[]")
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(s.Close)
	_, crm := registered(t, source.Keap, "contact.add")
	crm.Register.API, crm.Tokens = s.URL, []string{"ODD"}
	_, err := planOf(t, crm).Reconcile(t.Context())
	if err == nil || !strings.Contains(err.Error(), "token=•••") || strings.Contains(err.Error(), "guess") {
		t.Errorf("error = %v; want the address without its token", err)
	}
}

// What a platform leaves out ends no sentence with a colon.
func TestFailure_withoutWords(t *testing.T) {
	t.Parallel()

	silent := &registration.Failure{Call: "GET /hooks", Status: http.StatusBadGateway}
	if got := silent.Error(); got != "GET /hooks is answered 502 Bad Gateway" {
		t.Errorf("Error() = %q", got)
	}
}

func TestNew_saysWhatIsMissing(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		name   string
		change func(*source.Source)
		want   string
	}{
		{"no register", func(s *source.Source) { s.Register = nil }, "no `register:`"},
		{"a kind that is not registered", func(s *source.Source) { s.Kind = source.GitHub }, "actionstep, keap and accelo"},
		{"a secret without a value", func(s *source.Source) { s.Register.Token = "NONE" }, "HOOKTREE_SECRET_NONE"},
		{"an empty secret", func(s *source.Source) { s.Tokens = []string{"EMPTY"} }, "EMPTY has no value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			_, s := registered(t, source.Actionstep, "ActionCreated")
			tt.change(s)
			if _, err := registration.New(s, registration.Config{Secrets: secrets, Client: http.DefaultClient, Keeper: &shelf{}, Now: time.Now}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v; want %q", err, tt.want)
			}
		})
	}
}
