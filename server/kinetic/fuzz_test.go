package kinetic_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"hooktree/engine"
	"hooktree/server/kinetic"
)

// A form that is read becomes JSON with the same fields; nothing is lost, and
// nothing that is no text comes in.
func FuzzFormPayload(f *testing.F) {
	for _, seed := range []string{"", "a=1", "a=1&a=2", "a=%zz", "%C3%28=1", "=", "a;b", "a=%00&b=%F0%9F%92%BB", strings.Repeat("a=1&", 100)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		text, data, err := kinetic.FormPayload(body)
		if err != nil {
			return
		}
		fields, err := url.ParseQuery(string(body))
		if err != nil || len(fields) != len(data) {
			t.Fatalf("%q gave %d fields of %d (%v)", body, len(data), len(fields), err)
		}
		for name, values := range fields {
			if one, ok := data[name].(string); ok && (len(values) != 1 || one != values[0]) {
				t.Errorf("the field %q is %q; want %q", name, one, values)
			}
			if list, ok := data[name].([]any); ok && len(list) != len(values) {
				t.Errorf("the field %q has %d values; want %d", name, len(list), len(values))
			}
		}
		if !json.Valid(text) {
			t.Errorf("%q became %q, which is no JSON", body, text)
		}
	})
}

// Any text can start a run, and what is kept of it is JSON.
func FuzzTextPayload(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"a":1}`, `{"a":1,"a":2}`, "as it came", "\xff\x00", "[1,2]", "null"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		text, data := kinetic.TextPayload(body)
		if !json.Valid(text) {
			t.Errorf("%q became %q, which is no JSON", body, text)
		}
		if data == nil {
			t.Errorf("%q gave no data, not even none", body)
		}
	})
}

// A title that is read is written as it was.
func FuzzTitleOf(f *testing.F) {
	for _, seed := range []string{"", "a :: b :: c", "a :: b", " ::  ::  :: ", "Kinetic Request CE :: Submissions > services > x :: Submitted", "- :: - :: x", "a::b::c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if title, ok := kinetic.TitleOf(text); ok && title.String() != text {
			t.Errorf("%q was read as %q", text, title)
		}
		for _, r := range kinetic.SlugOf(text) {
			if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789_", r) {
				t.Errorf("the slug of %q holds %q", text, r)
			}
		}
	})
}

// The field of an upload is what was sent there, whatever stands around it.
func FuzzUpload(f *testing.F) {
	f.Add([]byte("--X\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\ntree: a / b\r\n--X--\r\n"), "X")
	f.Add([]byte("--X\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--X--\r\n"), "X")
	f.Add([]byte("--X\r\n"), "X")
	f.Add([]byte(""), "")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		content, err := kinetic.Upload(body, boundary, "content")
		if err == nil && !bytes.Contains(body, content) {
			t.Errorf("the upload %q gave %q, which it does not hold", body, content)
		}
	})
}

// A tree under another title says that title, and is the same otherwise.
func FuzzRetitled(f *testing.F) {
	f.Add([]byte("tree: a / b\nnodes: []\n"), "Users", "Created")
	f.Add([]byte("note: x\nsource: \"s\" # why\ntree: a / b\n"), "x > y", `"quoted"`)
	f.Add([]byte("tree: >\n  a / b\n"), "a", "b")
	f.Add([]byte("{tree: a / b}"), "a", "b")
	f.Add([]byte("0:"), "a", "b")
	f.Add([]byte("tree: a\n  / b\nnodes: []"), "a", "b")
	f.Fuzz(func(t *testing.T, text []byte, group, name string) {
		next, err := kinetic.Retitled(text, engine.Title{Source: "S", Group: group, Name: name}, false)
		if err != nil || bytes.Equal(next, text) {
			return
		}
		var before, after map[string]any
		if yaml.Unmarshal(text, &before) != nil || yaml.Unmarshal(next, &after) != nil {
			return // the shelf refuses it
		}
		for key := range before {
			if _, still := after[key]; !still {
				t.Errorf("%q lost %q: %q", text, key, next)
			}
		}
	})
}
