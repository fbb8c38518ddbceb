package trees

import (
	"slices"
	"strings"

	"hooktree/engine/spelling"
)

// suggest gives the known word that is most like a misspelled one, as a hint;
// without one, it lists the words when they are few.
func suggest(word string, known []string) string {
	if near := spelling.Nearest(word, known); len(near) > 0 {
		return "did you mean `" + near[0] + "`?"
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
