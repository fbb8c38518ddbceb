package spelling_test

import (
	"slices"
	"strings"
	"testing"

	"hooktree/engine/spelling"
)

func TestNearest(t *testing.T) {
	t.Parallel()

	long := strings.Repeat("long", 25)
	tests := []struct {
		name  string
		known []string
		want  []string
	}{
		{"Submited", []string{"Created", "Submitted", "Saved"}, []string{"Submitted"}},
		{"submitted", []string{"Created", "Submitted"}, []string{"Submitted"}},
		{"warehuose", []string{"warehouse"}, []string{"warehouse"}},
		{"größe", []string{"grösse", "GRÖßE"}, []string{"GRÖßE", "grösse"}},
		{"cost", []string{"cast", "Costs", "boats", "cost"}, []string{"cost", "Costs", "cast"}},
		{"node", []string{"nodd", "nodc", "nodb", "noda"}, []string{"noda", "nodb", "nodc"}},
		{"same", []string{"sama", "sama"}, []string{"sama"}},
		{"x", []string{"y"}, []string{"y"}},
		{"ab", []string{"cd"}, nil},
		{"fail", []string{"failed"}, []string{"failed"}},
		{"int", []string{"any"}, nil},
		{"laptop", []string{"monitor"}, nil},
		{"laptop", nil, nil},
		{"", []string{"event"}, nil},
		{long[1:], []string{long}, []string{long}},
		{long + "x", []string{long}, nil}, // longer than is looked up
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			if got := spelling.Nearest(tt.name, tt.known); !slices.Equal(got, tt.want) {
				t.Errorf("Nearest(%q, %q) = %q; want %q", tt.name, tt.known, got, tt.want)
			}
		})
	}
}

// One slip of each kind is found, whatever the word and wherever the slip.
func FuzzNearest(f *testing.F) {
	f.Add("warehouse", 3)
	f.Add("größe", 0)
	f.Add("a", 0)
	f.Fuzz(func(t *testing.T, word string, at int) {
		letters := []rune(strings.ToLower(word))
		if len(letters) < 2 || len(word) > 80 {
			return
		}
		at = max(at, 0) % (len(letters) - 1)
		swapped := slices.Clone(letters)
		swapped[at], swapped[at+1] = swapped[at+1], swapped[at]
		slips := map[string][]rune{
			"a letter too few":  slices.Delete(slices.Clone(letters), at, at+1),
			"a letter too many": slices.Insert(slices.Clone(letters), at, 'x'),
			"another letter":    slices.Replace(slices.Clone(letters), at, at+1, 'x'),
			"two letters":       swapped,
		}
		known := string(letters)
		for slip, wrong := range slips {
			if len(string(wrong)) > 100 || strings.ToLower(string(wrong)) != string(wrong) || strings.ToLower(known) != known {
				continue
			}
			if got := spelling.Nearest(string(wrong), []string{known}); len(got) != 1 || got[0] != known {
				t.Errorf("%s: Nearest(%q, %q) = %q", slip, string(wrong), known, got)
			}
		}
	})
}
