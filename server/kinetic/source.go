package kinetic

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"hooktree/server"
	"hooktree/server/accounts"
	"hooktree/trees"
	"hooktree/webhooks/event"
)

func (a *api) sourceRoutes() []server.Route {
	const why = "a source is there as soon as a tree names it in `source:`, and has no settings of its own"
	return slices.Concat(
		a.routes(accounts.Viewer,
			get("/sources", a.listSources),
			get("/sources/:name", a.showSource),
			post("/sources/:name/validate", a.validateSource),
			put("/sources/:name/validate", a.validateSource),
		),
		a.routes(accounts.Author,
			absent(http.MethodPost, "/sources", why),
			absent(http.MethodPut, "/sources/:name", why),
			absent(http.MethodDelete, "/sources/:name", why),
			absent(http.MethodPost, "/sources/:name/policyRules", noPolicies),
			absent(http.MethodDelete, "/sources/:name/policyRules/:type/:rule", noPolicies),
		),
	)
}

// source is where trees stand, as the API shows it.
type source struct {
	sourceRef

	Properties             map[string]any `json:"properties"`
	PolicyRules            []any          `json:"policyRules,omitzero"`
	SourceGroups           []string       `json:"sourceGroups,omitzero"`
	TreeNames              []string       `json:"treeNames,omitzero"`
	PredefinedSourceGroups []string       `json:"predefinedSourceGroups,omitzero"`
	PredefinedTreeNames    []string       `json:"predefinedTreeNames,omitzero"`
	Trees                  []tree         `json:"trees,omitzero"`
	*stamped
}

// newSourceRef names a source. Those of other names are the vendor's Adhoc:
// nothing but a call fires their trees.
func newSourceRef(name string) sourceRef {
	kind := "Adhoc"
	if name == trees.DefaultSource {
		kind = name
	}
	return sourceRef{Name: name, Status: treeActive, Type: kind}
}

// sources lists the names of sources: the vendor's own, that of the space, and
// those that trees name. "-" is no source, but where global routines stand.
func (a *api) sources() []string {
	library := a.services.Trees.Library()
	names := map[string]bool{trees.DefaultSource: true}
	if space := library.Space(); space != nil && space.Source != "" {
		names[space.Source] = true
	}
	for _, t := range library.All() {
		if t.Title.Source != trees.Global {
			names[t.Title.Source] = true
		}
	}
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func (a *api) newSource(name string, req *request) source {
	shown := source{sourceRef: newSourceRef(name), Properties: map[string]any{}}
	if space := a.services.Trees.Library().Space(); space != nil && name == space.Source {
		shown.Type = trees.DefaultSource // events fire its trees
		shown.Properties["Space Slug"] = space.Slug
	}
	if req.includes["policyRules"] {
		shown.PolicyRules = []any{}
	}
	if req.includes["details"] {
		shown.stamped = &stamped{}
	}
	a.includeNames(&shown, req)
	if req.includes["predefinedSourceGroups"] || req.includes["predefinedTreeNames"] {
		groups, names := predefined(a.services.Catalogue(), shown.Type)
		if req.includes["predefinedSourceGroups"] {
			shown.PredefinedSourceGroups = groups
		}
		if req.includes["predefinedTreeNames"] {
			shown.PredefinedTreeNames = names
		}
	}
	return shown
}

// includeNames adds the groups and trees of a source.
func (a *api) includeNames(s *source, req *request) {
	groups, names, list := []string{}, []string{}, []tree{}
	for _, t := range a.services.Trees.Library().All() {
		if t.Title.Source != s.Name {
			continue
		}
		if !slices.Contains(groups, t.Title.Group) {
			groups = append(groups, t.Title.Group)
		}
		if !slices.Contains(names, t.Title.Name) {
			names = append(names, t.Title.Name)
		}
		list = append(list, newTree(t, &request{}))
	}
	if req.includes["sourceGroups"] {
		s.SourceGroups = groups
	}
	if req.includes["treeNames"] {
		slices.Sort(names)
		s.TreeNames = names
	}
	if req.includes["trees"] {
		s.Trees = list
	}
}

// slots writes the places of slugs in a group as the vendor does.
var slots = strings.NewReplacer("[kapp]", "(kapp-slug)", "[form]", "(form-slug)")

// predefined lists the groups and names where the naming convention looks. A
// source that no event knows has none.
func predefined(c *event.Catalogue, kind string) (groups, names []string) {
	groups, names = []string{}, []string{}
	if kind != trees.DefaultSource {
		return groups, names
	}
	for _, k := range c.Kinds() {
		for _, rung := range k.Ladder {
			if group := slots.Replace(rung.Group); !slices.Contains(groups, group) {
				groups = append(groups, group)
			}
			for _, name := range rung.Names {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(groups)
	slices.Sort(names)
	return groups, names
}

func (a *api) listSources(_ context.Context, req *request) (any, error) {
	p, err := req.paging(false)
	if err != nil {
		return nil, err
	}
	var list []source
	for _, name := range a.sources() {
		list = append(list, a.newSource(name, req))
	}
	return listed(p, "sourceRoots", list), nil
}

func (a *api) findSource(req *request) (string, error) {
	name := req.Params["name"]
	if !slices.Contains(a.sources(), name) {
		return "", missing("there is no source %q", clip(name))
	}
	return name, nil
}

func (a *api) showSource(_ context.Context, req *request) (any, error) {
	name, err := a.findSource(req)
	if err != nil {
		return nil, err
	}
	return a.newSource(name, req), nil
}

// validateSource finds nothing wrong with a source that is there, because it
// has no settings.
func (a *api) validateSource(_ context.Context, req *request) (any, error) {
	name, err := a.findSource(req)
	if err != nil {
		return nil, err
	}
	return success("Validated source " + name), nil
}
