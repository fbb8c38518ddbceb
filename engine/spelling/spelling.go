// Package spelling finds the known name that a misspelled one may mean, for
// the hint of a fault. It serves the trees, their expressions and the events,
// and words nothing itself: each says "did you mean" in its own way.
package spelling

import (
	"cmp"
	"slices"
	"strings"
)

// Bounds of a search, because both sides may come from strangers.
const (
	longest = 100   // bytes of a name that is looked up
	widest  = 1_000 // known names that are compared
	most    = 3     // names that are given
)

// Nearest gives the known names that a slip of the pen may have turned into
// name, at most three and the nearest first; equally near ones are in the order
// of the alphabet. Case does not count, and a third of the longer one's letters
// may differ.
func Nearest(name string, known []string) []string {
	if len(name) > longest {
		return nil
	}
	type near struct {
		name string
		far  int
	}
	var found []near
	meant := []rune(strings.ToLower(name))
	for _, k := range known[:min(len(known), widest)] {
		letters := []rune(strings.ToLower(k))
		limit := max(1, max(len(meant), len(letters))/3)
		if far := distance(meant, letters, limit); far <= limit {
			found = append(found, near{k, far})
		}
	}
	slices.SortFunc(found, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.name, b.name))
	})
	found = slices.Compact(found)
	var names []string
	for _, f := range found[:min(len(found), most)] {
		names = append(names, f.name)
	}
	return names
}

// distance counts the letters to add, drop, change or swap with a neighbor
// that turn a into b. Where their lengths alone differ by more than limit, it
// only says so.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	older, old, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(old[j]+1, row[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, old, row = old, row, older
	}
	return old[len(b)]
}
