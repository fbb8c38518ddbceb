package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"hooktree/server/accounts"
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

// lines bounds what requests that are answered badly write to the log.
type lines struct {
	refused Quota // by us: credentials, roles, too many
	broken  Quota // on our side
}

// of gives the quota of a level; nil for one that is chosen by who debugs.
func (l *lines) of(level slog.Level) *Quota {
	switch {
	case level >= slog.LevelError:
		return &l.broken
	case level >= slog.LevelInfo:
		return &l.refused
	default:
		return nil
	}
}

// tell tells what was left out.
func (l *lines) tell(log *slog.Logger, now time.Time) {
	l.refused.Tell(log, "requests that were refused", now)
	l.broken.Tell(log, "requests that failed", now)
}

// logRequest tells of each change at debug level, of what was refused at info
// level and of what broke at error level: the latter two so many a minute.
func (s *Server) logRequest(c *fiber.Ctx, r *row, id string, who accounts.Identity, now time.Time) {
	s.lines.tell(s.config.Log, now)
	status := c.Response().StatusCode()
	level := levelOf(status)
	if !s.config.Log.Enabled(s.stopping, level) {
		return
	}
	from := s.proxies.client(c.Context()).String()
	if quota := s.lines.of(level); quota != nil && !quota.Take(from, now) {
		return
	}
	s.config.Log.Log(s.stopping, level, "request", "api", r.api, "method", r.Method, "route", r.path(), "status", status,
		"request", id, "by", who.Credential, "from", from)
}

// quiet drops what fasthttp would print about broken connections: a client
// that hangs up is not news.
type quiet struct{}

// Printf drops the line.
func (quiet) Printf(string, ...any) {}
