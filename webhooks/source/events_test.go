package source_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"hooktree/engine"
	"hooktree/webhooks/event"
	"hooktree/webhooks/source"
)

// Each file of testdata/deliveries is a source, a delivery, and what it becomes.
func TestDeliveries_becomeEvents(t *testing.T) {
	t.Parallel()

	names, err := filepath.Glob("testdata/deliveries/*.txt")
	if err != nil || len(names) < 50 {
		t.Fatalf("found %d files, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			t.Parallel()

			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			of, r := delivered(t, archive)
			events, err := of.Events(r, catalogue(of), noon)
			got := rendered(events, err)
			for _, e := range events {
				readsAgain(t, e)
			}
			holds(t, name, archive, txtar.File{Name: "becomes", Data: []byte(got)})
		})
	}
}

// delivered reads the source and the delivery of a file.
func delivered(tb testing.TB, archive *txtar.Archive) (source.Source, source.Request) {
	tb.Helper()
	of := one(tb, strings.TrimSpace(string(archive.Files[0].Data)))
	r := sent(strings.TrimSuffix(string(archive.Files[2].Data), "\n"))
	r.Header.Del("Content-Type")
	for line := range strings.SplitSeq(strings.TrimSpace(string(archive.Files[1].Data)), "\n") {
		if query, ok := strings.CutPrefix(line, "?"); ok {
			var err error
			if r.Query, err = url.ParseQuery(query); err != nil {
				tb.Fatal(err)
			}
			continue
		}
		if name, value, ok := strings.Cut(line, ": "); ok {
			r.Header.Set(name, value)
		}
	}
	return of, r
}

// rendered tells what became of a delivery.
func rendered(events []event.Event, err error) string {
	if err != nil {
		return "error " + err.Error() + "\n"
	}
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "%s\n  is %s %s, by %s, of %q\n  id %s\n", e.Path, e.Type, e.Action, e.Credential, e.Entity, e.ExternalID)
		fmt.Fprintf(&b, "  occurred %s\n  body %s\n", e.Occurred.Format(time.RFC3339Nano), e.Body)
	}
	if len(events) == 0 {
		return "nothing\n"
	}
	return b.String()
}

// readsAgain checks that an event's data is what its body reads as: that is
// how stores give it back.
func readsAgain(tb testing.TB, e event.Event) {
	tb.Helper()
	again, err := engine.DecodeValue(e.Body)
	if err != nil {
		tb.Fatalf("the body %s cannot be read: %v", e.Body, err)
	}
	if diff := cmp.Diff(any(e.Data), again); diff != "" {
		tb.Errorf("the data differs from the body (-data +body):\n%s", diff)
	}
}

