package accelo

import "maps"

// all is the word for every field that is not there by default.
const all = "_ALL"

// fields is which fields of a resource an answer shows: those that are there by
// default, unless they are hidden, and those that `_fields` asks for besides.
type fields struct {
	asked []term
	bare  bool // `_hide_defaults`
}

// link is an object that a resource links to: its id by its name alone, itself
// where brackets follow.
type link struct {
	id     any
	object map[string]any
}

// of gives what is shown of a resource. Names that it does not have are passed
// over. All of a linked object's fields are there by default.
func (f fields) of(defaults map[string]any, links map[string]link) map[string]any {
	shown := map[string]any{}
	if !f.bare {
		maps.Copy(shown, defaults)
	}
	for _, t := range f.asked {
		switch to, linked := links[t.name]; {
		case t.name == all:
			for name, to := range links {
				if _, asked := shown[name]; !asked {
					shown[name] = to.id
				}
			}
			maps.Copy(shown, defaults)
		case linked && t.bracket:
			shown[t.name] = fields{asked: t.inner, bare: f.bare}.of(to.object, nil)
		case linked:
			shown[t.name] = to.id
		default:
			if value, ok := defaults[t.name]; ok {
				shown[t.name] = value
			}
		}
	}
	return shown
}
