package trees_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/trees"
)

func TestParseSpaceReadsAllOfIt(t *testing.T) {
	t.Parallel()

	src, err := os.ReadFile(filepath.Join("testdata", "space.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	got, faults := trees.ParseSpace("space.yaml", src)
	if got == nil {
		t.Fatal(faults)
	}
	want := &trees.Space{
		Slug: "acme", Name: "Acme service desk", Source: "Kinetic Request CE",
		Attributes: trees.Attributes{"Task Source Name": {"Kinetic Request CE"}, "Owner": {"desk"}},
		Kapps: map[string]trees.Kapp{
			"services": {Attributes: trees.Attributes{}, Forms: map[string]trees.Form{
				"laptop-request": {
					Attributes: trees.Attributes{"Custom Submission Workflow": {"Submitted"}},
					Fields: map[string]engine.Type{
						"Cost": {Kind: engine.KindNumber}, "Quantity": integer, "Model": text, "Needed By": text,
						"Items": {Kind: engine.KindList}, "Free": unknown,
					},
				},
				"untyped": {},
			}},
			"empty": {},
		},
		Datastore: map[string]trees.Form{"people": {Attributes: trees.Attributes{}, Fields: map[string]engine.Type{"Email": text}}},
		Secrets:   []string{"A_KEY", "HR_TOKEN"},
		Egress:    trees.Egress{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8")}},
		Sources:   map[string]any{"github": map[string]any{"dialect": "standard"}},
		Retention: trees.Retention{Age: 90 * 24 * time.Hour, Bytes: 10e9},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestASpaceTakesDefaults(t *testing.T) {
	t.Parallel()

	space, faults := trees.ParseSpace("space.yaml", []byte("slug: acme\n"))
	if space == nil {
		t.Fatal(faults)
	}
	if space.Name != "acme" || space.Source != trees.DefaultSource {
		t.Errorf("name %q, source %q", space.Name, space.Source)
	}
}

func TestFaultsOfASpaceAreTold(t *testing.T) {
	t.Parallel()

	src, err := os.ReadFile(filepath.Join("testdata", "space_faults.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	space, faults := trees.ParseSpace("space.yaml", src)
	if space != nil {
		t.Error("the space was read in spite of its faults")
	}
	compareGolden(t, filepath.Join("testdata", "space_faults.faults"), faults.Render())
	for name, src := range map[string]string{"empty": "", "text": "acme", "no slug": "name: x\n"} {
		if space, faults := trees.ParseSpace("space.yaml", []byte(src)); space != nil || len(faults) != 1 {
			t.Errorf("%s: %v, %v", name, space, faults)
		}
	}
}

func TestFormFindsTheFormOfAPath(t *testing.T) {
	t.Parallel()

	space := &trees.Space{
		Kapps:     map[string]trees.Kapp{"k": {Forms: map[string]trees.Form{"f": {Attributes: trees.Attributes{"is": {"k/f"}}}}}},
		Datastore: map[string]trees.Form{"d": {Attributes: trees.Attributes{"is": {"d"}}}},
	}
	for group, want := range map[string]string{
		"Submissions > k > f":       "k/f",
		"Forms > k > f":             "k/f",
		"k > f":                     "k/f",
		"Datastore Submissions > d": "d",
		"Datastore Forms > d":       "d",
		"Submissions > k":           "",
		"Submissions":               "",
		"Submissions > x > f":       "",
		"Other > k > f":             "",
	} {
		form, _ := space.Form(group)
		if got := strings.Join(form.Attributes["is"], ""); got != want {
			t.Errorf("Form(%q) is %q; want %q", group, got, want)
		}
	}
}
