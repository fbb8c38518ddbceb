package kinetic

import (
	"encoding/binary"
	"strings"

	"github.com/google/uuid"

	"hooktree/engine"
	"hooktree/trees"
)

// namespace is that of the GUIDs of trees.
var namespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://hooktree.example/trees"))

// guidOf is the tree's GUID: it follows from the title, so that it is the same
// on every server and after every restart.
func guidOf(t engine.Title) string { return uuidOf(t).String() }

func uuidOf(t engine.Title) uuid.UUID { return uuid.NewSHA1(namespace, []byte(t.String())) }

// treeID is the tree's id: the first 48 bits of its GUID, which JavaScript
// holds exactly.
func treeID(t engine.Title) int64 {
	id := uuidOf(t)
	return int64(binary.BigEndian.Uint64(id[:8]) >> 16)
}

// versionOf is the versionId of a version: the begin of its hash. It changes
// with every change, which is all that clients ask of it.
func versionOf(hash string) string { return hash[:min(len(hash), 12)] }

// The types of trees.
const (
	typeTree          = "Tree"
	typeLocalRoutine  = "Local Routine"
	typeGlobalRoutine = "Global Routine"
)

var treeTypes = []string{typeTree, typeLocalRoutine, typeGlobalRoutine}

// typeOf tells trees and routines apart by their titles: routines have no group.
func typeOf(t engine.Title) string {
	switch {
	case t.Group != trees.Global:
		return typeTree
	case t.Source == trees.Global:
		return typeGlobalRoutine
	default:
		return typeLocalRoutine
	}
}

// routineID is the definition id of a routine: routine_send_mail_v1.
func routineID(t engine.Title) string { return "routine_" + slug(t.Name) + "_v1" }

// handlerID is the definition id of a handler: http_v1.
func handlerID(name string) string { return slug(name) + "_v1" }

// slug makes lower-case letters, digits and underscores of a name.
func slug(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		default:
			return '_'
		}
	}, name)
}

// titleOf reads a title in the vendor's form; false for another form.
func titleOf(text string) (engine.Title, bool) {
	parts := strings.Split(text, " :: ")
	if len(parts) != 3 {
		return engine.Title{}, false
	}
	return engine.Title{Source: parts[0], Group: parts[1], Name: parts[2]}, true
}
