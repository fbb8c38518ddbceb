package kinetic_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hooktree/engine"
	"hooktree/webhooks"
	"hooktree/webhooks/kinetic"
)

// render gives the target of a webhook for the scope of these tests.
func render(t *testing.T, w webhooks.Webhook) (string, error) {
	t.Helper()
	var texts []string
	for _, e := range expressions(w) {
		v, err := e.Eval(scope(t))
		if err != nil {
			return "", err
		}
		text, ok := v.(string)
		if !ok {
			t.Fatalf("%s gives %T; want text", e, v)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " :: "), nil
}

func TestURL_becomes_a_tree_or_an_address(t *testing.T) {
	t.Parallel()

	const source = "${space('attribute:Task Source Name')}"
	tests := []struct {
		name, url, want string
		tree            bool
	}{
		{"pieces and what is percent-encoded", "/app/api/v1/run-tree/" + source + "/Submissions%20%3E%20${kapp('slug')}%20%3E%20${form('slug')}/Submitted", "Kinetic Request CE :: Submissions > services > laptop :: Submitted", true},
		{"the task component's path", "/app/components/task/app/api/v1/run-tree/A/B/C", "A :: B :: C", true},
		{"built from the task server's attributes", "${space('attribute:Task Server Scheme')}://${space('attribute:Task Server Host')}/kinetic-task/app/api/v1/run-tree/" + source + "/Teams/Created", "Kinetic Request CE :: Teams :: Created", true},
		{"an encoded slash is part of a name", "/app/api/v1/run-tree/A/B%2FC/D", "A :: B/C :: D", true},
		{"a value cannot pass for a segment", "/app/api/v1/run-tree/A/${values('Slash')}/D", "A :: a/b c?d :: D", true},
		{"a brace inside of a text does not end a piece", `/app/api/v1/run-tree/A/${'}' + form('slug')}/D`, "A :: }laptop :: D", true},
		{"a query says nothing to a tree", "/app/api/v1/run-tree/A/B/C?wait=1", "A :: B :: C", true},
		{"an address outside, though it looks like ours", "https://tasks.example.com/kinetic-task/app/api/v1/run-tree/" + source + "/A/B", "https://tasks.example.com/kinetic-task/app/api/v1/run-tree/Kinetic%20Request%20CE/A/B", false},
		{"a value in a path is one segment", "https://h.example.com/${values('Slash')}/x", "https://h.example.com/a%2Fb%20c%3Fd/x", false},
		{"a value in a query is one parameter", "https://h.example.com/x?q=${values('Slash')}", "https://h.example.com/x?q=a%2Fb+c%3Fd", false},
		{"an origin from another attribute is outside", "${space('attribute:Portal')}/app/api/v1/run-tree/${values('Slash')}/B/C", "https://portal.example.com/app/api/v1/run-tree/a%2Fb%20c%3Fd/B/C", false},
		{"a host from an attribute", "https://${space('attribute:Task Server Host')}/x", "https://tasks.example.com:8443/x", false},
		{"an attribute may hold a path", "https://h.example.com/${space('slug')}/${'a/b'}/${space('attribute:Many')}", "https://h.example.com/acme/a%2Fb/a%2Cb", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			w, err := compile(t, "", tt.url)
			if err != nil {
				t.Fatalf("compile: %v", err)
			}
			got, err := render(t, w)
			if err != nil || got != tt.want || (w.Targets[0].Tree != nil) != tt.tree {
				t.Errorf("= %q, %v (tree: %t); want %q (tree: %t)", got, err, w.Targets[0].Tree != nil, tt.want, tt.tree)
			}
		})
	}
}

