package source

import "slices"

// object is a piece of a JSON Schema.
type object = map[string]any

// Schema gives the JSON Schema of `sources:` in space.yaml, for editors. Which
// secrets there are is checked by [ReadAll] alone.
func Schema() map[string]any {
	var ways []any
	for _, kind := range Kinds() {
		ways = append(ways, kindSchema(kind))
	}
	return object{
		"type": []any{"object", "null"}, "maxProperties": MaxSources,
		"description":          "inbound webhooks: each is received at /in/NAME",
		"propertyNames":        object{"pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*$", "maxLength": maxText},
		"additionalProperties": object{"oneOf": ways},
	}
}

func kindSchema(kind Kind) object {
	of := kinds[kind]
	properties := object{"kind": object{"const": string(kind)}}
	for _, key := range slices.Concat(commonKeys[1:], of.keys) {
		properties[key] = keySchema(key)
	}
	needed := []any{"kind"}
	for _, key := range []string{"header", "user"} {
		if slices.Contains(of.keys, key) {
			needed = append(needed, key)
		}
	}
	schema := object{"type": "object", "additionalProperties": false, "properties": properties, "required": needed}
	having := func(keys ...string) []any {
		var either []any
		for _, key := range keys {
			either = append(either, object{"required": []any{key}})
		}
		return either
	}
	switch of.secrets {
	case required:
		schema["oneOf"] = having("secret", "secrets")
	case optional:
		schema["anyOf"] = having("secret", "secrets", "token", "tokens", "open")
	case unused:
		delete(properties, "secret")
		delete(properties, "secrets")
		schema["oneOf"] = having("token", "tokens", "open")
	}
	return schema
}

// keySchema is the schema of a key's value.
func keySchema(key string) object {
	name := object{"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"}
	switch key {
	case "secret", "token":
		return object{"type": "string", "pattern": name["pattern"], "description": keyHelp[key]}
	case "secrets", "tokens":
		return object{"type": "array", "items": name, "minItems": 1, "maxItems": maxSecrets, "uniqueItems": true, "description": keyHelp[key]}
	case "open":
		return object{"type": "boolean", "description": keyHelp[key]}
	case "algorithm":
		return object{"enum": algorithmWords, "description": keyHelp[key]}
	case "encoding":
		return object{"enum": encodingWords, "description": keyHelp[key]}
	case "signs":
		return object{"enum": signsWords, "description": keyHelp[key]}
	case "tolerance":
		return object{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?[smhd])+$`, "description": keyHelp[key]}
	case "id", "timestamp":
		return object{"type": "string", "pattern": `^(header \S+|body /.*)$`, "description": keyHelp[key]}
	case "register":
		return registerSchema(name)
	default:
		return object{"type": "string", "description": keyHelp[key]}
	}
}

// keyHelp says what each key is for.
var keyHelp = map[string]string{
	"note":      "for people",
	"secret":    "name of a declared secret: what the provider signs by",
	"secrets":   "several names, any of which may have signed: while one is changed",
	"token":     "name of a declared secret: its value is ?token= of the address",
	"tokens":    "several names, one of which is in the address",
	"open":      "true lets everybody send",
	"tolerance": "how far the signed time may lie from now; 5m when left out",
	"platform":  "of its events; the source's name when left out",
	"title":     "begins the paths of its events; the platform with a capital when left out",
	"user":      "that the provider signs in as",
	"key":       "identifier of the only access key that may have signed",
	"header":    "that holds the signature or the token",
	"prefix":    "before the signature or the token, such as sha256=",
	"algorithm": "of the HMAC; sha256 when left out",
	"encoding":  "of the signature; hex when left out",
	"signs":     "what is signed; body when left out",
	"id":        "where the delivery's id stands: header NAME, or body /member",
	"event":     "where the event's name stands, or the name itself; received when left out",
	"timestamp": "where the event's time stands: header NAME, or body /member",
	"register":  "how hooktree registers the source at its provider",
}
