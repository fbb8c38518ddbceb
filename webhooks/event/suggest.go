package event

import (
	"fmt"
	"slices"
	"strings"
)

// maxSuggestions is how many near names a fault gives.
const maxSuggestions = 3

// unknown is the fault of a name that is not known, with the nearest ones, or
// with all when none is near and they are few.
func unknown(code Code, what, name, where string, known []string) *Fault {
	f := &Fault{Code: code, Text: fmt.Sprintf("there is no %s %q %s", what, clip(name), where)}
	f.Suggestions = nearest(name, known)
	switch {
	case len(f.Suggestions) > 0:
		f.Hint = "did you mean " + strings.Join(quoted(f.Suggestions), " or ") + "?"
	case len(known) > 0:
		f.Hint = "known are " + strings.Join(known[:min(len(known), 20)], ", ")
	}
	return f
}

// clip keeps what a stranger sent from filling a message.
func clip(name string) string {
	const limit = 80
	if len(name) <= limit {
		return name
	}
	return strings.ToValidUTF8(name[:limit], "") + "…"
}

func quoted(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%q", n)
	}
	return out
}

// nearest gives the known names that a slip of the pen away from name, the
// nearest first. Case does not count; a third of the letters may differ.
func nearest(name string, known []string) []string {
	type near struct {
		name string
		far  int
	}
	var found []near
	lower := strings.ToLower(clip(name))
	for _, k := range known {
		far := distance(lower, strings.ToLower(k))
		if far <= max(1, len(k)/3) {
			found = append(found, near{k, far})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.far - b.far })
	var names []string
	for _, f := range found[:min(len(found), maxSuggestions)] {
		names = append(names, f.name)
	}
	return names
}

// distance is Levenshtein's, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next := min(row[j]+1, row[j+1]+1, diagonal+cost)
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
