package server

import (
	"log/slog"
	"net/http"
)

// levelAccepted is that of one accepted event. It is debug: thousands a second
// come in, and each stands in the store with its jobs and runs.
const levelAccepted = slog.LevelDebug

func levelOf(status int) slog.Level {
	switch {
	case status >= http.StatusInternalServerError && status != http.StatusInsufficientStorage:
		return slog.LevelError
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusTooManyRequests || status == http.StatusInsufficientStorage:
		return slog.LevelInfo
	default:
		return slog.LevelDebug
	}
}

// quiet drops what fasthttp would print about broken connections: a client
// that hangs up is not news.
type quiet struct{}

// Printf drops the line.
func (quiet) Printf(string, ...any) {}
