package masking_test

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hooktree/engine/masking"
)

func TestText_knowsWhatSecretsLookLikeElsewhere(t *testing.T) {
	t.Parallel()

	const secret = `p"ä ss/w&d`
	m := masking.New(map[string]string{"PASSWORD": secret, "EMPTY": ""})
	tests := []struct{ name, text string }{
		{"as it is", secret},
		{"in a query", url.QueryEscape(secret)},
		{"in a path", url.PathEscape(secret)},
		{"in JSON", `p\"ä ss/w\u0026d`},
		{"in HTML", "p&#34;ä ss/w&amp;d"},
		{"quoted by Go", `p\"ä ss/w&d`},
		{"in base64", base64.StdEncoding.EncodeToString([]byte(secret))},
		{"in base64 of URLs", base64.RawURLEncoding.EncodeToString([]byte(secret))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			if got := m.Text("<" + tt.text + ">"); got != "<•••PASSWORD>" {
				t.Errorf("Text = %s", got)
			}
		})
	}
}

func TestText_prefersTheLongerSecret(t *testing.T) {
	t.Parallel()

	m := masking.New(map[string]string{"A": "tree", "B": "hooktree"})
	if got := m.Text("hooktree tree"); got != "•••B •••A" {
		t.Errorf("Text = %s", got)
	}
}

func TestValue_masksNamesMembersAndNumbersInACopy(t *testing.T) {
	t.Parallel()

	m := masking.New(map[string]string{"PIN": "4711", "RATE": "0.25"})
	value := map[string]any{"pin-4711": []any{int64(4711), int64(47110), 0.25, true, nil, "is 4711"}}
	want := map[string]any{"pin-•••PIN": []any{"•••PIN", int64(47110), "•••RATE", true, nil, "is •••PIN"}}
	if diff := cmp.Diff(want, m.Value(value)); diff != "" {
		t.Errorf("Value (-want +got):\n%s", diff)
	}
	if _, kept := value["pin-4711"]; !kept {
		t.Error("Value changed its argument")
	}
}

func TestZeroMasker_changesNothing(t *testing.T) {
	t.Parallel()

	var none masking.Masker
	if got := none.Text("hello"); got != "hello" {
		t.Errorf("Text = %s", got)
	}
	if got := masking.New(nil).Value("hello"); got != "hello" {
		t.Errorf("Value = %v", got)
	}
}

// Whatever surrounds a secret, no spelling of it is left.
func FuzzText(f *testing.F) {
	f.Add("secret-7", "it is ", " here")
	f.Add(`"`, `\`, `"`)
	const mask = "•••NAME"
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		if secret == "" || strings.Contains(mask, secret) || strings.Contains(secret, "•••") {
			return
		}
		got := masking.New(map[string]string{"NAME": secret}).Text(before + secret + after)
		if strings.Count(got, secret) > strings.Count(strings.ReplaceAll(got, mask, ""), secret) {
			t.Errorf("a mask spells %q in %q", secret, got)
		}
		if !strings.Contains(got, mask) {
			t.Errorf("Text of %q = %q; nothing was masked", before+secret+after, got)
		}
	})
}
