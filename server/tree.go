package server

import (
	"cmp"
	"context"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"sort"
	"strings"

	"hooktree/engine"
	"hooktree/trees"
)

// maxTree is how large the YAML of one tree may be.
const maxTree = 1 << 20

// Tree is a tree of the library, as the API shows it.
type Tree struct {
	TreeName

	Hash     string   `json:"hash" doc:"Of the active version; the ETag"`
	Path     string   `json:"path,omitempty" doc:"Of the events that fire it; left out for a routine"`
	Routine  bool     `json:"routine"`
	Inactive bool     `json:"inactive" doc:"Kept, and not fired"`
	Note     string   `json:"note,omitempty"`
	File     string   `json:"file" doc:"Path in the space"`
	Calls    []string `json:"calls,omitempty" doc:"Titles of the routines that it calls"`
	Warnings []Detail `json:"warnings,omitempty"`
	YAML     string   `json:"yaml,omitempty" doc:"As it was written; not in lists"`
	Nodes    []Node   `json:"nodes,omitempty" doc:"The graph, in the order of the text; not in lists"`
}

// Node is one step of a tree.
type Node struct {
	ID     engine.NodeID `json:"id"`
	Name   string        `json:"name"`
	Note   string        `json:"note,omitempty"`
	Does   string        `json:"does" doc:"The handler, or routine, wait, return, reply, loop, defer, waypoint"`
	Block  engine.NodeID `json:"block,omitempty" doc:"The loop whose body holds it"`
	Line   int           `json:"line,omitempty" doc:"Of the YAML"`
	When   string        `json:"when,omitempty" doc:"False passes over it"`
	Join   string        `json:"join,omitempty" enum:"any,all,some,each,settled"`
	Parked bool          `json:"parked,omitempty"`
	End    bool          `json:"end,omitempty"`
	In     []Edge        `json:"in" doc:"The ways in"`
}

// Edge is one way into a node.
type Edge struct {
	From  engine.NodeID `json:"from"`
	On    engine.On     `json:"on" enum:"complete,created,updated,failed"`
	When  string        `json:"when,omitempty"`
	Label string        `json:"label,omitempty"`
	Line  bool          `json:"line,omitempty" doc:"The unwritten connector to the node above"`
}

func newTree(t *trees.Tree) Tree {
	return Tree{
		TreeName: newTreeName(t.Title), Hash: t.Hash, Path: t.Path, Routine: t.Routine, Inactive: t.Inactive,
		Note: t.Note, File: t.File, Calls: shown(t.Calls, engine.Title.String), Warnings: treeDetails(t.Warnings),
	}
}

func newTreeDetail(t *trees.Tree) Tree {
	tree := newTree(t)
	tree.YAML = string(t.YAML)
	for i := range t.Nodes {
		n := &t.Nodes[i]
		tree.Nodes = append(tree.Nodes, Node{
			ID: n.ID, Name: n.Name, Note: n.Note, Does: n.Does(), Block: n.Block, Line: t.Line(n.ID), When: text(n.When),
			Join: string(n.Join.Mode), Parked: n.Parked, End: n.End, In: shown(n.In, newEdge),
		})
	}
	return tree
}

func newEdge(c engine.Connector) Edge {
	return Edge{From: c.From, On: c.On, When: text(c.When), Label: c.Label, Line: c.Line}
}

// text gives an expression as it was written; empty for none.
func text(e engine.Expr) string {
	if e == nil {
		return ""
	}
	return e.String()
}

type treesAsked struct {
	Text   string `query:"q" doc:"In the title or note, in any case"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"Most rows of one page"`
	Cursor string `query:"cursor" maxLength:"500" doc:"The next of the page before"`
}

