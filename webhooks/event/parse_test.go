package event_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hooktree/engine"
	"hooktree/webhooks/event"
)

func TestParse_reads_a_payload(t *testing.T) {
	t.Parallel()

	got := parse(t, event.NewCatalogue(), payload)
	want := event.Event{
		ExternalID: "9f7c4889-32f3-11f1-85e7-8f53b6e0619f", Platform: event.Kinetic, Type: "Submission", Action: "Submitted",
		Scope: event.Scope{Kapp: "services", Form: "laptop-request"}, Path: "Submissions > services > laptop-request / Submitted",
		Entity:   "6c460f94-32f3-11f1-85e7-8f53b6e0619f",
		Occurred: time.Date(2026, 4, 8, 2, 35, 35, 925e6, time.UTC), Received: noon,
		Body: []byte(payload),
	}
	data, err := engine.DecodeValue([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	want.Data, _ = data.(map[string]any)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func TestParse_takes_what_senders_leave_open(t *testing.T) {
	t.Parallel()

	c := event.NewCatalogue(warehouse())
	tests := []struct {
		name string
		body string
		want event.Event // Data and Body are not compared
	}{
		{
			"a number as id, milliseconds as time", `{"event":{"type":"User","action":"Login","id":42,"timestamp":1775615735925}}`,
			event.Event{Platform: "kinetic", Type: "User", Action: "Login", ExternalID: "42", Path: "Users / Login", Occurred: time.Date(2026, 4, 8, 2, 35, 35, 925e6, time.UTC), Received: noon},
		},
		{
			"no id and no time", `{"event":{"platform":"kinetic","type":"User","action":"Login","id":null,"timestamp":null},"user":null}`,
			event.Event{Platform: "kinetic", Type: "User", Action: "Login", Path: "Users / Login", Occurred: noon, Received: noon},
		},
		{
			"a team without a slug goes by its name", `{"event":{"type":"Team","action":"Created"},"team":{"name":"Role::Employee"}}`,
			event.Event{Platform: "kinetic", Type: "Team", Action: "Created", Path: "Teams / Created", Entity: "Role::Employee", Occurred: noon, Received: noon},
		},
		{
			"a datastore form needs no kapp", `{"event":{"type":"Datastore Submission","action":"Saved"},"form":{"slug":"people"},"submission":{"id":"s"}}`,
			event.Event{
				Platform: "kinetic", Type: "Datastore Submission", Action: "Saved", Path: "Datastore Submissions > people / Saved",
				Scope: event.Scope{Form: "people", Datastore: true}, Entity: "s", Occurred: noon, Received: noon,
			},
		},
		{
			"an own platform", `{"event":{"platform":"warehouse","name":"StockLow","id":"e-1"},"data":{"sku":"A-1","left":3}}`,
			event.Event{Platform: "warehouse", Type: "warehouse", Action: "StockLow", ExternalID: "e-1", Path: "Warehouse > stock / StockLow", Entity: "A-1", Occurred: noon, Received: noon},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			got := parse(t, c, tt.body)
			got.Data, got.Body = nil, nil
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParse_refuses_with_place_and_hint(t *testing.T) {
	t.Parallel()

	long := strings.Repeat("x", event.MaxName+1)
	tests := []struct {
		name    string
		body    string
		code    event.Code
		pointer string
		hint    string // part of it
	}{
		{"not an object", `"hello"`, event.CodeWrongType, "", `{"event"`},
		{"no event", `{"form":{}}`, event.CodeMissing, "/event", `"type":"Submission"`},
		{"an event of text", `{"event":"Submitted"}`, event.CodeWrongType, "/event", "{}"},
		{"no type", `{"event":{"action":"Submitted"}}`, event.CodeMissing, "/event/type", "Submission"},
		{"no action", `{"event":{"type":"Submission"}}`, event.CodeMissing, "/event/action", "Submitted"},
		{"a number as type", `{"event":{"type":7,"action":"Submitted"}}`, event.CodeWrongType, "/event/type", "double quotes"},
		{"a misspelled type", body("Submision", "Submitted"), event.CodeUnknownType, "/event/type", `did you mean "Submission"?`},
		{"a type in lower case", body("submission", "Submitted"), event.CodeUnknownType, "/event/type", `did you mean "Submission"?`},
		{"a type of nothing known", body("Zebra", "Submitted"), event.CodeUnknownType, "/event/type", "known are Space, User"},
		{"a misspelled action", body("Submission", "Submited"), event.CodeUnknownAction, "/event/action", `did you mean "Submitted"?`},
		{"an action of another type", body("Datastore Submission", "Closed"), event.CodeUnknownAction, "/event/action", `known are Created, Submitted`},
		{"an unknown platform", `{"event":{"platform":"warehuose","name":"StockLow"}}`, event.CodeUnknownPlatform, "/event/platform", `did you mean "warehouse"?`},
		{"an own platform without a name", `{"event":{"platform":"warehouse"}}`, event.CodeMissing, "/event/name", "events/"},
		{"an unknown name of an own platform", `{"event":{"platform":"warehouse","name":"StockLo"}}`, event.CodeUnknownName, "/event/name", `did you mean "StockLow"?`},
		{"an own platform's data as list", `{"event":{"platform":"warehouse","name":"StockLow"},"data":[]}`, event.CodeWrongType, "/data", "{}"},
		{"no kapp", `{"event":{"type":"Submission","action":"Submitted"},"form":{"slug":"laptop"}}`, event.CodeMissingScope, "/kapp/slug", `"kapp":{"slug":"services"}`},
		{"no form", `{"event":{"type":"Submission","action":"Submitted"},"kapp":{"slug":"services"},"form":{}}`, event.CodeMissingScope, "/form/slug", `"form":{"slug":"laptop-request"}`},
		{"a datastore without form", `{"event":{"type":"Datastore Form","action":"Created"}}`, event.CodeMissingScope, "/form/slug", "form"},
		{"a slug that is a number", `{"event":{"type":"Kapp","action":"Created"},"kapp":{"slug":5}}`, event.CodeWrongType, "/kapp/slug", "slug"},
		{"an empty slug", `{"event":{"type":"Kapp","action":"Created"},"kapp":{"slug":""}}`, event.CodeWrongType, "/kapp/slug", "letters"},
		{"a slug that passes for two segments", `{"event":{"type":"Kapp","action":"Created"},"kapp":{"slug":"a > b"}}`, event.CodeWrongType, "/kapp/slug", "letters"},
		{"a slug with a blank", `{"event":{"type":"Kapp","action":"Created"},"kapp":{"slug":"a b"}}`, event.CodeWrongType, "/kapp/slug", "letters"},
		{"a slug without end", `{"event":{"type":"Kapp","action":"Created"},"kapp":{"slug":"` + long + `"}}`, event.CodeWrongType, "/kapp/slug", "letters"},
		{"values as list", strings.Replace(body("Submission", "Saved"), `"submission"`, `"values":[],"submission"`, 1), event.CodeWrongType, "/values", "{}"},
		{"previous as text", strings.Replace(body("Submission", "Saved"), `"submission"`, `"previous":"x","submission"`, 1), event.CodeWrongType, "/previous", "{}"},
		{"attributes as list", `{"event":{"type":"Kapp","action":"Created"},"kapp":{"slug":"a","attributes":[]}}`, event.CodeWrongType, "/kapp/attributes", "Owner"},
		{"an id without end", `{"event":{"type":"User","action":"Login","id":"` + long + `"}}`, event.CodeWrongType, "/event/id", "UUID"},
		{"an id that is an object", `{"event":{"type":"User","action":"Login","id":{}}}`, event.CodeWrongType, "/event/id", "same"},
		{"a time in words", `{"event":{"type":"User","action":"Login","timestamp":"yesterday"}}`, event.CodeWrongType, "/event/timestamp", "RFC 3339"},
		{"a time beyond all calendars", `{"event":{"type":"User","action":"Login","timestamp":9223372036854775807}}`, event.CodeWrongType, "/event/timestamp", "RFC 3339"},
		{"a time that is a flag", `{"event":{"type":"User","action":"Login","timestamp":true}}`, event.CodeWrongType, "/event/timestamp", "RFC 3339"},
		{"malformed JSON", `{"event":`, event.CodeMalformed, "/event", "cut off"},
	}
	c := event.NewCatalogue(warehouse())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			_, err := event.Parse([]byte(tt.body), c, noon)
			var fault *event.Fault
			if !errors.As(err, &fault) {
				t.Fatalf("Parse: %v; want a fault", err)
			}
			if fault.Code != tt.code || fault.Pointer != tt.pointer || !strings.Contains(fault.Hint, tt.hint) {
				t.Errorf("fault %s at %q, hint %q; want %s at %q, hint with %q", fault.Code, fault.Pointer, fault.Hint, tt.code, tt.pointer, tt.hint)
			}
			if unreadable := tt.code == event.CodeMalformed; fault.Code.Unreadable() != unreadable {
				t.Errorf("Unreadable() = %t; want %t", !unreadable, unreadable)
			}
		})
	}
}

func TestParseAll_takes_an_array_whole_or_not_at_all(t *testing.T) {
	t.Parallel()

	c := event.NewCatalogue()
	login, bad := body("User", "Login"), body("User", "Logon")
	events, err := event.ParseAll([]byte(" [ "+login+",\n"+body("User", "Logout")+" ] "), c, noon)
	if err != nil {
		t.Fatalf("ParseAll: %v", err)
	}
	if len(events) != 2 || events[0].Action != "Login" || events[1].Action != "Logout" {
		t.Fatalf("events: %+v", events)
	}
	if got := string(events[0].Body); got != login {
		t.Errorf("body of the first is %s; want its own part of the array", got)
	}

	_, err = event.ParseAll([]byte("["+login+","+bad+",7]"), c, noon)
	var refusal *event.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("ParseAll: %v; want a refusal", err)
	}
	var got []string
	for _, f := range refusal.Faults {
		got = append(got, f.Pointer+" "+string(f.Code))
	}
	if diff := cmp.Diff([]string{"/1/event/action unknown_action", "/2 wrong_type"}, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if want := "(and 1 more)"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error %q does not end with %q", err, want)
	}
}

func TestParseAll_bounds_an_array(t *testing.T) {
	t.Parallel()

	c := event.NewCatalogue()
	array := func(n int) []byte {
		return []byte("[" + strings.TrimSuffix(strings.Repeat(body("User", "Login")+",", n), ",") + "]")
	}
	tests := []struct {
		name string
		body []byte
		want event.Code
	}{
		{"the most there may be", array(event.MaxEvents), ""},
		{"one more", array(event.MaxEvents + 1), event.CodeTooLong},
		{"none", array(0), event.CodeMissing},
		{"an array that does not end", array(2)[:20], event.CodeMalformed},
		{"text behind the array", append(array(1), 'x'), event.CodeMalformed},
		{"a single object", []byte(body("User", "Login")), ""},
		{"nothing", nil, event.CodeMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			_, err := event.ParseAll(tt.body, c, noon)
			var fault *event.Fault
			if errors.As(err, &fault); (fault == nil) != (tt.want == "") || fault != nil && fault.Code != tt.want {
				t.Errorf("ParseAll: %v; want code %q", err, tt.want)
			}
		})
	}
}

func TestParseCloud_maps_both_forms_alike(t *testing.T) {
	t.Parallel()

	c := event.NewCatalogue(warehouse())
	data := `{"kapp":{"slug":"services"},"form":{"slug":"laptop"},"submission":{"id":"s-1"},"values":{"n":9007199254740993}}`
	attributes := map[string]string{
		"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/crm%20eu", "ce-type": "com.example.submission.submitted",
		"ce-time": "2026-04-08T02:35:35.925Z", "content-type": "application/json; charset=utf-8",
	}
	binary, err := event.ParseCloud(func(name string) string { return attributes[name] }, []byte(data), c, noon)
	if err != nil {
		t.Fatalf("binary form: %v", err)
	}
	structured := `{"specversion":"1.0","id":"1","source":"/crm eu","type":"com.example.submission.submitted","time":"2026-04-08T02:35:35.925Z","data":` + data + `}`
	events, err := event.ParseAll([]byte("["+structured+"]"), c, noon)
	if err != nil {
		t.Fatalf("batch: %v", err)
	}
	if diff := cmp.Diff(binary, events[0]); diff != "" {
		t.Errorf("the forms differ (-binary +structured):\n%s", diff)
	}
	if binary.Path != "Submissions > services > laptop / Submitted" || binary.ExternalID != "/crm eu 1" || !binary.Occurred.Equal(time.Date(2026, 4, 8, 2, 35, 35, 925e6, time.UTC)) {
		t.Errorf("event %+v", binary)
	}
	again := parse(t, c, string(binary.Body))
	if diff := cmp.Diff(binary, again); diff != "" {
		t.Errorf("the body does not read as the same event (-first +again):\n%s", diff)
	}
}

func TestParse_maps_a_structured_CloudEvent(t *testing.T) {
	t.Parallel()

	cloud := func(typ, rest string) string {
		return `{"specversion":"1.0","id":"1","source":"/s","type":"` + typ + `"` + rest + `}`
	}
	tests := []struct {
		name     string
		body     string
		wantPath string     // of the event
		wantCode event.Code // of the fault
		pointer  string
	}{
		{"of an own platform", cloud("eu.warehouse.stock_low", `,"data":{"sku":"A-1"}`), "Warehouse > stock / StockLow", "", ""},
		{"of a type with blanks", cloud("team.membership-change", ``), "Teams / Membership Change", "", ""},
		{"whose data is a whole payload", cloud("anything", `,"data":{"event":{"type":"User","action":"Login"}}`), "Users / Login", "", ""},
		{"with data in Base64", cloud("user.created", `,"data_base64":"e30="`), "Users / Created", "", ""},
		{"of an old version", `{"specversion":"0.3","id":"1","source":"/s","type":"user.login"}`, "", event.CodeUnsupported, "/specversion"},
		{"without an id", `{"specversion":"1.0","source":"/s","type":"user.login"}`, "", event.CodeMissing, "/id"},
		{"of an unknown type", cloud("user.logon", ``), "", event.CodeUnknownType, "/type"},
		{"without its scope", cloud("kapp.created", `,"data":{}`), "", event.CodeMissingScope, "/data/kapp/slug"},
		{"with data of text", cloud("user.login", `,"data":"x"`), "", event.CodeWrongType, "/data"},
		{"with data in XML", cloud("user.login", `,"datacontenttype":"text/xml","data":"<a/>"`), "", event.CodeUnsupported, "/datacontenttype"},
		{"with broken Base64", cloud("user.login", `,"data_base64":"%"`), "", event.CodeWrongType, "/data_base64"},
	}
	c := event.NewCatalogue(warehouse())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			e, err := event.Parse([]byte(tt.body), c, noon)
			var fault *event.Fault
			if errors.As(err, &fault); fault == nil {
				fault = &event.Fault{}
			}
			if e.Path != tt.wantPath || fault.Code != tt.wantCode || fault.Pointer != tt.pointer {
				t.Errorf("path %q, fault %s at %q; want %q, %s at %q", e.Path, fault.Code, fault.Pointer, tt.wantPath, tt.wantCode, tt.pointer)
			}
		})
	}
}

