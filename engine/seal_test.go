package engine_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"hooktree/engine"
)

func TestSeals_masks_and_Open_puts_back(t *testing.T) {
	t.Parallel()

	bearer := engine.Sealed{Parts: []engine.Part{{Text: "Bearer "}, {Secret: "KEY"}}}
	basic := engine.Sealed{Parts: []engine.Part{{Basic: &engine.Basic{
		User: engine.Sealed{Parts: []engine.Part{{Text: "me"}}}, Password: engine.Secret("PASS"),
	}}}}
	signed := engine.Sealed{Parts: []engine.Part{{HMAC: &engine.HMAC{
		Algorithm: "sha256", Key: engine.Secret("KEY"), Text: engine.Sealed{Parts: []engine.Part{{Text: "body"}}},
	}}}}
	value := map[string]any{
		"url":   "https://example.com",
		"a/b~c": bearer,
		"list":  []any{int64(1), map[string]any{"auth": basic}, signed},
	}

	masked, seals := engine.Seals(value)
	wantMasked := map[string]any{
		"url":   "https://example.com",
		"a/b~c": "Bearer •••KEY",
		"list":  []any{int64(1), map[string]any{"auth": "Basic •••PASS"}, "•••hmac-sha256"},
	}
	if !reflect.DeepEqual(masked, wantMasked) {
		t.Errorf("masked is %v, want %v", masked, wantMasked)
	}
	var places []string
	for _, s := range seals {
		places = append(places, s.At)
	}
	if got, want := strings.Join(places, " "), "/a~1b~0c /list/1/auth /list/2"; got != want {
		t.Errorf("the seals are at %s, want %s", got, want)
	}

	opened, err := engine.Open(masked, seals, reveal)
	if err != nil {
		t.Fatal(err)
	}
	wantOpened := map[string]any{
		"url":   "https://example.com",
		"a/b~c": "Bearer key!",
		"list": []any{
			int64(1),
			map[string]any{"auth": "Basic bWU6cGFzcyE="},
			"2ad26b5b8eceb2fc387ef0cc680da1c816b2708e2bec72df6d3c530938334f0c",
		},
	}
	if !reflect.DeepEqual(opened, wantOpened) {
		t.Errorf("opened is %v, want %v", opened, wantOpened)
	}
	if !reflect.DeepEqual(masked, wantMasked) {
		t.Error("opening changed the masked value")
	}
}

func reveal(p engine.Part) (string, error) {
	switch p.Secret {
	case "KEY":
		return "key!", nil
	case "PASS":
		return "pass!", nil
	}
	return "", errors.New("no such secret")
}

func TestSeals_leaves_a_value_without_secrets_as_it_is(t *testing.T) {
	t.Parallel()

	value := map[string]any{"a": []any{"•••KEY"}}
	masked, seals := engine.Seals(value)
	if len(seals) != 0 || reflect.ValueOf(masked).Pointer() != reflect.ValueOf(value).Pointer() {
		t.Errorf("Seals gave %v and %v", masked, seals)
	}
}

func TestOpen_refuses_what_does_not_fit(t *testing.T) {
	t.Parallel()

	unknown := engine.Sealed{Parts: []engine.Part{{HMAC: &engine.HMAC{Algorithm: "md5"}}}}
	tests := []struct {
		name   string
		masked any
		seal   engine.Seal
		want   string
	}{
		{"unknown secret", "x", engine.Seal{Sealed: engine.Secret("NO")}, "open : no such secret"},
		{"missing member", map[string]any{}, engine.Seal{At: "/a", Sealed: engine.Secret("KEY")}, `open /a: there is no member "a"`},
		{"missing item", []any{}, engine.Seal{At: "/0", Sealed: engine.Secret("KEY")}, "open /0: there is no item 0"},
		{"no container", "x", engine.Seal{At: "/a", Sealed: engine.Secret("KEY")}, `open /a: text has no member "a"`},
		{"unknown digest", "x", engine.Seal{Sealed: unknown}, `open : hmac knows sha1, sha256 and sha512, not "md5"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			_, err := engine.Open(tt.masked, []engine.Seal{tt.seal}, reveal)
			if message(err) != tt.want {
				t.Errorf("Open gave %q, want %q", message(err), tt.want)
			}
		})
	}
}
