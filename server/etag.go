package server

import (
	"net/http"
	"strings"
)

// Guarded is the header by which a change says what it changes.
type Guarded struct {
	IfMatch string `header:"If-Match" doc:"ETag of what is changed, or * for any; left out to make something new"`
}

// check compares the header with what there is; active is empty for nothing.
func (g Guarded) check(active string) error {
	sent := strings.TrimPrefix(strings.TrimSpace(g.IfMatch), "W/")
	switch {
	case sent == "" && active == "":
		return nil
	case sent == "":
		return newProblem(http.StatusPreconditionRequired, "if_match_required", "this changes what exists: read it, and send its ETag as If-Match, so that nobody's change is lost").with("ETag", etag(active))
	case active == "":
		return newProblem(http.StatusPreconditionFailed, "gone", "If-Match was sent, but there is nothing to change; leave it out to make something new")
	case sent == "*" || sent == etag(active):
		return nil
	default:
		return newProblem(http.StatusPreconditionFailed, "stale", "it has changed since this ETag was read; read it again and repeat the change on top of it").with("ETag", etag(active))
	}
}

func etag(version string) string { return `"` + version + `"` }
