package kinetic_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hooktree/engine"
	"hooktree/webhooks"
	"hooktree/webhooks/event"
	"hooktree/webhooks/kinetic"
)

const treeURL = "/app/api/v1/run-tree/S/G/N"

// compile translates a webhook with this filter and URL.
func compile(t *testing.T, filter, url string) (webhooks.Webhook, error) {
	t.Helper()
	d := kinetic.Definition{Name: "n", Type: "Submission", Event: "Submitted", Filter: filter, URL: url}
	source, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return translator().Webhook(source, "")
}

func translator() kinetic.Translator {
	return kinetic.Translator{
		Catalogue: event.NewCatalogue(),
		Secret: func(key string) (string, bool) {
			return "SIGNING_SECRET", key == "desk"
		},
	}
}

func scope(t *testing.T) engine.Scope {
	t.Helper()
	v, err := engine.DecodeValue([]byte(`{
		"space": {"slug": "acme", "attributes": {"Task Source Name": ["Kinetic Request CE"], "Task Server Host": ["tasks.example.com:8443"], "Portal": ["https://portal.example.com"], "Many": ["a","b"]}},
		"kapp": {"slug": "services", "attributes": {}},
		"form": {"slug": "laptop", "type": "Service", "anonymous": false, "attributes": {"Workflow": ["Created", "Submitted"], "Empty": []}},
		"submission": {"id": "s-1", "coreState": "Submitted", "origin": null},
		"values": {"Cost": 1500, "Text": "1500", "Ratio": 2.5, "Empty": "", "Slash": "a/b c?d", "Items": ["x", "y"]},
		"user": {"username": "requester@example.com", "profileAttributes": {"Phone": ["1"]}},
		"team": {"name": "Role::Employee"}
	}`))
	if err != nil {
		t.Fatal(err)
	}
	m, _ := v.(map[string]any)
	return m
}

func TestFilter_decides_as_JavaScript_does(t *testing.T) {
	t.Parallel()

	tests := []struct {
		filter string
		want   bool
	}{
		// What real definitions do.
		{`form('attribute:Workflow').indexOf('Submitted') > -1`, true},
		{`form('attribute:Workflow').indexOf('Updated') > -1`, false},
		{`form('attribute:Workflow').indexOf('Updated') === -1`, true},
		{`form('slug')==="laptop"`, true},
		{`form('slug')=="desktop" && submission('coreState') != "Submitted"`, false},
		{`!team('name').startsWith('Team::')`, true},
		{`!team('name').startsWith('Role::')`, false},
		{`team('name') === 'Role::Employee'`, true},
		{`user('invitedBy') === null`, true},
		{`user('attribute:API User')!=='True'`, true},
		// A list is never the same as a text, though it may be alike.
		{`form('attribute:Workflow') === 'Created,Submitted'`, false},
		{`form('attribute:Workflow') == 'Created,Submitted'`, true},
		{`space('attribute:Task Source Name') == 'Kinetic Request CE'`, true},
		{`form('attribute:Workflow')[1] === 'Submitted'`, true},
		{`form('attribute:Workflow')[7] === null`, true},
		{`form('attribute:Workflow').length === 2`, true},
		{`form('attribute:Empty')`, true},
		{`form('attribute:Missing')`, false},
		{`form('attribute:Missing') && form('attribute:Missing').indexOf('x') > -1`, false},
		{`user('profileAttribute:Phone').includes("1")`, true},
		// Null, undefined and what is not there are one.
		{`submission('origin') === null`, true},
		{`submission('origin') == undefined`, true},
		{`discussion('id') === null`, true},
		{`identity() === null`, true},
		{`null == 0`, false},
		{`null == ""`, false},
		// Conversions.
		{`values('Cost') === values('Text')`, false},
		{`values('Cost') == values('Text')`, true},
		{`values("Cost") > 999`, true},
		{`values("Text") > 999`, true},
		{`values("Text") < "2"`, true},
		{`values('Slash') > 1`, false},
		{`values('Slash') <= 1`, false},
		{`values('Ratio') * 2 === 5`, true},
		{`values('Cost') % 7 == 2`, true},
		{`'1' + 1 === '11'`, true},
		{`'3' - 1 === 2`, true},
		{`1 / 0 > 100`, true},
		{`true == 1`, true},
		{`true === 1`, false},
		{`'' == 0`, true},
		{`"x" == 0`, false},
		{`-1 < +0`, true},
		// Truth.
		{`values('Empty')`, false},
		{`"true"`, true},
		{`0 || ''`, false},
		{`false ?? true`, false},
		{`null ?? true`, true},
		{`!values("Empty") ? true : false`, true},
		// Order of operators.
		{`true || false && false`, true},
		{`(true || false) && false`, false},
		{`1 + 2 * 3 === 7`, true},
		{`!false === true`, true},
		{`1 < 2 === true`, true},
		// Objects by bracket and by dot.
		{`values["Cost"] != ""`, true},
		{`form.slug === 'laptop'`, true},
		{`form.attributes['Workflow'].join('+') === 'Created+Submitted'`, true},
		{`form.nothing === undefined`, true},
		{`values('Text').length === 4`, true},
		{`values('Text').toLowerCase().toUpperCase().trim().toString().endsWith('00')`, true},
		{`"a😀b".indexOf('b') === 3`, true},
		{`'it\'s \u0041\x42' === "it's AB"`, true},
	}
	for _, tt := range tests {
		t.Run(tt.filter, func(t *testing.T) {
			t.Parallel()

			w, err := compile(t, tt.filter, treeURL)
			if err != nil {
				t.Fatalf("compile: %v", err)
			}
			got, err := w.Filter.Eval(scope(t))
			if err != nil || got != tt.want {
				t.Errorf("= %v, %v; want %t", got, err, tt.want)
			}
			if w.Filter.String() != tt.filter {
				t.Errorf("text is %q; want it as written", w.Filter.String())
			}
		})
	}
}

