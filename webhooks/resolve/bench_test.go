package resolve_test

import (
	"fmt"
	"strings"
	"testing"

	"hooktree/trees"
	"hooktree/webhooks"
	"hooktree/webhooks/resolve"
)

// crowded is a space with 1,000 trees and 200 webhooks, of which one tree and
// no webhook want the benchmark's event.
func crowded(b *testing.B) resolve.Rules {
	b.Helper()
	files := []trees.File{{Path: "space.yaml", Content: []byte("slug: acme\n")}}
	for i := range 1000 {
		files = append(files, trees.File{
			Path:    fmt.Sprintf("trees/%d.yaml", i),
			Content: fmt.Appendf(nil, "tree: Submissions > services > form-%d / Submitted\nwhen: values.Quantity > 0\nnodes: [{id: done}]\n", i),
		})
	}
	var hooks strings.Builder
	hooks.WriteString("webhooks:\n")
	for i := range 200 {
		fmt.Fprintf(&hooks, "  - {name: w%d, path: Submissions > services > form-%d / Submitted, filter: values.Quantity > 1, url: \"https://h.example.com\"}\n", i, i)
	}
	files = append(files, trees.File{Path: webhooks.File, Content: []byte(hooks.String())})
	return rules(b, files)
}

func BenchmarkResolve(b *testing.B) {
	r := crowded(b)
	for _, bench := range []struct{ name, form, want string }{
		{"one tree", "form-777", "fired"},
		{"a tree and a webhook", "form-7", "fired, fired"},
		{"nobody", "form-7777", "none"},
		{"nobody, nor near", "onboarding", "none"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			e := parse(b, r, fmt.Appendf(nil, `{"event":{"type":"Submission","action":"Submitted"},"kapp":{"slug":"services"},"form":{"slug":%q},"submission":{"id":"s"},"values":{"Quantity":2}}`, bench.form))
			b.ReportAllocs()
			for b.Loop() {
				if got := outcomes(resolve.Resolve(e, r)); got != bench.want {
					b.Fatalf("outcomes %q; want %q", got, bench.want)
				}
			}
		})
	}
}
