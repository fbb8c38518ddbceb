package oauth

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"

	"hooktree/server"
)

// faultStyle is all that the page looks like, in light and dark.
const faultStyle = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}` +
	`main{max-width:36rem;margin:12vh auto;padding:0 1.25rem;overflow-wrap:anywhere}h1{font-size:1.35rem}`

var faultTemplate = template.Must(template.New("fault").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Nobody was let in · hooktree</title>
<style>` + faultStyle + `</style>
<main>
<h1>Nobody was let in</h1>
<p>An application sent you here to ask for your consent, and its request cannot be answered:</p>
<p><strong>{{.}}</strong></p>
<p>You can close this page. Who runs the application can mend it, with an admin of this server.</p>
</main>
`))

// faultPage tells the person at the browser what is wrong with a request that
// nobody else may be told of. It runs nothing, loads nothing and links nowhere.
func faultPage(status int, text string) server.Response {
	var b bytes.Buffer
	_ = faultTemplate.Execute(&b, text) // of a text
	sum := sha256.Sum256([]byte(faultStyle))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
	return server.Response{Status: status, Body: b.Bytes(), Header: http.Header{
		"Content-Type": {"text/html; charset=utf-8"}, "Content-Security-Policy": {policy}, "X-Frame-Options": {"DENY"},
	}}
}

// refusePage renders what the server refuses before the endpoint is asked.
func refusePage(r server.Refusal) server.Response { return faultPage(r.Status, r.Message+".") }