func TestURL_is_refused_with_its_place(t *testing.T) {
	t.Parallel()

	tests := []struct{ url, want string }{
		{"", `url:1: "" is no address`},
		{"test", `url:1: "test" is no address`},
		{"ftp://h/x", `url:1: "ftp://h/x" is no address`},
		{"https:///x", `url:1: the address has no host`},
		{"https://h/a b", `url:12: an address holds no white space`},
		{"/somewhere", `url:1: this path of ours is not one that a webhook may call`},
		{"/app/api/v2/runs?guid=1", `url:1: this path of ours is not one that a webhook may call`},
		{"/app/api/v1/run-tree/A/B", `url:22: run-tree takes source, group and name, each encoded as one segment`},
		{"/app/api/v1/run-tree/A/B/C/D", `url:22: run-tree takes source, group and name, each encoded as one segment`},
		{"/app/api/v1/run-tree/A//C", `url:22: run-tree takes source, group and name, each encoded as one segment`},
		{"/app/api/v1/run-tree/A/%2/C", `url:24: "%2" is not percent-encoded text`},
		{"/app/api/v1/run-tree/A/${form('slug') ", `url:39: the expression ends where the closing brace should be`},
		{"/app/api/v1/run-tree/A/${frm('slug')}/C", `url:26: there is no frm here`},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			t.Parallel()

			_, err := compile(t, "", tt.url)
			var fault *kinetic.Fault
			if !errors.As(err, &fault) {
				t.Fatalf("compile: %v; want a fault", err)
			}
			fault.Hint = ""
			if got := fault.Error(); got != tt.want {
				t.Errorf("fault %q; want %q", got, tt.want)
			}
		})
	}
}

func TestURL_fails_when_a_piece_is_missing(t *testing.T) {
	t.Parallel()

	for url, want := range map[string]string{
		"/app/api/v1/run-tree/${space('attribute:None')}/B/C": `url:24: space('attribute:None') is null (the address cannot be built without it)`,
		"https://h.example.com/${form('attribute:Empty')}":    `url:25: form('attribute:Empty') is empty (the address cannot be built without it)`,
	} {
		w, err := compile(t, "", url)
		if err != nil {
			t.Fatalf("compile %s: %v", url, err)
		}
		if got, err := render(t, w); err == nil || err.Error() != want {
			t.Errorf("%s = %q, %v; want the error %q", url, got, err, want)
		}
	}
}

const signature = `{"type":"Signature","properties":[{"name":"Key","value":"desk"},{"name":"Secret","sensitive":"true"}]}`

// text is an expression of our own language, of which only the text counts here.
type text string

func (x text) Eval(engine.Scope) (any, error) { return string(x), nil }
func (x text) Reads() []engine.NodeID         { return nil }
func (x text) String() string                 { return string(x) }

// What our own language says is shown to the vendor's clients in the nearest
// form that they know.
func TestRender_shows_webhooks_of_our_own_language(t *testing.T) {
	t.Parallel()

	tree := webhooks.TreeTarget{Source: text("Kinetic Request CE"), Group: text("Users > ${ user.username }"), Name: text("A/B")}
	url := webhooks.URLTarget{URL: text("https://h.example.com/x"), Auth: webhooks.Auth{Kind: webhooks.AuthKinetic, Key: "desk", Secret: "SIGNING"}}
	base := webhooks.Webhook{Name: "n", Type: "User", Action: "Created", Filter: text("user.enabled")}
	for target, want := range map[webhooks.Target]string{
		{Tree: &tree}: `{"name":"n","type":"User","event":"Created","filter":"user.enabled","url":"/app/api/v1/run-tree/Kinetic%20Request%20CE/Users%20%3E%20${ user.username }/A%2FB"}`,
		{URL: &url}:   `{"name":"n","type":"User","event":"Created","filter":"user.enabled","url":"https://h.example.com/x","authStrategy":` + signature + `}`,
	} {
		w := base
		w.Targets = []webhooks.Target{target}
		d, err := kinetic.Render(w)
		if err != nil {
			t.Fatal(err)
		}
		written, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var got, shown map[string]any
		if json.Unmarshal(written, &got) != nil || json.Unmarshal([]byte(want), &shown) != nil {
			t.Fatalf("no JSON: %s, %s", written, want)
		}
		if diff := cmp.Diff(shown, got); diff != "" {
			t.Errorf("rendered (-want +got):\n%s", diff)
		}
	}
}

func TestTranslator_settles_names_and_signatures(t *testing.T) {
	t.Parallel()

	source := `{"name":"Done","type":"Submission","event":"Submission Closed","filter":"","url":"https://h.example.com/x","authStrategy":` + signature + `}`
	w, err := translator().Webhook([]byte(source), "services")
	if err != nil {
		t.Fatal(err)
	}
	if w.Name != "Done" || w.Kapp != "services" || w.Type != "Submission" || w.Action != "Closed" || w.Dialect != kinetic.Dialect || len(w.Hash) != 64 {
		t.Errorf("webhook %+v", w)
	}
	want := webhooks.Auth{Kind: webhooks.AuthKinetic, Key: "desk", Secret: "SIGNING_SECRET"}
	if got := w.Targets[0].URL.Auth; got != want {
		t.Errorf("auth %+v; want %+v", got, want)
	}
}

