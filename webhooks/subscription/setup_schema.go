package subscription

import "strconv"

// object is a piece of a JSON Schema.
type object = map[string]any

// Schema gives the JSON Schema of `dialects:` in space.yaml, for editors. What
// the names of a rule mean is checked by [ReadSetups] alone.
func Schema(dialects []Dialect) map[string]any {
	properties := object{}
	for i := range dialects {
		properties[dialects[i].Name] = dialects[i].schema()
	}
	return object{
		"type": []any{"object", "null"}, "description": "settings of REST-hooks dialects",
		"additionalProperties": false, "properties": properties,
	}
}

func (d *Dialect) schema() object {
	properties := object{Visible: object{
		"type":        "string",
		"description": "an expression over user (id, name, email of a subscription's owner) and the event: whether the owner may see it",
	}}
	for _, o := range d.Options {
		schema := object{"type": "string", "description": o.Note, "default": o.Default}
		switch o.Kind {
		case ChoiceOption:
			choices := make([]any, len(o.Choices))
			for i, choice := range o.Choices {
				choices[i] = choice
			}
			schema["enum"] = choices
		case DurationOption:
			schema["pattern"] = `^([0-9]+(\.[0-9]+)?[smhdw])+$`
		case TextOption:
			schema["maxLength"] = maxSetting
		case URIOption:
			schema["format"], schema["maxLength"] = "uri", maxSetting
		case NumberOption:
			number, _ := strconv.Atoi(o.Default) // a default is a good setting
			schema["type"], schema["default"] = "integer", number
			schema["minimum"], schema["maximum"] = o.Range[0], o.Range[1]
		case ZoneOption:
			schema["examples"] = []any{"Pacific/Auckland"}
		}
		properties[o.Name] = schema
	}
	return object{
		"type": []any{"object", "null"}, "description": "settings of " + d.Title,
		"additionalProperties": false, "properties": properties,
	}
}
