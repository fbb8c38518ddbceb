package kinetic

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"hooktree/engine"
	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/trees"
)

func (a *api) treeRoutes() []server.Route {
	return slices.Concat(
		a.routes(accounts.Viewer,
			get("/trees", a.listTrees),
			get("/trees/missing", noMissingRoutines),
			get("/trees/guid/:guid", a.showTreeByGUID),
			get("/trees/:title", a.showTree),
			get("/trees/:title/export", a.exportTree),
			get("/trees/:title/counts", a.countTree),
			get("/trees/:title/usage", a.routineUsage),
		),
		a.routes(accounts.Author,
			post("/trees", a.createTree),
			put("/trees/:title", a.updateTree),
			remove("/trees/:title", a.deleteTree),
			post("/trees/:title/clone", a.cloneTree),
			absent(http.MethodPost, "/trees/:title/restore", "a deleted tree is not kept under its title; put its YAML again, from its versions in hooktree's own API"),
		),
	)
}

// tree is a tree or routine, as the API shows it.
type tree struct {
	Name         string  `json:"name"`
	Title        string  `json:"title"`
	SourceName   string  `json:"sourceName"`
	SourceGroup  string  `json:"sourceGroup"`
	Status       string  `json:"status"`
	Type         string  `json:"type"`
	VersionID    string  `json:"versionId"`
	OwnerEmail   string  `json:"ownerEmail"`
	Notes        string  `json:"notes"`
	DefinitionID *string `json:"definitionId"`

	*treeDetails
	*treeIncludes
}

// treeDetails is what include=details adds. The platform's items are those of
// its newer workflows, of which there are none here.
type treeDetails struct {
	ID               int64   `json:"id"`
	GUID             string  `json:"guid"`
	Event            *string `json:"event"`
	PlatformItemID   *string `json:"platformItemId"`
	PlatformItemType *string `json:"platformItemType"`
	stamped
}

// treeIncludes is what other includes add, each where it was asked for.
type treeIncludes struct {
	Bindings   map[string]any `json:"bindings,omitzero"`
	Categories []any          `json:"categories,omitzero"`
	Export     *string        `json:"export,omitempty"`
	Inputs     []treeInput    `json:"inputs,omitzero"`
	Outputs    []treeOutput   `json:"outputs,omitzero"`
	YAML       *string        `json:"treeYaml,omitempty"`
}

type treeInput struct {
	Name         string `json:"name"`
	DefaultValue string `json:"defaultValue"`
	Description  string `json:"description"`
	Required     bool   `json:"required"`
}

type treeOutput struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// The statuses of trees.
const (
	treeActive   = "Active"
	treeInactive = "Inactive"
)

// newTree shows the active version of a title. A version is made once, so that
// it is as old as its latest change.
func newTree(t *trees.Tree, req *request) tree {
	shown := briefTree(t.Title, t.Hash)
	shown.Notes = t.Note
	if t.Inactive {
		shown.Status = treeInactive
	}
	if req.includes["details"] {
		made := stamped{CreatedAt: stamp{t.Modified}, UpdatedAt: stamp{t.Modified}}
		shown.treeDetails = &treeDetails{ID: treeID(t.Title), GUID: guidOf(t.Title), stamped: made}
	}
	shown.treeIncludes = newTreeIncludes(t, req)
	return shown
}

// briefTree shows what the title and hash of a version tell.
func briefTree(t engine.Title, hash string) tree {
	shown := tree{
		Name: t.Name, Title: t.String(), SourceName: t.Source, SourceGroup: t.Group,
		Status: treeActive, Type: typeOf(t), VersionID: versionOf(hash),
	}
	if shown.Type != typeTree {
		shown.DefinitionID = text(routineID(t))
	}
	return shown
}

func newTreeIncludes(t *trees.Tree, req *request) *treeIncludes {
	var in treeIncludes
	yaml := string(t.YAML)
	if req.includes["bindings"] {
		in.Bindings = map[string]any{}
	}
	if req.includes["categories"] {
		in.Categories = []any{}
	}
	if req.includes["export"] {
		in.Export = &yaml
	}
	if req.includes["treeYaml"] {
		in.YAML = &yaml
	}
	if req.includes["inputs"] {
		in.Inputs = []treeInput{}
		for _, i := range t.Inputs {
			in.Inputs = append(in.Inputs, newInput(i))
		}
	}
	if req.includes["outputs"] {
		in.Outputs = []treeOutput{}
		for _, o := range t.Outputs {
			in.Outputs = append(in.Outputs, treeOutput{Name: o.Name})
		}
	}
	return &in
}