func TestTranslator_refuses_what_it_cannot_carry_out(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name, kapp, source string
		want               []string // faults without their hints
	}{
		{"no JSON", "", `{`, []string{"webhook: it is not a webhook: unexpected end of JSON input"}},
		{"a name that is a number", "", `{"name":5}`, []string{"name: this is number, not text"}},
		{"everything missing", "", `{}`, []string{"name: Name must not be blank", `url:1: "" is no address`}},
		{"no type", "", `{"name":"n","url":"` + treeURL + `"}`, []string{"type: Type must not be blank"}},
		{"an unknown type", "", `{"name":"n","type":"Submision","event":"Created","url":"` + treeURL + `"}`, []string{`type: there is no type "Submision" in the catalogue`}},
		{"an unknown event", "", `{"name":"n","type":"Submission","event":"Submited","url":"` + treeURL + `"}`, []string{`event: there is no action "Submited" of type Submission`}},
		{"a space's type in a kapp", "services", `{"name":"n","type":"Team","event":"Created","url":"` + treeURL + `"}`, []string{"type: Team events belong to the space, not to a kapp"}},
		{"two faults at once", "", `{"name":"n","type":"Team","event":"Created","filter":"x","url":"test"}`, []string{"filter:1: there is no x here", `url:1: "test" is no address`}},
		{"an unknown strategy", "", `{"name":"n","type":"Team","event":"Created","url":"https://h/","authStrategy":{"type":"OAuth"}}`, []string{`authStrategy: the type "OAuth" is not known`}},
		{"a signature without a key", "", `{"name":"n","type":"Team","event":"Created","url":"https://h/","authStrategy":{"type":"Signature"}}`, []string{"authStrategy: the property Key is missing"}},
		{"an unknown access key", "", `{"name":"n","type":"Team","event":"Created","url":"https://h/","authStrategy":` + strings.Replace(signature, "desk", "kiosk", 1) + `}`, []string{`authStrategy: there is no access key "kiosk" to sign with`}},
		{"a secret in the open", "", `{"name":"n","type":"Team","event":"Created","url":"https://h/","authStrategy":` + strings.Replace(signature, `"sensitive":"true"`, `"value":"s3cr3t"`, 1) + `}`, []string{"authStrategy: the property Secret holds a value"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			_, err := translator().Webhook([]byte(tt.source), tt.kapp)
			var faults kinetic.Faults
			errors.As(err, &faults)
			var got []string
			for _, f := range faults {
				f.Hint = ""
				got = append(got, f.Error())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTranslator_forgets_a_secret_that_has_no_use(t *testing.T) {
	t.Parallel()

	source := `{"name":"n","type":"Team","event":"Created","filter":"","url":"` + treeURL + `","authStrategy":` + strings.Replace(signature, `"sensitive":"true"`, `"value":"s3cr3t"`, 1) + `}`
	w, err := translator().Webhook([]byte(source), "")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(w.Source, "s3cr3t") || !strings.Contains(w.Source, `"sensitive":"true"`) {
		t.Errorf("kept: %s", w.Source)
	}
}

type export struct {
	Webhook json.RawMessage `json:"webhook"`
}

// exports are real definitions; they carry no license to stand in this
// repository.
func exports(t *testing.T) []export {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", "kinetic", "webhooks.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("the real webhooks are missing: %v; this test reads them beside the repository", err)
	}
	var all []export
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTranslator_reads_every_real_definition_but_those_without_an_address(t *testing.T) {
	t.Parallel()

	read, refused := 0, 0
	for i, x := range exports(t) {
		w, err := translator().Webhook(x.Webhook, "")
		if err != nil {
			refused++
			if !strings.HasPrefix(err.Error(), `url:1: "test`) || !strings.Contains(err.Error(), "is no address") {
				t.Errorf("definition %d: %v", i, err)
			}
			continue
		}
		read++
		back, err := kinetic.Render(w)
		if err != nil {
			t.Fatalf("definition %d: %v", i, err)
		}
		text, err := json.Marshal(back)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(object(t, x.Webhook), object(t, text)); diff != "" {
			t.Errorf("definition %d comes back changed (-want +got):\n%s", i, diff)
		}
	}
	if read != 53 || refused != 3 {
		t.Errorf("read %d, refused %d; want 53 and 3", read, refused)
	}
}

func object(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}