// A repeat is known by its id, and what only looks like one is not.
func TestEvents_knowARepeat(t *testing.T) {
	t.Parallel()

	const resource = `{"data":{"type":"actions","id":"12","attributes":{"name":%q%s}},"meta":{"debug":{"took":%q,"resthook":{"event_name":%q}}}}`
	for _, tt := range []struct {
		name, source, first, second string
		header                      []string
		same                        bool
	}{
		{
			"Keap: the members in another order", "s: {kind: keap, open: true}",
			`{"event_key":"contact.add","object_type":"contact","object_keys":[{"id":1,"timestamp":"2026-04-08T11:00:00Z"}]}`,
			`{"object_keys":[{"timestamp":"2026-04-08T11:00:00Z","id":1}],"object_type":"contact","event_key":"contact.add"}`, nil, true,
		},
		{
			"Keap: at another time", "s: {kind: keap, open: true}",
			`{"event_key":"contact.add","object_keys":[{"id":1,"timestamp":"2026-04-08T11:00:00Z"}]}`,
			`{"event_key":"contact.add","object_keys":[{"id":1,"timestamp":"2026-04-08T11:00:01Z"}]}`, nil, false,
		},
		{
			"Keap: without a time", "s: {kind: keap, open: true}",
			`{"event_key":"contact.add","object_keys":[{"id":1}]}`, `{"event_key":"contact.add","object_keys":[{"id":1}]}`, nil, false,
		},
		{
			"Actionstep: what is said of the delivery differs", "s: {kind: actionstep, open: true}",
			fmt.Sprintf(resource, "a", `,"modifiedTimestamp":"x"`, "1 ms", "ActionUpdated"),
			fmt.Sprintf(resource, "a", `,"modifiedTimestamp":"x"`, "2 ms", "ActionUpdated"), nil, true,
		},
		{
			"Actionstep: changed at another time", "s: {kind: actionstep, open: true}",
			fmt.Sprintf(resource, "a", `,"modifiedTimestamp":"x"`, "1 ms", "ActionUpdated"),
			fmt.Sprintf(resource, "a", `,"modifiedTimestamp":"y"`, "1 ms", "ActionUpdated"), nil, false,
		},
		{
			"Actionstep: an update that does not say when", "s: {kind: actionstep, open: true}",
			fmt.Sprintf(resource, "a", "", "1 ms", "ActionUpdated"), fmt.Sprintf(resource, "a", "", "1 ms", "ActionUpdated"), nil, false,
		},
		{
			"Actionstep: created once", "s: {kind: actionstep, open: true}",
			fmt.Sprintf(resource, "a", "", "1 ms", "ActionCreated"), fmt.Sprintf(resource, "a", "", "2 ms", "ActionCreated"), nil, true,
		},
		{"Accelo: created once", "s: {kind: accelo, open: true}", `{"id":1}`, `{"id":1,"resource_url":"x"}`, []string{"X-Accelo-Event", "create_task"}, true},
		{"Accelo: written twice", "s: {kind: accelo, open: true}", `{"id":1}`, `{"id":1}`, []string{"X-Accelo-Event", "create_invoice_pdf"}, false},
		{"Accelo: assigned twice", "s: {kind: accelo, open: true}", `{"id":1}`, `{"id":1}`, []string{"X-Accelo-Event", "assign_task"}, false},
		{"a generic delivery without an id", "s: {kind: token, secret: A, header: X-T}", `{}`, `{}`, nil, false},
		{"a generic id", "s: {kind: token, secret: A, header: X-T, id: body /id}", `{"id":1}`, `{"id":"1"}`, nil, true},
	} {
		of := one(t, tt.source)
		ids := make([]string, 2)
		for i, body := range []string{tt.first, tt.second} {
			events, err := of.Events(sent(body, tt.header...), catalogue(of), noon)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			ids[i] = events[0].ExternalID
		}
		if same := ids[0] != "" && ids[0] == ids[1]; same != tt.same {
			t.Errorf("%s: the ids are %q; want a repeat: %t", tt.name, ids, tt.same)
		}
	}
}

func TestEvents_boundsWhatADeliveryHolds(t *testing.T) {
	t.Parallel()

	keap := one(t, "s: {kind: keap, open: true}")
	batch := func(n int) source.Request {
		return sent(`{"event_key":"contact.add","object_keys":[` + strings.TrimSuffix(strings.Repeat(`{"id":1},`, n), ",") + `]}`)
	}
	events, err := keap.Events(batch(source.MaxEvents), catalogue(), noon)
	if err != nil || len(events) != source.MaxEvents {
		t.Errorf("a full delivery gave %d events, %v", len(events), err)
	}
	_, err = keap.Events(batch(source.MaxEvents+1), catalogue(), noon)
	if refusal, ok := errors.AsType[*event.Refusal](err); !ok || refusal.Faults[0].Code != event.CodeTooLong {
		t.Errorf("a fuller one gave %v", err)
	}
	form := one(t, "s: {kind: token, secret: A, header: X-T}")
	r := sent(strings.Repeat("a=b&", 1000), "Content-Type", "application/x-www-form-urlencoded")
	if _, err := form.Events(r, catalogue(form), noon); err == nil {
		t.Error("a form of a thousand fields was read")
	}
	deep := sent(strings.Repeat("[", 100) + strings.Repeat("]", 100))
	if _, err := form.Events(deep, catalogue(form), noon); err == nil {
		t.Error("a body of a hundred levels was read")
	}
}

