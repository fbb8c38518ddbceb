package dialecttest

import (
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hooktree/webhooks/subscription"
)

// hostileTypes are content types that no dialect reads.
var hostileTypes = []string{
	"text/html", "text/xml", "application/xml", "image/png", "multipart/form-data; boundary=x", "application/json-seq",
}

// hostileBodies are no subscription in any form.
var hostileBodies = []string{
	"", " ", "{", "[", "null", "true", "7", `"text"`, "[]", "{}", "[[]]", "{\"a\":", "\x00", "\xff\xfe{\x00}\x00",
	"\xef\xbb\xbf", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", // gzip: a mount unpacks before
	`{"a":1e99999}`, `{"a":"\ud800"}`, "{\"a\":\"\xc3\x28\"}", `{"a":1,"a":2}`, `{"a":1} {"a":2}`,
	strings.Repeat("[", 200_000), strings.Repeat(`{"a":`, 200_000), strings.Repeat("[{}],", 10_000),
	`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><x>&c;</x>`,
	`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>`,
	"a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]",
	"!!python/object/apply:os.system ['true']", "<html><body>hello</body></html>", "%zz=%zz&&&===", "a=%ff%fe",
	strings.Repeat("a", 1<<20),
}

// hostilePaths are places that a stranger tries.
var hostilePaths = []string{
	"", "/", "//", "/..", "/../..", "/%", "/\x00", "/\xff", "/🪝", "/nothing", "/.json", "/" + strings.Repeat("a", 10_000),
	strings.Repeat("/a", 5_000), "/'; drop table subscriptions; --", "/<script>alert(1)</script>",
}

// hostileValues are what a stranger puts into an id or a parameter.
var hostileValues = []string{
	"", "-1", "0", "1e9", "1.5", "99999999999999999999999", "NaN", "\x00", "\xff", "[]", "null", "true", "<b>", "../..",
	",", ",,,,", "1,2,", strings.Repeat("9,", 5_000), strings.Repeat("a", 10_000), "1\r\nX-Injected: 1",
}

// methods are those that servers know, and one that they do not.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "BREW",
}

// strangers yields the documented requests and what can be made of them by
// somebody who means no good.
func (d *Dialect) strangers() iter.Seq[subscription.Request] {
	return func(yield func(subscription.Request) bool) {
		if !yield(subscription.Request{}) { // of the server, when it refuses before it read
			return
		}
		for _, c := range d.Calls {
			for _, change := range changes {
				for r := range change(c.Request) {
					if !yield(r) {
						return
					}
				}
			}
		}
	}
}

// changes each make many requests of one.
var changes = []func(subscription.Request) iter.Seq[subscription.Request]{
	with([]string{"unchanged"}, func(*subscription.Request, string) {}),
	with(methods, func(r *subscription.Request, v string) { r.Method = v }),
	with(hostileBodies, func(r *subscription.Request, v string) { r.Body = []byte(v) }),
	with(hostilePaths, func(r *subscription.Request, v string) { r.Path = v }),
	with(hostilePaths, func(r *subscription.Request, v string) { r.Path += v }),
	with(slices.Concat(hostileTypes, []string{"", ";;;", "application/json; charset=utf-16", "\x00"}), func(r *subscription.Request, v string) {
		setHeader(r, "Content-Type", v)
	}),
	with(hostileTypes, func(r *subscription.Request, v string) {
		setHeader(r, "Accept", v)
	}),
	with(hostileValues, func(r *subscription.Request, v string) {
		query := url.Values{}
		for name := range r.Query {
			query[name] = []string{v, v}
		}
		r.Query = query
	}),
	with(hostileValues, func(r *subscription.Request, v string) {
		segments := strings.Split(r.Path, "/")
		for i := range segments {
			if strings.ContainsAny(segments[i], "0123456789") { // an id
				segments[i] = v
			}
		}
		r.Path = strings.Join(segments, "/")
	}),
	with([]string{"nil"}, func(r *subscription.Request, _ string) { r.Header, r.Query, r.Body = nil, nil, nil }),
}

func with(values []string, change func(*subscription.Request, string)) func(subscription.Request) iter.Seq[subscription.Request] {
	return func(r subscription.Request) iter.Seq[subscription.Request] {
		return func(yield func(subscription.Request) bool) {
			for _, v := range values {
				changed := r
				change(&changed, v)
				if !yield(changed) {
					return
				}
			}
		}
	}
}

// setHeader gives a request another header, and leaves the one it was made of.
func setHeader(r *subscription.Request, name, value string) {
	header := http.Header{}
	maps.Copy(header, r.Header)
	header.Set(name, value)
	r.Header = header
}
