package source

import (
	"strings"
	"time"

	"hooktree/webhooks/event"
)

// The fields of Slack's forms that tell what they are.
const (
	fieldPayload = "payload"   // of interactivity: JSON
	fieldCommand = "command"   // of a slash command: /deploy
	fieldCheck   = "ssl_check" // 1 in a request that only looks whether the address answers
)

// slackForm reads what somebody did in Slack's client: a button or a shortcut
// (interactivity) or a slash command. Both are known again by their trigger_id,
// where they have one: view_closed does not.
func slackForm(r *Request) (event.Message, error) {
	fields, err := readForm(r.Body)
	if err != nil {
		return event.Message{}, err
	}
	if fields[fieldPayload] == nil {
		return slackCommand(fields, string(r.Body))
	}
	payload, err := named(fields, "/"+fieldPayload)
	if err != nil {
		return event.Message{}, err
	}
	doc, err := decode([]byte(payload))
	if err != nil {
		return event.Message{}, err
	}
	name, err := named(doc.value, "/type")
	if err != nil {
		return event.Message{}, err
	}
	return event.Message{
		Name: narrowed(name, slackCallback(doc.value)), ID: word(member(doc.value, "trigger_id")),
		Occurred: slackMoment(doc.value), Data: doc.json, Raw: string(r.Body),
	}, nil
}

// slackCallback is the name that the app gave to what was used: the action_id
// of the one element of a message or a view, or the callback_id of a shortcut or
// a view.
func slackCallback(payload any) any {
	if member(payload, "type") == "block_actions" {
		if actions, _ := member(payload, "actions").([]any); len(actions) == 1 {
			return member(actions[0], "action_id")
		}
		return nil
	}
	for _, place := range []string{"/callback_id", "/action_id", "/view/callback_id"} {
		if name := lookup(payload, place); name != nil {
			return name
		}
	}
	return nil
}

// slackMoment is when an interaction happened: 1548426417.840180, of which the
// seconds count.
func slackMoment(payload any) time.Time {
	for _, place := range []string{"/action_ts", "/actions/0/action_ts"} {
		if seconds, _, _ := strings.Cut(word(lookup(payload, place)), "."); seconds != "" {
			return moment(seconds)
		}
	}
	return time.Time{}
}

// slackCommand reads a slash command. Its name is that of the command without
// the slash: slash_command.deploy.
func slackCommand(fields map[string]any, raw string) (event.Message, error) {
	command, err := named(fields, "/"+fieldCommand)
	if err != nil {
		return event.Message{}, lacks("the field payload or command", "send a form as Slack does for interactivity or a slash command")
	}
	doc, err := made(fields, raw)
	if err != nil {
		return event.Message{}, err
	}
	return event.Message{
		Name: narrowed("slash_command", strings.TrimPrefix(command, "/")), ID: word(fields["trigger_id"]), Data: doc.json, Raw: doc.raw,
	}, nil
}

// slackCheck reports whether a request only looks whether its address answers.
func slackCheck(r *Request) bool {
	if !isForm(r) {
		return false
	}
	fields, err := readForm(r.Body)
	return err == nil && fields[fieldCheck] == "1" && fields[fieldCommand] == nil && fields[fieldPayload] == nil
}