// A platform that the space declares, or a dialect brings, is not open.
func TestPlatforms_areOpenWhereNobodyDeclaresThem(t *testing.T) {
	t.Parallel()

	var all []source.Source
	all = append(all, sound(t, every)...)
	open := source.Platforms(all, platforms())
	var names []string
	for _, p := range open {
		names = append(names, p.Name+"="+p.Open.Title+": "+p.Open.Example)
		if p.Open.Example != "" && !event.OpenName(p.Open.Example) {
			t.Errorf("the example %q of %s is no name", p.Open.Example, p.Name)
		}
	}
	want := []string{
		"house=House: ", "github=GitHub: pull_request.opened", "legacy=Legacy: ", "least=Least: received", "shopify=Shopify: orders/create",
		"slack=Slack: block_actions.approve", "partner=Partner: ", "stripe=Stripe: invoice.paid", "plain=Plain: ping",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if twice := source.Platforms(append(all, all...), platforms()); len(twice) != len(open) {
		t.Errorf("two sources of a platform give %d platforms; want %d", len(twice), len(open))
	}
}

func TestHandshake(t *testing.T) {
	t.Parallel()

	keap, slack := one(t, "s: {kind: keap, open: true}"), one(t, "s: {kind: slack, secret: A}")
	const delivery = `{"event_key":"contact.add","object_keys":[]}`
	const asked = `{"type":"url_verification","token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}`
	long := strings.Repeat("x", 2000)
	for _, tt := range []struct {
		name    string
		of      source.Source
		request source.Request
		header  string // X-Hook-Secret of the reply
		body    string
		ok      bool
	}{
		{"Keap's, empty", keap, sent("", "X-Hook-Secret", "s1"), "s1", "", true},
		{"Keap's, an object", keap, sent("{}", "X-Hook-Secret", "s1"), "s1", "", true},
		{"Keap's, a list", keap, sent("[]", "X-Hook-Secret", "s1"), "s1", "", true},
		{"Keap's, no JSON", keap, sent("\xff", "X-Hook-Secret", "s1"), "s1", "", true},
		{"Keap's delivery", keap, sent(delivery), "", "", false},
		{"Keap's delivery with a secret loses no event", keap, sent(delivery, "X-Hook-Secret", "s1"), "", "", false},
		{"Keap's, too long to echo", keap, sent("", "X-Hook-Secret", long), "", "", false},
		{"Slack's", slack, sent(asked), "", "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P", true},
		{"Slack's without a challenge", slack, sent(`{"type":"url_verification"}`), "", "", false},
		{"Slack's, too long to echo", slack, sent(`{"type":"url_verification","challenge":"` + long + `"}`), "", "", false},
		{"Slack's with a line break", slack, sent(`{"type":"url_verification","challenge":"a\nb"}`), "", "", false},
		{"Slack's event", slack, sent(`{"type":"event_callback"}`), "", "", false},
		{"Slack's, no JSON", slack, sent(`x`), "", "", false},
		{"GitHub asks nothing", one(t, "s: {kind: github, secret: A}"), sent("", "X-Hook-Secret", "s1"), "", "", false},
	} {
		reply, ok := tt.of.Handshake(tt.request)
		if ok != tt.ok || reply.Header.Get("X-Hook-Secret") != tt.header || string(reply.Body) != tt.body {
			t.Errorf("%s: got %v %v; want %t, %q, %q", tt.name, ok, reply, tt.ok, tt.header, tt.body)
		}
	}
}

// FuzzEvents reads any delivery by every kind: it gives events that can be
// stored and read again, or says what is wrong.
func FuzzEvents(f *testing.F) {
	names, err := filepath.Glob("testdata/deliveries/*.txt")
	if err != nil || len(names) == 0 {
		f.Fatal(names, err)
	}
	all := sound(f, every)
	c := catalogue(all...)
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		_, r := delivered(f, archive)
		header := bytes.TrimSpace(archive.Files[1].Data)
		f.Add(string(header), r.Body)
	}
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		r := sent(string(body))
		r.Query.Set("event", header)
		for line := range strings.SplitSeq(header, "\n") {
			if name, value, ok := strings.Cut(line, ": "); ok {
				r.Header.Set(name, value)
			}
		}
		for _, of := range all {
			_, _ = of.Handshake(r)
			events, err := of.Events(r, c, noon)
			if err != nil {
				_, refused := errors.AsType[*event.Refusal](err)
				if _, media := errors.AsType[*source.MediaTypeError](err); !refused && !media || events != nil {
					t.Errorf("%s: got %d events and %T %v", of.Kind, len(events), err, err)
				}
				continue
			}
			for _, e := range events {
				if e.Credential != "source:"+of.Name || len(e.ExternalID) > event.MaxName || !json.Valid(e.Body) || e.Path == "" {
					t.Errorf("%s: got %+v", of.Kind, e)
				}
				readsAgain(t, e)
			}
		}
	})
}
