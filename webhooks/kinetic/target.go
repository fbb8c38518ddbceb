package kinetic

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"hooktree/webhooks"
)

// runTree are the paths behind which source, group and name of a tree stand:
// the platform's own, and those of its task component.
var runTree = []string{
	"/app/api/v1/run-tree/",
	"/kinetic-task/app/api/v1/run-tree/",
	"/app/components/task/app/api/v1/run-tree/",
}

// own is how the attributes of a space begin that say where its task engine
// is: an address built from them is ours.
const own = "Task Server"

// compileURL reads a URL template: a tree's target where it calls run-tree at
// our own host, else one outside.
func compileURL(text string) (webhooks.Target, *Fault) {
	target, fault := readURL(text)
	if fault != nil {
		fault.Member = "url"
	}
	return target, fault
}

func readURL(text string) (webhooks.Target, *Fault) {
	if len(text) > maxText {
		return webhooks.Target{}, &Fault{Message: fmt.Sprintf("it has %d bytes; at most %d are read", len(text), maxText)}
	}
	pieces, fault := parseTemplate(text)
	if fault != nil {
		return webhooks.Target{}, fault
	}
	path := pathStart(text, pieces)
	switch {
	case strings.HasPrefix(text, "/"):
		return treeTarget(text, pieces, 0)
	case ours(pieces, path):
		return treeTarget(text, pieces, path)
	case strings.HasPrefix(text, "https://"), strings.HasPrefix(text, "http://"), strings.HasPrefix(text, "${"):
		return urlTarget(text, pieces, path)
	default:
		return webhooks.Target{}, &Fault{
			Length: max(1, len(text)), Message: fmt.Sprintf("%q is no address", text),
			Hint: "write https://..., or /app/api/v1/run-tree/SOURCE/GROUP/NAME",
		}
	}
}

// pathStart finds the slash that ends the host, which may be a piece of its
// own; the end of the text when there is none.
func pathStart(text string, pieces []piece) int {
	host := !slices.ContainsFunc(pieces, func(p piece) bool { return p.expr == nil && strings.Contains(p.literal, "://") })
	for _, p := range pieces {
		if p.expr != nil {
			continue
		}
		from := 0
		if !host {
			i := strings.Index(p.literal, "://")
			if i < 0 {
				continue
			}
			host, from = true, i+3
		}
		if i := strings.IndexByte(p.literal[from:], '/'); i >= 0 {
			return p.start + from + i
		}
	}
	return len(text)
}

// ours reports whether everything before the path is built from the
// attributes of the space that say where its task engine is.
func ours(pieces []piece, path int) bool {
	found := false
	for _, p := range pieces {
		if p.start >= path {
			break
		}
		if p.expr == nil {
			if literal := p.literal[:min(len(p.literal), path-p.start)]; literal != "://" && literal != "" {
				return false
			}
			continue
		}
		l, ok := p.expr.(*lookup)
		if !ok || l.holder != "space" || l.group != "attributes" || !strings.HasPrefix(l.member, own) {
			return false
		}
		found = true
	}
	return found
}

// urlTarget is an address outside.
func urlTarget(text string, pieces []piece, path int) (webhooks.Target, *Fault) {
	if strings.HasSuffix(text[:path], "://") {
		return webhooks.Target{}, &Fault{Length: len(text), Message: "the address has no host", Hint: "write https://host/path"}
	}
	if i := strings.IndexAny(text, " \t\r\n"); i >= 0 && !within(pieces, i) {
		return webhooks.Target{}, &Fault{Offset: i, Length: 1, Message: "an address holds no white space", Hint: "write %20"}
	}
	query := len(text)
	for _, p := range pieces {
		if i := strings.IndexByte(p.literal, '?'); p.expr == nil && i >= 0 {
			query = p.start + i
			break
		}
	}
	return webhooks.Target{URL: &webhooks.URLTarget{
		URL: &template{text: text, pieces: pieces, escape: escapeURL(min(path, query), query)},
	}}, nil
}

// within reports whether a place stands inside of an expression.
func within(pieces []piece, at int) bool {
	return slices.ContainsFunc(pieces, func(p piece) bool { return p.expr != nil && p.start <= at && at < p.end })
}

// treeTarget reads source, group and name from a path that begins at a place.
// The percent-encoding of what was written is undone; values go in as they
// are, so that no value can pass for another segment.
func treeTarget(text string, pieces []piece, path int) (webhooks.Target, *Fault) {
	rest := text[path:]
	prefix := ""
	for _, p := range runTree {
		if strings.HasPrefix(rest, p) {
			prefix = p
		}
	}
	if prefix == "" {
		return webhooks.Target{}, &Fault{
			Offset: path, Length: max(1, len(rest)), Message: "this path of ours is not one that a webhook may call",
			Hint: "write " + runTree[0] + "SOURCE/GROUP/NAME",
		}
	}
	segments, fault := split(pieces, path+len(prefix))
	if fault != nil {
		return webhooks.Target{}, fault
	}
	if len(segments) != 3 || slices.ContainsFunc(segments, func(s []piece) bool { return len(s) == 0 }) {
		at := path + len(prefix)
		return webhooks.Target{}, &Fault{
			Offset: at, Length: max(1, len(text)-at), Message: "run-tree takes source, group and name, each encoded as one segment",
			Hint: "write " + runTree[0] + "SOURCE/GROUP/NAME, with %20 for a blank and %2F for a slash",
		}
	}
	part := func(i int) *template { return &template{text: text, pieces: segments[i]} }
	return webhooks.Target{Tree: &webhooks.TreeTarget{Source: part(0), Group: part(1), Name: part(2)}}, nil
}

// split cuts the pieces from a place on at the slashes of the literal text,
// and undoes its percent-encoding. A query is not looked at.
func split(pieces []piece, from int) ([][]piece, *Fault) {
	segments := [][]piece{nil}
	for _, p := range pieces {
		if p.end <= from {
			continue
		}
		if p.expr != nil {
			segments[len(segments)-1] = append(segments[len(segments)-1], p)
			continue
		}
		at := max(p.start, from)
		literal, _, query := strings.Cut(p.literal[at-p.start:], "?")
		for i, part := range strings.Split(literal, "/") {
			if i > 0 {
				segments = append(segments, nil)
			}
			plain, err := url.PathUnescape(part)
			if err != nil {
				return nil, &Fault{Offset: at, Length: max(1, len(part)), Message: fmt.Sprintf("%q is not percent-encoded text", part), Hint: "write %25 for a percent sign"}
			}
			if part != "" {
				segments[len(segments)-1] = append(segments[len(segments)-1], piece{start: at, end: at + len(part), literal: plain})
			}
			at += len(part) + 1
		}
		if query {
			break
		}
	}
	return segments, nil
}
