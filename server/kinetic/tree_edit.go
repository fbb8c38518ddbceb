package kinetic

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"hooktree/engine"
	"hooktree/trees"
)

// sentTree is a tree as clients send it. Only the YAML is taken over; the
// other members must say what the YAML says.
type sentTree struct {
	YAML        string          `json:"treeYaml"`
	JSON        json.RawMessage `json:"treeJson"`
	XML         json.RawMessage `json:"treeXml"`
	ContentURL  string          `json:"contentUrl"`
	Name        string          `json:"name"`
	SourceName  string          `json:"sourceName"`
	SourceGroup string          `json:"sourceGroup"`
	GroupName   string          `json:"groupName"` // of a clone, by the vendor's own document
	Definition  string          `json:"definitionId"`
	Status      string          `json:"status"`
	Type        string          `json:"type"`
	OwnerEmail  string          `json:"ownerEmail"`
	VersionID   json.RawMessage `json:"versionId"`
}

// readTree reads the body of a create: JSON, or the text as a file.
func readTree(req *request) (sentTree, error) {
	kind, params, err := req.mediaType(typeJSON, typeMultipart)
	if err != nil {
		return sentTree{}, err
	}
	var sent sentTree
	if kind == typeMultipart {
		content, err := upload(req.Body, params["boundary"], "content")
		if err != nil {
			return sent, err
		}
		sent.YAML = string(content)
	} else if err := readJSON(req.Body, &sent); err != nil {
		return sent, err
	}
	return sent, sent.refuse()
}

// refuse tells of what a tree cannot be made from.
func (s *sentTree) refuse() error {
	begin := strings.TrimSpace(s.YAML)
	switch {
	case len(s.JSON) > 0 && string(s.JSON) != "null":
		return unsupported("trees cannot be read from treeJson by this version of hooktree; send the tree's YAML as treeYaml")
	case len(s.XML) > 0 && string(s.XML) != "null", strings.HasPrefix(begin, "<"):
		return unsupported("trees cannot be read from the vendor's XML by this version of hooktree; send the tree's YAML as treeYaml")
	case strings.HasPrefix(begin, "{"):
		return unsupported("trees cannot be read from the vendor's JSON by this version of hooktree; send the tree's YAML as treeYaml")
	case s.ContentURL != "":
		return unsupported("trees are not fetched from other places; send the tree's YAML as treeYaml")
	default:
		return nil
	}
}

// agrees refuses members that say something else than the YAML.
func (s *sentTree) agrees(t *trees.Tree) error {
	is := newTree(t, &request{})
	for _, m := range []struct{ member, sent, is string }{
		{"name", s.Name, is.Name},
		{"sourceName", s.SourceName, is.SourceName},
		{"sourceGroup", s.SourceGroup, is.SourceGroup},
		{"definitionId", s.Definition, routineOr(is.DefinitionID)},
		{"status", s.Status, is.Status},
		{"type", s.Type, is.Type},
		{"ownerEmail", s.OwnerEmail, is.OwnerEmail},
	} {
		if m.sent != "" && m.sent != m.is {
			return invalid("%s is %q, and the tree's YAML says %q; change the YAML, which is what is kept", m.member, clip(m.sent), m.is)
		}
	}
	return nil
}

func routineOr(id *string) string {
	if id == nil {
		return ""
	}
	return *id
}

// checked gives the tree that a YAML makes, or all of its faults.
func (a *api) checked(yaml string) (*trees.Tree, error) {
	t, faults := a.services.Trees.Try([]byte(yaml))
	if t == nil {
		return nil, faults
	}
	return t, nil
}

func (a *api) createTree(ctx context.Context, req *request) (any, error) {
	force, err := req.flag("force", false)
	if err != nil {
		return nil, err
	}
	sent, err := readTree(req)
	if err != nil {
		return nil, err
	}
	if sent.YAML == "" {
		return nil, invalid("the tree has no text; send its YAML as treeYaml")
	}
	t, err := a.checked(sent.YAML)
	if err != nil {
		return nil, err
	}
	if err := sent.agrees(t); err != nil {
		return nil, err
	}
	edit := trees.Edit{Title: t.Title, YAML: []byte(sent.YAML), Author: req.by(), Origin: trees.OriginAPI}
	if old, exists := a.services.Trees.Library().Find(t.Title); exists {
		if !force {
			return nil, treeTaken(t.Title)
		}
		edit.IfMatch = old.Hash
	}
	return a.putTree(ctx, edit, "Created the %q tree.", req)
}

