package trees

import (
	"slices"
	"strings"
)

// suggest gives the known word that is most like a misspelled one, as a hint;
// without one, it lists the words when they are few.
func suggest(word string, known []string) string {
	best, distance := "", 1+max(2, len(word)/3)
	for _, k := range slices.Sorted(slices.Values(known)) {
		if d := editDistance(word, k, distance); d < distance {
			best, distance = k, d
		}
	}
	if best != "" {
		return "did you mean `" + best + "`?"
	}
	return listed(known)
}

// listed names a few words, for a hint.
func listed(known []string) string {
	if len(known) == 0 || len(known) > 24 {
		return ""
	}
	return "known are " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}

// editDistance counts the letters to add, drop, change or swap with a
// neighbor that turn a into b; limit or more is told as limit.
func editDistance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if abs := len(x) - len(y); abs >= limit || -abs >= limit || len(x) > 200 {
		return limit
	}
	older, old, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(old[j]+1, row[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, old, row = old, row, older
	}
	return min(old[len(y)], limit)
}
