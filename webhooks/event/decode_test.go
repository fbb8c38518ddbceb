package event_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hooktree/engine"
	"hooktree/webhooks/event"
)

func TestDecode_keeps_every_value_of_a_payload(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name string
		body string
		want any
	}{
		{"an empty object", `{}`, map[string]any{}},
		{"an empty list", ` [ ] `, []any{}},
		{"the literals", `[null,true,false]`, []any{nil, true, false}},
		{"an integer is an int64", `7`, int64(7)},
		{"the largest int64 keeps its last digit", `9223372036854775807`, int64(9223372036854775807)},
		{"the smallest int64 keeps its last digit", `-9223372036854775808`, int64(-9223372036854775808)},
		{"one beyond int64 is a float64", `9223372036854775808`, float64(9223372036854775808)},
		{"a fraction is a float64", `-2.5e-1`, -0.25},
		{"an exponent is a float64", `1e3`, float64(1000)},
		{"minus zero is zero", `-0`, int64(0)},
		{"escapes", `"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00z"`, "a\"\\/\b\f\n\r\té😀z"},
		{"text beyond ASCII", `"Grüße 😀"`, "Grüße 😀"},
		{"nesting", "{\"a\":{\"b\":[1,{\"c\":\"d\"}]},\r\n\t\"e\":null}", map[string]any{"a": map[string]any{"b": []any{int64(1), map[string]any{"c": "d"}}}, "e": nil}},
		{"an empty key", `{"":1}`, map[string]any{"": int64(1)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			got, fault := event.Decode([]byte(tt.body))
			if fault != nil {
				t.Fatalf("Decode: %v", fault)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Decode (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecode_says_where_a_body_is_wrong(t *testing.T) {
	t.Parallel()

	deep := strings.Repeat(`{"a":`, event.MaxDepth) + `[]` + strings.Repeat(`}`, event.MaxDepth)
	tests := []struct {
		name string
		body string
		code event.Code
		want string // Fault.Error without its hint
	}{
		{"nothing", ``, event.CodeMalformed, `1:1: the body is empty`},
		{"only space", " \n ", event.CodeMalformed, `2:2: the body is empty`},
		{"cut off in a text", `{"a":"b`, event.CodeMalformed, `1:8: /a: the body ends where the closing quote of a text should be`},
		{"cut off in an object", `{"a":1`, event.CodeMalformed, `1:7: the body ends where a comma or a closing brace should be`},
		{"cut off after a colon", `{"a":`, event.CodeMalformed, `1:6: /a: the body ends where a value should be`},
		{"a trailing comma", `{"a":1,}`, event.CodeMalformed, `1:8: found '}' where a key in double quotes should be`},
		{"a trailing comma in a list", `[1,]`, event.CodeMalformed, `1:4: /1: found ']' where a value should be`},
		{"a second value", "{}\n{}", event.CodeMalformed, `2:1: text follows the end of the JSON value`},
		{"a bare word", `{"a":yes}`, event.CodeMalformed, `1:6: /a: found 'y' where a value should be`},
		{"a single quote", `{'a':1}`, event.CodeMalformed, `1:2: found '\'' where a key in double quotes should be`},
		{"a leading zero", `{"a":007}`, event.CodeMalformed, `1:6: /a: a number starts with a superfluous zero`},
		{"a bare minus", `[-]`, event.CodeMalformed, `1:3: /0: found ']' where a digit should be`},
		{"a point without digits", `[1.]`, event.CodeMalformed, `1:4: /0: found ']' where a digit should be`},
		{"a number beyond float64", `[1e999]`, event.CodeMalformed, `1:2: /0: a number is too large for any number type`},
		{"a raw line break in a text", "[\"a\nb\"]", event.CodeMalformed, `1:4: /0: a text holds an unescaped control character`},
		{"an unknown escape", `["\x"]`, event.CodeMalformed, `1:4: /0: found 'x' where one of " \ / b f n r t u after the backslash should be`},
		{"bad hexadecimal digits", `["\u12g4"]`, event.CodeMalformed, `1:5: /0: four hexadecimal digits must follow \u`},
		{"hexadecimal digits cut off", `["\u12`, event.CodeMalformed, `1:7: /0: the body ends where four hexadecimal digits should be`},
		{"half of a surrogate pair", `["\ud83d"]`, event.CodeUTF8, `1:3: /0: a text holds half of a surrogate pair`},
		{"two first halves", `["\ud83d\ud83d"]`, event.CodeUTF8, `1:3: /0: a text holds half of a surrogate pair`},
		{"bytes that are not UTF-8", "{\"a\":\"\xff\"}", event.CodeUTF8, `1:7: the body is not valid UTF-8`},
		{"a duplicate key", `{"a":{"b":1,"c":2,"b":3}}`, event.CodeDuplicate, `1:19: /a/b: the key "b" stands twice in one object`},
		{"a duplicate key in disguise", `{"b":1,"\u0062":3}`, event.CodeDuplicate, `1:8: /b: the key "b" stands twice in one object`},
		{"a key that needs escaping in a pointer", `{"a/b~":[x]}`, event.CodeMalformed, `1:10: /a~1b~0/0: found 'x' where a value should be`},
		{"nesting one level too deep", deep, event.CodeTooDeep, `1:321: ` + strings.Repeat("/a", 64) + `: the payload nests deeper than 64 levels`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			_, fault := event.Decode([]byte(tt.body))
			if fault == nil {
				t.Fatal("Decode accepted the body")
			}
			text, _, _ := strings.Cut(fault.Error(), "; ")
			if fault.Code != tt.code || text != tt.want {
				t.Errorf("Decode = %s %q; want %s %q", fault.Code, text, tt.code, tt.want)
			}
		})
	}
}

func TestDecode_allows_the_deepest_nesting(t *testing.T) {
	t.Parallel()

	body := strings.Repeat("[", event.MaxDepth) + strings.Repeat("]", event.MaxDepth)
	if _, fault := event.Decode([]byte(body)); fault != nil {
		t.Errorf("Decode of %d levels: %v", event.MaxDepth, fault)
	}
}

// A body that Decode accepts gives the same values as the engine's own reader,
// which reads it again from the store.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{payload, `[1.0,-0,1e3,9223372036854775808]`, `{"a":"\ud83d\ude00"}`, `{"a":1,"a":2}`, "\xff", `[[[[`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, fault := event.Decode(body)
		if fault != nil {
			if fault.Line < 1 || fault.Column < 1 || fault.Code == "" {
				t.Errorf("fault without a place or code: %+v", fault)
			}
			return
		}
		want, err := engine.DecodeValue(body)
		if err != nil {
			t.Fatalf("Decode accepts what encoding/json refuses: %v", err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("values differ from the engine's (-want +got):\n%s", diff)
		}
	})
}