func treeTaken(title engine.Title) error {
	return fail(http.StatusBadRequest, keyTaken, "there is a tree %q already; change it by PUT, add force=true, or choose another name", title.String())
}

func (a *api) putTree(ctx context.Context, edit trees.Edit, message string, req *request) (any, error) {
	t, err := a.services.Trees.Put(ctx, edit)
	if err != nil {
		return nil, fmt.Errorf("put %s: %w", edit.Title, err)
	}
	return tellTree(message, t, req), nil
}

func tellTree(message string, t *trees.Tree, req *request) any {
	return struct {
		done

		Tree tree `json:"tree"`
	}{success(fmt.Sprintf(message, t.Title.String())), newTree(t, req)}
}

func (a *api) updateTree(ctx context.Context, req *request) (any, error) {
	if err := refuseForms(req); err != nil {
		return nil, err
	}
	t, err := a.findTree(req)
	if err != nil {
		return nil, err
	}
	var sent sentTree
	if err := req.json(&sent); err != nil {
		return nil, err
	}
	if err := sent.refuse(); err != nil {
		return nil, err
	}
	if version := strings.Trim(string(sent.VersionID), `"`); version != "" && version != "null" && version != versionOf(t.Hash) {
		return nil, fail(http.StatusBadRequest, keyStale, "the tree is at the versionId %s and not at %s; read it again, or send null to overwrite it", versionOf(t.Hash), clip(version))
	}
	next := t
	if sent.YAML != "" {
		if next, err = a.checked(sent.YAML); err != nil {
			return nil, err
		}
	}
	if err := sent.agrees(next); err != nil {
		return nil, err
	}
	if sent.YAML == "" {
		return tellTree("The %q tree is as it was sent.", t, req), nil
	}
	edit := trees.Edit{Title: t.Title, YAML: []byte(sent.YAML), IfMatch: t.Hash, Author: req.by(), Origin: trees.OriginAPI}
	return a.putTree(ctx, edit, "Updated the %q tree.", req)
}

func (a *api) deleteTree(ctx context.Context, req *request) (any, error) {
	t, err := a.findTree(req)
	if err != nil {
		return nil, err
	}
	err = a.services.Trees.Delete(ctx, trees.Edit{Title: t.Title, IfMatch: t.Hash, Author: req.by(), Origin: trees.OriginAPI})
	if err != nil {
		return nil, fmt.Errorf("delete %s: %w", t.Title, err)
	}
	return tellTree("Deleted the %q tree.", t, req), nil
}

// cloneTree puts the text of a tree once more, under another title.
func (a *api) cloneTree(ctx context.Context, req *request) (any, error) {
	t, err := a.findTree(req)
	if err != nil {
		return nil, err
	}
	var sent sentTree
	if err := req.json(&sent); err != nil {
		return nil, err
	}
	title := engine.Title{
		Source: cmp.Or(sent.SourceName, t.Title.Source),
		Group:  cmp.Or(sent.SourceGroup, sent.GroupName, t.Title.Group),
		Name:   cmp.Or(sent.Name, t.Title.Name),
	}
	if _, exists := a.services.Trees.Library().Find(title); exists {
		return nil, treeTaken(title)
	}
	if t.Routine && title.Group != trees.Global {
		return nil, invalid("a routine has the group %q; the clone asks for %q", trees.Global, clip(title.Group))
	}
	if sent.Definition != "" && sent.Definition != routineID(title) {
		return nil, invalid("the definition id of a routine follows from its name, and would be %q", routineID(title))
	}
	text, err := retitled(t.YAML, title, t.Routine)
	if err != nil {
		return nil, err
	}
	edit := trees.Edit{Title: title, YAML: text, Author: req.by(), Origin: trees.OriginAPI}
	return a.putTree(ctx, edit, "Cloned to the %q tree.", req)
}