func TestFilter_that_is_blank_is_always_true(t *testing.T) {
	t.Parallel()

	w, err := compile(t, " \n", treeURL)
	if err != nil || w.Filter != nil {
		t.Errorf("filter %v, error %v; want none", w.Filter, err)
	}
}

func TestFilter_is_refused_with_its_place(t *testing.T) {
	t.Parallel()

	tests := []struct {
		filter string
		want   string // of the fault, without its hint
	}{
		{`form('slug') = 'x'`, `filter:14: '=' means nothing here`},
		{`form('slug') ===`, `filter:17: the expression ends where a value should be`},
		{`form('slug'`, `filter:12: the expression ends where a comma or the closing parenthesis should be`},
		{`form('slug', 'x')`, `filter:1: form() takes one text in quotes`},
		{`form(slug)`, `filter:6: there is no slug here`},
		{`form(1)`, `filter:1: form() takes one text in quotes`},
		{`forms('slug') === 'x'`, `filter:1: there is no forms here`},
		{`values('x').match('y')`, `filter:13: there is no method .match()`},
		{`values('x').indexOf()`, `filter:13: .indexOf() takes 1 arguments, not 0`},
		{`values('x').`, `filter:13: the expression ends where a member's name should be`},
		{`values('x'`, `filter:11: the expression ends where a comma or the closing parenthesis should be`},
		{`'abc`, `filter:1: this text does not end`},
		{`true null`, `filter:6: null stands where an operator should be`},
		{`(true`, `filter:6: the expression ends where the closing parenthesis should be`},
		{`1x`, `filter:1: 1x is not a number`},
		{`a => b`, `filter:1: there is no a here`},
		{`true ? 1`, `filter:9: the expression ends where the colon of ? : should be`},
		{`values['x'`, `filter:11: the expression ends where the closing bracket should be`},
		{`"\u12"`, `filter:2: hexadecimal digits are missing`},
		{`"\xzz"`, `filter:2: these are not hexadecimal digits`},
		{strings.Repeat("(", 60), `filter:51: the expression nests deeper than 50 levels`},
		{strings.Repeat("!", 60) + "1", `filter:50: the expression nests deeper than 50 levels`},
		{strings.Repeat(" ", 9000) + "x", `filter: it has 9001 bytes; at most 8192 are read`},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%.30s", tt.filter), func(t *testing.T) {
			t.Parallel()

			_, err := compile(t, tt.filter, treeURL)
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

func TestFilter_fails_where_JavaScript_would(t *testing.T) {
	t.Parallel()

	tests := []struct{ filter, want string }{
		{`kapp('attribute:X').indexOf('Created') === -1`, `filter:1: kapp('attribute:X') is null: .indexOf() cannot be asked of it (set it, or test it for null first)`},
		{`true && discussion('x').y`, `filter:9: discussion('x') is null: it has no .y`},
		{`discussion['x']`, `filter:1: discussion is null: it has no members`},
		{`values('Cost').indexOf('1') > -1`, `filter:1: values('Cost') is a number: it has no .indexOf()`},
		{`form('attribute:Workflow').startsWith('C')`, `filter:1: form('attribute:Workflow') is a list: it has no .startsWith()`},
	}
	for _, tt := range tests {
		t.Run(tt.filter, func(t *testing.T) {
			t.Parallel()

			w, err := compile(t, tt.filter, treeURL)
			if err != nil {
				t.Fatalf("compile: %v", err)
			}
			if v, err := w.Filter.Eval(scope(t)); err == nil || err.Error() != tt.want {
				t.Errorf("= %v, %v; want the error %q", v, err, tt.want)
			}
		})
	}
}

func TestFilter_explains_every_part(t *testing.T) {
	t.Parallel()

	w, err := compile(t, `form('attribute:Workflow').indexOf('Updated') > -1 && values('Cost') > 1`, treeURL)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := webhooks.Explain(w.Filter, scope(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []webhooks.Seen{
		{Text: `form('attribute:Workflow').indexOf('Updated') > -1 && values('Cost') > 1`, Shown: `["Created","Submitted"].indexOf('Updated') > -1 && values('Cost') > 1`, Value: false, Evaluated: true},
		{Text: `form('attribute:Workflow').indexOf('Updated') > -1`, Shown: `["Created","Submitted"].indexOf('Updated') > -1`, Value: false, Evaluated: true},
		{Text: `form('attribute:Workflow').indexOf('Updated')`, Shown: `["Created","Submitted"].indexOf('Updated')`, Value: int64(-1), Evaluated: true},
		{Text: `form('attribute:Workflow')`, Shown: `["Created","Submitted"]`, Value: []any{"Created", "Submitted"}, Evaluated: true},
		{Text: `-1`, Offset: 48, Shown: `-1`, Value: int64(-1), Evaluated: true},
		{Text: `values('Cost') > 1`, Offset: 54, Shown: `values('Cost') > 1`},
		{Text: `values('Cost')`, Offset: 54, Shown: `values('Cost')`},
	}
	if diff := cmp.Diff(want, seen, cmpopts.IgnoreUnexported(webhooks.Seen{})); diff != "" {
		t.Errorf("seen (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]webhooks.Attribute{{Of: "form", Name: "Workflow"}}, webhooks.Attributes(w.Filter)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

// Whatever stands in a filter or URL: it compiles and evaluates without a
// panic, or is refused with a place inside the text.
func FuzzTranslate(f *testing.F) {
	for _, seed := range [][2]string{
		{`form('attribute:X').indexOf('Submitted') > -1`, `/app/api/v1/run-tree/${space('attribute:S')}/A%20%3E%20${kapp('slug')}/N`},
		{`!team("name").startsWith('R\u0041') ? 1.5 : values['x'][0]`, `https://h/${values('a') + "}"}?q=${form('slug')}#x`},
		{`a ?? (b || c)`, `${space('attribute:Task Server Scheme')}://${space('attribute:Task Server Host')}/kinetic-task/app/api/v1/run-tree/a/b/c`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, filter, url string) {
		tr := translator()
		w, err := tr.Translate(kinetic.Definition{Name: "n", Type: "Submission", Event: "Submitted", Filter: filter, URL: url}, "", nil)
		if err != nil {
			var faults kinetic.Faults
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("not faults: %v", err)
			}
			for _, fault := range faults {
				text := map[string]string{"filter": filter, "url": url}[fault.Member]
				if fault.Offset < 0 || fault.Offset > len(text) || fault.Message == "" {
					t.Fatalf("fault without a place in %q: %+v", text, fault)
				}
			}
			return
		}
		s := scope(t)
		for _, e := range expressions(w) {
			_, evalErr := e.Eval(s)
			_, explainErr := webhooks.Explain(e, s)
			if (evalErr == nil) != (explainErr == nil) {
				t.Fatalf("%q: Eval says %v, Explain %v", e, evalErr, explainErr)
			}
		}
	})
}

// expressions lists all expressions of a webhook.
func expressions(w webhooks.Webhook) []engine.Expr {
	var all []engine.Expr
	if w.Filter != nil {
		all = append(all, w.Filter)
	}
	for _, target := range w.Targets {
		if target.Tree != nil {
			all = append(all, target.Tree.Source, target.Tree.Group, target.Tree.Name)
		} else {
			all = append(all, target.URL.URL)
		}
	}
	return all
}