type treesTold struct {
	Body struct {
		Trees []Tree `json:"trees"`
		Next  string `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
	}
}

func (s *Server) listTrees(_ context.Context, in *treesAsked) (*treesTold, error) {
	wanted := strings.ToLower(in.Text)
	out := &treesTold{}
	out.Body.Trees = []Tree{}
	all := s.services.Trees.Library().All()
	for _, t := range all[treesUpTo(all, in.Cursor):] {
		if !strings.Contains(strings.ToLower(t.Title.String()+"\n"+t.Note), wanted) {
			continue
		}
		if len(out.Body.Trees) == in.Limit {
			out.Body.Next = out.Body.Trees[in.Limit-1].Title
			break
		}
		out.Body.Trees = append(out.Body.Trees, newTree(t))
	}
	return out, nil
}

// treesUpTo counts the trees up to the title that a cursor names, whether that
// tree is still there or not. The trees are sorted by title.
func treesUpTo(all []*trees.Tree, cursor string) int {
	if cursor == "" {
		return 0
	}
	last, _ := TreeAsked{Title: cursor}.named()
	return sort.Search(len(all), func(i int) bool {
		t := all[i].Title
		return cmp.Or(cmp.Compare(t.Source, last.Source), cmp.Compare(t.Group, last.Group), cmp.Compare(t.Name, last.Name)) > 0
	})
}

// TreeAsked is the path of a call about one tree.
type TreeAsked struct {
	Title string `path:"title" maxLength:"1000" doc:"Source :: Group :: Name, percent-encoded"`
}

// named reads the title.
func (a TreeAsked) named() (engine.Title, error) {
	parts := strings.Split(a.Title, " :: ")
	if len(parts) != 3 || slices.Contains(parts, "") {
		return engine.Title{}, newProblem(http.StatusUnprocessableEntity, "invalid_title", fmt.Sprintf("%q is no title of a tree; a title is Source :: Group :: Name, percent-encoded as one part of the path", clip(a.Title)))
	}
	return engine.Title{Source: parts[0], Group: parts[1], Name: parts[2]}, nil
}

type treeTold struct {
	ETag string `header:"ETag"`
	Body Tree
}

func tellTree(t *trees.Tree) *treeTold {
	return &treeTold{ETag: etag(t.Hash), Body: newTreeDetail(t)}
}

func (s *Server) findTree(a TreeAsked) (*trees.Tree, error) {
	title, err := a.named()
	if err != nil {
		return nil, err
	}
	if t, ok := s.services.Trees.Library().Find(title); ok {
		return t, nil
	}
	return nil, newProblem(http.StatusNotFound, "not_found", fmt.Sprintf("there is no tree %s; GET %s/trees lists those there are", clip(title.String()), nativePrefix))
}

func (s *Server) showTree(_ context.Context, in *TreeAsked) (*treeTold, error) {
	t, err := s.findTree(*in)
	if err != nil {
		return nil, err
	}
	return tellTree(t), nil
}

// TreeVersion is one version of a tree.
type TreeVersion struct {
	Hash   string       `json:"hash"`
	Active bool         `json:"active"`
	Author string       `json:"author,omitempty"`
	Origin trees.Origin `json:"origin" enum:"file,ui,api,apply"`
	MadeAt Time         `json:"madeAt"`
	YAML   string       `json:"yaml"`
}

type versionsAsked struct {
	TreeAsked

	Limit int `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"Most versions"`
}

type versionsTold struct {
	Body struct {
		Versions []TreeVersion `json:"versions"`
	}
}

func (s *Server) listVersions(ctx context.Context, in *versionsAsked) (*versionsTold, error) {
	title, err := in.named()
	if err != nil {
		return nil, err
	}
	versions, err := s.services.Versions.History(ctx, title.String(), in.Limit)
	if err != nil {
		return nil, err
	}
	active := ""
	if t, ok := s.services.Trees.Library().Find(title); ok {
		active = t.Hash
	}
	if len(versions) == 0 && active == "" {
		return nil, newProblem(http.StatusNotFound, "not_found", "there is and was no tree "+clip(title.String()))
	}
	out := &versionsTold{}
	out.Body.Versions = shown(versions, func(v trees.Version) TreeVersion {
		return TreeVersion{
			Hash: v.Hash, Active: v.Hash == active, Author: v.Author, Origin: v.Origin, MadeAt: Time{v.Made}, YAML: string(v.Content),
		}
	})
	return out, nil
}

// YAMLSent is a tree's text.
type YAMLSent struct {
	ContentType string `header:"Content-Type"`
	RawBody     []byte `contentType:"application/yaml"`
}

// yamlTypes are what the text of a tree may be sent as.
var yamlTypes = []string{"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain"}

// text gives the YAML, copied: huma lends it for the call only.
func (y YAMLSent) text() ([]byte, error) {
	kind, _, err := mime.ParseMediaType(y.ContentType)
	if err != nil || !slices.Contains(yamlTypes, kind) {
		return nil, newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", fmt.Sprintf("the content type %q is not read here; send the tree's YAML with Content-Type: application/yaml", clip(y.ContentType)))
	}
	return slices.Clone(y.RawBody), nil
}

type treeSent struct {
	TreeAsked
	Guarded
	YAMLSent
}

func (s *Server) putTree(ctx context.Context, in *treeSent) (*treeTold, error) {
	edit, err := s.editOf(ctx, in.TreeAsked, in.Guarded)
	if err != nil {
		return nil, err
	}
	if edit.YAML, err = in.text(); err != nil {
		return nil, err
	}
	t, err := s.services.Trees.Put(ctx, edit)
	if err != nil {
		return nil, err
	}
	return tellTree(t), nil
}

type treeGone struct {
	TreeAsked
	Guarded
}

func (s *Server) deleteTree(ctx context.Context, in *treeGone) (*struct{}, error) {
	if _, err := s.findTree(in.TreeAsked); err != nil {
		return nil, err
	}
	edit, err := s.editOf(ctx, in.TreeAsked, in.Guarded)
	if err != nil {
		return nil, err
	}
	return nil, s.services.Trees.Delete(ctx, edit)
}

func (s *Server) editOf(ctx context.Context, a TreeAsked, g Guarded) (trees.Edit, error) {
	title, err := a.named()
	if err != nil {
		return trees.Edit{}, err
	}
	active := ""
	if t, ok := s.services.Trees.Library().Find(title); ok {
		active = t.Hash
	}
	if err := g.check(active); err != nil {
		return trees.Edit{}, err
	}
	return trees.Edit{Title: title, IfMatch: active, Author: callerOf(ctx).Name, Origin: originOf(ctx)}, nil
}

// originOf tells the UI, which comes by a session, from programs.
func originOf(ctx context.Context) trees.Origin {
	if callerOf(ctx).Session {
		return trees.OriginUI
	}
	return trees.OriginAPI
}

type checkAsked struct{ YAMLSent }

type checkTold struct {
	Body struct {
		OK       bool     `json:"ok" doc:"It may run; it may still have warnings"`
		Tree     *Tree    `json:"tree,omitempty" doc:"As it would be stored"`
		Faults   []Detail `json:"faults"`
		Warnings []Detail `json:"warnings"`
		Rendered string   `json:"rendered,omitempty" doc:"All of them as hooktree check prints them"`
	}
}

func (s *Server) checkTree(_ context.Context, in *checkAsked) (*checkTold, error) {
	yaml, err := in.text()
	if err != nil {
		return nil, err
	}
	tree, faults := s.services.Trees.Try(yaml)
	out := &checkTold{}
	if tree != nil {
		detail := newTreeDetail(tree)
		out.Body.Tree = &detail
	}
	out.Body.OK = len(faults.Fatal()) == 0
	out.Body.Faults, out.Body.Warnings = treeDetails(faults.Fatal()), treeDetails(faults.Warnings())
	if len(faults) > 0 {
		out.Body.Rendered = faults.Render()
	}
	return out, nil
}
