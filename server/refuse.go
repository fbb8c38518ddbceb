package server

import (
	"fmt"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/valyala/fasthttp"
)

// refuseRaw answers in the form of the API that a path belongs to.
func (s *Server) refuseRaw(ctx *fasthttp.RequestCtx, refusal Refusal) {
	render := problemResponse
	path := string(ctx.Request.URI().PathOriginal())
	for _, m := range s.mounts {
		if m.Refuse != nil && m.covers(path) {
			render = m.Refuse
		}
	}
	refuse(ctx, render, refusal)
}

// refuse answers with a refusal in the form of one API.
func refuse(ctx *fasthttp.RequestCtx, render func(Refusal) Response, refusal Refusal) {
	refusal.Path = string(ctx.Request.URI().PathOriginal())
	write(ctx, render(refusal))
	if refusal.RetryAfter > 0 {
		ctx.Response.Header.Set(fasthttp.HeaderRetryAfter, seconds(refusal.RetryAfter))
	}
}

// covers reports whether a path lies under one of the prefixes.
func (m Mount) covers(path string) bool {
	for _, prefix := range m.Prefixes {
		if rest, ok := strings.CutPrefix(path, prefix); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}

// write sends a response.
func write(ctx *fasthttp.RequestCtx, r Response) {
	if r.Status == 0 {
		r.Status = http.StatusOK
	}
	ctx.Response.SetStatusCode(r.Status)
	if r.Status == http.StatusUnauthorized {
		// A 401 must name a scheme. Basic works too, but naming it would make
		// browsers ask for a password in a window of their own.
		ctx.Response.Header.Set("WWW-Authenticate", `Bearer realm="hooktree"`)
	}
	for name, values := range r.Header {
		for i, value := range values {
			if i == 0 {
				ctx.Response.Header.Set(name, value)
			} else {
				ctx.Response.Header.Add(name, value)
			}
		}
	}
	ctx.Response.SetBody(r.Body)
}

func internal() Refusal {
	return Refusal{
		Status: http.StatusInternalServerError, Code: "internal",
		Message: "something broke here; the log of the server says what, under this request's id",
	}
}

func tooLarge(limit int64) Refusal {
	return Refusal{
		Status: http.StatusRequestEntityTooLarge, Code: "too_large",
		Message: fmt.Sprintf("the body is larger than the %d bytes that this call takes; send less, or in several requests", limit),
	}
}

// seconds writes a Retry-After: whole seconds, rounded up.
func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

// clip shortens what a client sent before it is shown again.
func clip(text string) string {
	const most = 120
	if len(text) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.ToValidUTF8(text, "�")
}

// printable reports whether text is UTF-8 without control characters.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

func stack() string { return string(debug.Stack()) }