func newInput(i engine.Input) treeInput {
	in := treeInput{Name: i.Name, Required: i.Required}
	if i.Default != nil {
		in.DefaultValue = i.Default.String()
	}
	return in
}

// refuseForms refuses to give a tree in a form that hooktree does not write.
func refuseForms(req *request) error {
	for _, form := range []string{"treeJson", "treeXml"} {
		if req.includes[form] {
			return unsupported("trees cannot be given as %s by this version of hooktree; include treeYaml, or leave it out", form)
		}
	}
	return nil
}

func (a *api) listTrees(_ context.Context, req *request) (any, error) {
	p, err := req.paging(false)
	if err != nil {
		return nil, err
	}
	match, err := wantedTrees(req)
	if err != nil {
		return nil, err
	}
	order, err := treeOrder(req)
	if err != nil {
		return nil, err
	}
	var list []*trees.Tree
	for _, t := range a.services.Trees.Library().All() {
		if match(t) {
			list = append(list, t)
		}
	}
	slices.SortStableFunc(list, func(a, b *trees.Tree) int {
		if p.ascending {
			return order(a, b)
		}
		return order(b, a)
	})
	shown := make([]tree, len(list))
	for i, t := range list {
		shown[i] = newTree(t, req)
	}
	return listed(p, "trees", shown), nil
}

// wantedTrees reads the filters of a list of trees.
func wantedTrees(req *request) (func(*trees.Tree) bool, error) {
	if err := refuseForms(req); err != nil {
		return nil, err
	}
	kind, err := req.choice("type", treeTypes...)
	if err != nil {
		return nil, err
	}
	status, err := req.choice("status", treeActive, treeInactive, "Paused")
	if err != nil {
		return nil, err
	}
	groups := append(slices.Clone(req.Query["group"]), req.Query["group[]"]...)
	groups = slices.DeleteFunc(groups, func(g string) bool { return g == "" })
	q := req.Query
	return func(t *trees.Tree) bool {
		return equals(q.Get("source"), t.Title.Source) && (len(groups) == 0 || slices.Contains(groups, t.Title.Group)) &&
			holds(t.Title.Group, q.Get("groupFragment")) &&
			equals(q.Get("name"), t.Title.Name) && holds(t.Title.Name, q.Get("nameFragment")) &&
			equals(kind, typeOf(t.Title)) && equals(status, statusOf(t)) && q.Get("ownerEmail") == ""
	}, nil
}

func statusOf(t *trees.Tree) string {
	if t.Inactive {
		return treeInactive
	}
	return treeActive
}

// equals reports whether nothing is wanted, or just the value.
func equals(want, value string) bool { return want == "" || want == value }

// holds reports whether a fragment occurs in a text, in any case.
func holds(text, fragment string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(fragment))
}

// treeOrder gives the order of a list of trees. Members that are the same for
// all of them leave the order of titles.
func treeOrder(req *request) (func(a, b *trees.Tree) int, error) {
	by, err := req.choice("orderBy", "createdAt", "createdBy", "definitionId", "id", "name", "ownerEmail", "sourceGroup",
		"sourceRoot.name", "status", "type", "updatedAt", "updatedBy")
	if err != nil {
		return nil, err
	}
	byText := func(of func(*trees.Tree) string) func(a, b *trees.Tree) int {
		return func(a, b *trees.Tree) int { return cmp.Compare(of(a), of(b)) }
	}
	switch by {
	case "createdAt", "updatedAt":
		return func(a, b *trees.Tree) int { return a.Modified.Compare(b.Modified) }, nil
	case "id":
		return func(a, b *trees.Tree) int { return cmp.Compare(treeID(a.Title), treeID(b.Title)) }, nil
	case "name", "definitionId":
		return byText(func(t *trees.Tree) string { return t.Title.Name }), nil
	case "sourceGroup":
		return byText(func(t *trees.Tree) string { return t.Title.Group }), nil
	case "status":
		return byText(statusOf), nil
	case "type":
		return byText(func(t *trees.Tree) string { return typeOf(t.Title) }), nil
	default:
		return byText(func(t *trees.Tree) string { return t.Title.String() }), nil
	}
}

