package event

import (
	"fmt"
	"strings"

	"hooktree/engine/spelling"
)

// unknown is the fault of a name that is not known, with the nearest ones, or
// with all when none is near and they are few.
func unknown(code Code, what, name, where string, known []string) *Fault {
	f := &Fault{Code: code, Text: fmt.Sprintf("there is no %s %q %s", what, clip(name), where)}
	f.Suggestions = spelling.Nearest(name, known)
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