// Whatever is sent: an event with a path, or a refusal with codes and hints;
// an event's body reads as the same event again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		payload, "[" + body("User", "Login") + "]", body("Submision", "x"),
		`{"event":{"platform":"warehouse","name":"StockLow"},"data":{"sku":1}}`,
		`{"specversion":"1.0","id":"1","source":"s","type":"user.login","data":{}}`,
	} {
		f.Add([]byte(seed))
	}
	c := event.NewCatalogue(warehouse())
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := event.ParseAll(body, c, noon)
		if err != nil {
			var refusal *event.Refusal
			if !errors.As(err, &refusal) || len(refusal.Faults) == 0 {
				t.Fatalf("not a refusal: %v", err)
			}
			if _, err := json.Marshal(refusal.Faults); err != nil {
				t.Fatalf("faults cannot be sent: %v", err)
			}
			return
		}
		for _, e := range events {
			if e.Path == "" || e.Type == "" || e.Action == "" || e.Data == nil {
				t.Fatalf("half an event: %+v", e)
			}
			again, err := event.Parse(e.Body, c, noon)
			if err != nil {
				t.Fatalf("its body does not read again: %v", err)
			}
			if diff := cmp.Diff(e, again); diff != "" {
				t.Fatalf("its body reads as another event:\n%s", diff)
			}
		}
	})
}