// findTree gives the tree that the request names: by its title, or, for a
// routine, by its definition id or its bare name.
func (a *api) findTree(req *request) (*trees.Tree, error) {
	asked := req.Params["title"]
	library := a.services.Trees.Library()
	if title, ok := titleOf(asked); ok {
		if t, found := library.Find(title); found {
			return t, nil
		}
		return nil, noTree(title.String())
	}
	var found *trees.Tree
	for _, t := range library.All() {
		named := t.Routine && (routineID(t.Title) == asked || t.Title.Name == asked)
		if named && (found == nil || t.Title.Source == trees.Global) {
			found = t
		}
	}
	if found == nil {
		return nil, noTree(asked)
	}
	return found, nil
}

// noTree says it in the vendor's words.
func noTree(title string) error { return missing("The %q tree does not exist.", clip(title)) }

func (a *api) showTree(_ context.Context, req *request) (any, error) {
	if err := refuseForms(req); err != nil {
		return nil, err
	}
	t, err := a.findTree(req)
	if err != nil {
		return nil, err
	}
	return newTree(t, req), nil
}

func (a *api) treeByGUID(guid string) (*trees.Tree, error) {
	for _, t := range a.services.Trees.Library().All() {
		if strings.EqualFold(guidOf(t.Title), guid) {
			return t, nil
		}
	}
	return nil, missing("there is no tree with the guid %s", clip(guid))
}

func (a *api) showTreeByGUID(_ context.Context, req *request) (any, error) {
	if err := refuseForms(req); err != nil {
		return nil, err
	}
	t, err := a.treeByGUID(req.Params["guid"])
	if err != nil {
		return nil, err
	}
	return newTree(t, req), nil
}

// exportTree gives the text of a tree. It is YAML: the vendor's XML is not
// written by this version.
func (a *api) exportTree(_ context.Context, req *request) (any, error) {
	t, err := a.findTree(req)
	if err != nil {
		return nil, err
	}
	return map[string]any{"tree": string(t.YAML), "format": "yaml"}, nil
}

// noMissingRoutines is always empty: a tree that calls what there is not is
// refused when it is put.
func noMissingRoutines(context.Context, *request) (any, error) {
	return map[string]any{"missingRoutines": []any{}}, nil
}

// usage is how often a tree uses a handler or a routine.
type usage struct {
	Type      string `json:"type"`
	Source    string `json:"source"`
	Group     string `json:"group"`
	Name      string `json:"name"`
	ID        int64  `json:"id"`
	Title     string `json:"title"`
	UpdatedAt stamp  `json:"updatedAt"`
	NodeCount int    `json:"nodeCount"`
}

// usages lists the trees with nodes that use something.
func (a *api) usages(key string, uses func(*engine.Node) bool) map[string]any {
	list := []usage{}
	nodes, routines := 0, 0
	for _, t := range a.services.Trees.Library().All() {
		count := 0
		for i := range t.Nodes {
			if uses(&t.Nodes[i]) {
				count++
			}
		}
		if count == 0 {
			continue
		}
		nodes += count
		if t.Routine {
			routines++
		}
		list = append(list, usage{
			Type: typeOf(t.Title), Source: t.Title.Source, Group: t.Title.Group, Name: t.Title.Name,
			ID: treeID(t.Title), Title: t.Title.String(), UpdatedAt: stamp{t.Modified}, NodeCount: count,
		})
	}
	return map[string]any{key: list, "totalTrees": len(list) - routines, "totalRoutines": routines, "totalNodes": nodes}
}

func (a *api) routineUsage(_ context.Context, req *request) (any, error) {
	t, err := a.findTree(req)
	if err != nil {
		return nil, err
	}
	return a.usages("routineUsage", func(n *engine.Node) bool { return n.Routine != nil && n.Routine.Title == t.Title }), nil
}

// treeOf gives the version that a run is pinned to; nil when it is no longer
// kept, or no longer read.
func (a *api) treeOf(ctx context.Context, hash string) *trees.Tree {
	t, err := a.services.Trees.Version(ctx, hash)
	if err != nil {
		a.config.Log.Debug("a version cannot be read", "hash", hash, "error", err)
		return nil
	}
	return t
}

// dayOf is the begin of a time's day, in UTC.
func dayOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}
