package actionstep

import (
	"strings"

	"hooktree/webhooks/event"
	"hooktree/webhooks/subscription"
)

// title begins the paths of trees.
const title = "Actionstep"

// occasion is one of the vendor's events.
type occasion struct {
	name     string
	resource string // what a delivery is of
	note     string
}

// occasions are in the order of the vendor's page. The resources of
// ActionCreated, ParticipantCreated and FileNoteCreated are the vendor's; of
// the others they are inferred from the names.
var occasions = []occasion{
	{"ActionCreated", "actions", "Action created"},
	{"ActionUpdated", "actions", "Action updated"},
	{"ActionDocumentCreated", "actiondocuments", "Action document created"},
	{"ActionDocumentUpdated", "actiondocuments", "Action document updated"},
	{"ActionDocumentDeleted", "actiondocuments", "Action document deleted"},
	{"ActionParticipantAdded", "actionparticipants", "Participant added to an action"},
	{"ActionParticipantDeleted", "actionparticipants", "Participant removed from an action"},
	{"DataCollectionRecordUpdated", "datacollectionrecords", "Data collection record updated"},
	{"DataCollectionRecordDeleted", "datacollectionrecords", "Data collection record deleted"},
	{"DataCollectionRecordValueUpdated", "datacollectionrecordvalues", "Value of a data collection record updated"},
	{"DisbursementCreated", "disbursements", "Disbursement created"},
	{"DisbursementUpdated", "disbursements", "Disbursement updated"},
	{"FileNoteCreated", "filenotes", "File note created"},
	{"FileNoteUpdated", "filenotes", "File note updated"},
	{"ParticipantCreated", "participants", "Participant created"},
	{"ParticipantUpdated", "participants", "Participant updated"},
	{"StepChanged", "actions", "Step of an action changed"},
	{"TaskCreated", "tasks", "Task created"},
	{"TaskUpdated", "tasks", "Task updated"},
	{"TimeEntryCreated", "timeentries", "Time entry created"},
	{"TimeEntryUpdated", "timeentries", "Time entry updated"},
}

func eventNames() []string {
	names := make([]string, len(occasions))
	for i, o := range occasions {
		names[i] = o.name
	}
	return names
}

// aliases are other names under which the vendor's own examples know two
// events. They are taken, and answers give the names of the list.
var aliases = map[string]string{
	"ActionParticipantCreated": "ActionParticipantAdded",
	"ActionParticipantRemoved": "ActionParticipantDeleted",
}

// canonical is the name of an event as the list has it. One dot at the end is
// left out: the vendor's OpenAPI writes its example with one.
func canonical(name string) string {
	name = strings.TrimSuffix(name, ".")
	if other, ok := aliases[name]; ok {
		return other
	}
	return name
}

// resourceOf is what deliveries of an event are of.
func resourceOf(name string) string {
	for _, o := range occasions {
		if o.name == name {
			return o.resource
		}
	}
	return ""
}

// platform makes the vendor's events kinds of the catalogue: their trees stand
// at `Actionstep > actions / ActionCreated`.
func platform() event.Platform {
	p := event.Platform{Name: Name}
	for _, o := range occasions {
		k := event.Own(Name, o.name, event.Path{Group: title + " > " + o.resource, Name: o.name}, nil, "id")
		k.Note = o.note
		for other, name := range aliases {
			if name == o.name {
				k.Alias(other)
			}
		}
		k.Sample = sample(o.resource)
		p.Kinds = append(p.Kinds, k)
	}
	return p
}

// sample is a resource as a GET shows it.
func sample(resource string) map[string]any {
	s := map[string]any{"id": int64(3)}
	switch resource {
	case "actions":
		s["name"], s["status"] = "Matter No 3", "Active"
		s["links"] = map[string]any{"assignedTo": "10"}
	case "filenotes":
		s["text"], s["enteredTimestamp"] = "A file note", "2020-05-20T09:29:52+13:00"
	case "participants":
		s["displayName"] = "Example, Pat"
	case "tasks":
		s["name"], s["status"] = "Call back", "Incomplete"
	}
	return s
}

// Offers lists the vendor's events.
func (protocol) Offers(*event.Catalogue) []subscription.Offer {
	offers := make([]subscription.Offer, len(occasions))
	for i, o := range occasions {
		offers[i] = subscription.Offer{Key: o.name, Title: o.note, Type: Name, Action: o.name}
	}
	return offers
}
