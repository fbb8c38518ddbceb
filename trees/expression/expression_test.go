package expression_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hooktree/engine"
	"hooktree/trees/expression"
)

func TestCompile_givesValues(t *testing.T) {
	t.Parallel()

	utc := func(year, month, day, hour int) time.Time {
		return time.Date(year, time.Month(month), day, hour, 0, 0, 0, time.UTC)
	}
	tests := []struct {
		name string
		text string
		want any
	}{
		{"a comparison", `values.Cost > 1000`, true},
		{"a name with a space", `values["Needed By"]`, "2026-03-01"},
		{"a declared field that is not filled in is nil", `values.Notes`, nil},
		{"a default for it", `values.Notes ?? "none"`, "none"},
		{"a node without a result is nil", `nodes.approval == nil`, true},
		{"optional access of a node without a result", `nodes.approval?.decision`, nil},
		{"which skips the rest of its chain", `inputs.none?.a.b.c`, nil},
		{"optional access of a missing member", `nodes.manager.body?.boss`, nil},
		{"and on from there", `nodes.manager.body?.boss?.name`, nil},
		{"optional access of an item", `values.Items?.[9]`, nil},
		{"optional access by a computed name", `nodes.approval?.[values["Needed By"]].x`, nil},
		{"an item", `values.Items[0].sku`, "laptop"},
		{"an item from the end", `values.Items[-1].sku`, "bag"},
		{"a computed name", `values.Extra["i" + "d"]`, int64(9007199254740993)},

		{"integers stay exact", `values.Extra.id + 1`, int64(9007199254740994)},
		{"and with a product", `values.Extra.id * 3 - 2 * values.Extra.id`, int64(9007199254740993)},
		{"the largest integer", `9223372036854775806 + 1`, int64(9223372036854775807)},
		{"the smallest integer", `-9223372036854775807 - 1`, int64(-9223372036854775808)},
		{"a product that just fits", `-4611686018427387904 * 2`, int64(-9223372036854775808)},
		{"remainder of the smallest", `(-9223372036854775807 - 1) % -1`, int64(0)},
		{"an integer and a float", `values.Quantity + 0.5`, 3.5},
		{"division gives a float", `7 / 2`, 3.5},
		{"minus a value", `-values.Quantity`, int64(-3)},
		{"an integer equals a float of its amount", `values.Quantity == 3.0`, true},
		{"inside lists too", `[1, 2.5] == values.Extra.parts`, true},
		{"lengths are int64", `len(values.Items)`, int64(2)},
		{"counts are int64", `count(values.Items, .qty > 0)`, int64(1)},
		{"indexes are int64", `findIndex(values.Items, .qty == 0)`, int64(1)},
		{"positions are int64", `indexOf("größe", "ß")`, int64(3)},
		{"the index of an item", `map(values.Tags, #index)`, []any{int64(0), int64(1), int64(2)}},
		{"a range is a list of int64", `2..4`, []any{int64(2), int64(3), int64(4)}},
		{"sum of integers", `sum(values.Items, .qty)`, int64(2)},
		{"sum of nothing", `sum([])`, int64(0)},
		{"int of text", `int("42") + 1`, int64(43)},
		{"rounding gives a float", `round(2.6)`, 3.0},
		{"bits", `bitor(bitshl(1, 4), 1)`, int64(17)},

		{"keys are in order", `keys({b: 1, a: 2, c: 3})`, []any{"a", "b", "c"}},
		{"pairs are in order", `toPairs({b: 1, a: 2})`, []any{[]any{"a", int64(2)}, []any{"b", int64(1)}}},
		{"even past our own", `::keys({b: 1, a: 2})`, []any{"a", "b"}},
		{"pairs become a map", `fromPairs([["a", 1]])`, map[string]any{"a": int64(1)}},
		{"groups are a map of lists", `groupBy(values.Tags, #)`, map[string]any{"new": []any{"new", "new"}, "it": []any{"it"}}},
		{"sorting keeps the order of equal items", `map(sortBy([{k: 1, n: "a"}, {k: 0, n: "b"}, {k: 1, n: "c"}], .k), .n)`, []any{"b", "a", "c"}},
		{"sorting downward too", `map(sortBy([{k: 1, n: "a"}, {k: 0, n: "b"}, {k: 1, n: "c"}], .k, "desc"), .n)`, []any{"a", "c", "b"}},
		{"however many there are", `let list = sortBy(map(1..100, ({n: #, k: # % 2})), .k); all(1..49, list[# - 1].n < list[#].n)`, true},
		{"sorting integers and floats", `sort([3, 1.5, 2])`, []any{1.5, int64(2), int64(3)}},
		{"uniq", `uniq(values.Tags)`, []any{"new", "it"}},
		{"uniq of an integer and its float", `uniq([1, 1.0, "1", [1], [1.0]])`, []any{int64(1), "1", []any{int64(1)}}},
		{"flatten", `flatten([1, [2, [3]]])`, []any{int64(1), int64(2), int64(3)}},
		{"concat of nothing is a list", `concat([], [])`, []any{}},
		{"reverse", `reverse(values.Tags)`, []any{"new", "it", "new"}},
		{"first of an empty list is nil", `first([])`, nil},
		{"a part of a list", `values.Tags[1:]`, []any{"it", "new"}},
		{"a part of text counts letters", `"größe"[1:4]`, "röß"},
		{"reduce", `reduce(values.Items, #acc + #.qty, 10)`, int64(12)},
		{"reduce without a start", `reduce([1, 2, 3], #acc + #)`, int64(6)},
		{"a pipe", `values.Items | filter(.qty > 0) | map(.sku)`, []any{"laptop"}},
		{"in a list", `values.Quantity in [1, 2, 3]`, true},
		{"not in a list", `values.Quantity not in [1, 2]`, true},
		{"in a map", `"sku" in values.Items[0]`, true},
		{"let", `let x = values.Quantity; x * x`, int64(9)},
		{"if", `if values.Quantity > 2 { "many" } else { "few" }`, "many"},
		{"members of either of two records", `(nodes.approval ?? nodes.manager).status`, int64(200)},
		{"both of them", `map([nodes.manager, {status: 1, x: 2}], .status)`, []any{int64(200), int64(1)}},

		{"JSON with names in order", `toJSON({b: [1, 2.0, nil], a: "<é>"})`, `{"a":"<é>","b":[1,2,null]}`},
		{"JSON keeps integers", `fromJSON("{\"id\": 9007199254740993}").id`, int64(9007199254740993)},
		{"split and join", `join(split("a,b", ","), "-")`, "a-b"},
		{"contains of nil is false", `values.Notes contains "x"`, false},
		{"matches", `values["Needed By"] matches "^\\d{4}-"`, true},
		{"matches a computed pattern", `values["Needed By"] matches ("^2" + "0")`, true},

		{"a duration in days", `duration("1w1d1h1m1s")`, 8*24*time.Hour + time.Hour + time.Minute + time.Second},
		{"a time and a duration", `values.Due + duration("1d")`, utc(2026, 3, 2, 9)},
		{"two times", `values.Due - date("2026-03-01") == duration("9h")`, true},
		{"twice a duration", `duration("1h") * 2`, 2 * time.Hour},
		{"a date has no zone of the machine", `date("2026-03-01")`, utc(2026, 3, 1, 0)},
		{"a date with an offset", `date("2026-03-01T09:00:00+02:00") == date("2026-03-01T07:00:00Z")`, true},
		{"a date by its layout", `date("01.03.2026", "02.01.2006")`, utc(2026, 3, 1, 0)},
		{"parts of a time", `[values.Due.Year(), values.Due.Month(), values.Due.Weekday()]`, []any{int64(2026), int64(3), int64(0)}},
		{"a time as text", `values.Due.Format("2 Jan")`, "1 Mar"},
		{"minutes of a duration", `duration("90s").Minutes()`, 1.5},
		{"the step's time", `run.now.Hour()`, int64(4)},

		{"text of a number", `string(0.1 + 0.2)`, "0.30000000000000004"},
		{"text of a large float", `string(123456789.0 * 10)`, "1234567890"},
		{"text of a duration", `string(duration("26h"))`, "1d2h"},
		{"a secret", `secret('HR_TOKEN')`, engine.Secret("HR_TOKEN")},
		{"one of two secrets", `values.Approved ? secret('HR_TOKEN') : secret('SIGNING_KEY')`, engine.Secret("HR_TOKEN")},
		{"a secret that came in by a value", `inputs.token`, engine.Secret("HR_TOKEN")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			e, err := expression.Compile(tt.text, desk(), "")
			if err != nil {
				t.Fatalf("Compile(%s): %v", tt.text, err)
			}
			got, err := e.Eval(request())
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s = %#v, %v; want %#v", tt.text, got, err, tt.want)
			}
		})
	}
}

func TestTemplate_givesTextOrTheValueItself(t *testing.T) {
	t.Parallel()

	sealed := func(parts ...engine.Part) engine.Sealed { return engine.Sealed{Parts: parts} }
	text := func(s string) engine.Part { return engine.Part{Text: s} }
	tests := []struct {
		name string
		text string
		want any
	}{
		{"nothing", ``, ""},
		{"plain text", `hello`, "hello"},
		{"one expression keeps its type", `${ values.Quantity }`, int64(3)},
		{"a list", `${ values.Tags }`, []any{"new", "it", "new"}},
		{"nil by itself", `${ values.Notes }`, nil},
		{"a space makes it text", `${ values.Quantity } `, "3 "},
		{"text around", `a ${ values.Quantity } b ${ values.Cost }`, "a 3 b 2400.5"},
		{"two expressions", `${ 1 }${ 2.0 }`, "12"},
		{"a condition", `ok: ${ values.Approved }`, "ok: true"},
		{"a time", `at ${ values.Due }`, "at 2026-03-01T09:00:00Z"},
		{"a duration", `in ${ duration("90m") }`, "in 1h30m"},
		{"a list in text", `x ${ values.Extra }`, `x {"id":9007199254740993,"parts":[1,2.5]}`},
		{"a literal", `$${ values.Quantity }`, "${ values.Quantity }"},
		{"a literal and an expression", `$${a} ${ 1 }`, "${a} 1"},
		{"dollars", `$5 and $`, "$5 and $"},
		{"braces inside", `${ {a: {b: '}'}}.a.b }!`, "}!"},
		{"quotes inside", `${ "a\"}" }!`, `a"}!`},
		{"braces outside", `{"a": ${ 1 }}`, `{"a": 1}`},
		{"letters of several bytes", `größe ${ values.Quantity } ß`, "größe 3 ß"},
		{"a secret in text", `Bearer ${ secret('HR_TOKEN') }`, sealed(text("Bearer "), engine.Part{Secret: "HR_TOKEN"})},
		{"text joins text", `a ${ 1 } ${ secret('HR_TOKEN') } b ${ 2 }`, sealed(text("a 1 "), engine.Part{Secret: "HR_TOKEN"}, text(" b 2"))},
		{"a secret of a value", `x ${ inputs.token }`, sealed(text("x "), engine.Part{Secret: "HR_TOKEN"})},
		{"basic", `${ basic('me', secret('HR_TOKEN')) }`, sealed(engine.Part{Basic: &engine.Basic{
			User: sealed(text("me")), Password: engine.Secret("HR_TOKEN"),
		}})},
		{"hmac", `v1=${ hmac('sha256', secret('SIGNING_KEY'), "x") }`, sealed(text("v1="), engine.Part{HMAC: &engine.HMAC{
			Algorithm: "sha256", Key: engine.Secret("SIGNING_KEY"), Text: sealed(text("x")),
		}})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			e, err := expression.Template(tt.text, desk())
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Eval(request())
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s = %#v, %v; want %#v", tt.text, got, err, tt.want)
			}
			if e.String() != tt.text {
				t.Errorf("String() = %q, want the author's %q", e.String(), tt.text)
			}
		})
	}
}

func TestCompile_bringsTheWantedKind(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name  string
		text  string
		want  engine.Kind
		value any
		fault string // part of the fault or error; empty for none
	}{
		{"a condition", `values.Cost > 1`, engine.KindBool, true, ""},
		{"text is no condition", `values.Notes`, engine.KindBool, nil, "values.Notes is text, where true or false is needed"},
		{"nor is what turns out to be text", `error.message`, engine.KindBool, nil, "error.message is text"},
		{"nil is no condition", `inputs.none`, engine.KindBool, nil, "give a default: inputs.none ?? false"},
		{"a list", `values.Tags`, engine.KindList, []any{"new", "it", "new"}, ""},
		{"a number is no list", `values.Cost`, engine.KindList, nil, "where a list is needed"},
		{"an integer as a key", `values.Quantity`, engine.KindText, "3", ""},
		{"a list is no key", `values.Tags`, engine.KindText, nil, "where text is needed"},
		{"a secret as text", `secret('HR_TOKEN')`, engine.KindText, engine.Secret("HR_TOKEN"), ""},
		{"a whole float as an integer", `6 / 2`, engine.KindInteger, int64(3), ""},
		{"half is no integer", `7 / 2`, engine.KindInteger, nil, "3.5, where an integer is needed"},
		{"a duration of text", `"2d"`, engine.KindDuration, 48 * time.Hour, ""},
		{"a duration that is none", `error.message`, engine.KindDuration, nil, "write it as in \"5d\""},
		{"a time of text", `values["Needed By"]`, engine.KindTime, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), ""},
		{"a time that is none", `error.message`, engine.KindTime, nil, "is not a time"},
		{"a record as a map", `nodes.manager`, engine.KindMap, request()["nodes"].(map[string]any)["manager"], ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			e, err := expression.Compile(tt.text, desk(), tt.want)
			var got any
			if err == nil {
				got, err = e.Eval(request())
			}
			if tt.fault == "" && err != nil || tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault)) {
				t.Fatalf("%s as %s: %v, want %q", tt.text, tt.want, err, tt.fault)
			}
			if !reflect.DeepEqual(got, tt.value) {
				t.Errorf("%s as %s = %#v, want %#v", tt.text, tt.want, got, tt.value)
			}
		})
	}
}

func TestExpr_tellsWhatItReads(t *testing.T) {
	t.Parallel()

	text := `${ nodes.order[0].po_number } ${ nodes.approval?.decision } ${ nodes["manager"].status } ${ nodes.approval == nil } ${ secret('SIGNING_KEY') }${ secret('HR_TOKEN') }`
	e, err := expression.Template(text, desk())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := e.Reads(), []engine.NodeID{"approval", "manager", "order"}; !slices.Equal(got, want) {
		t.Errorf("Reads() = %v, want %v", got, want)
	}
	if got, want := e.Secrets(), []string{"HR_TOKEN", "SIGNING_KEY"}; !slices.Equal(got, want) {
		t.Errorf("Secrets() = %v, want %v", got, want)
	}
	want := []struct {
		node engine.NodeID
		text string
		bare bool
	}{
		{"order", "nodes.order[0].po_number", true},
		{"approval", "nodes.approval?.decision", false},
		{"manager", `nodes["manager"].status`, true},
		{"approval", "nodes.approval", false},
	}
	uses := e.Uses()
	if len(uses) != len(want) {
		t.Fatalf("Uses() = %v, want %d of them", uses, len(want))
	}
	for i, use := range uses {
		got := text[use.Offset : use.Offset+use.Length]
		if use.Node != want[i].node || got != want[i].text || use.Bare != want[i].bare {
			t.Errorf("use %d = %s %q %t, want %v", i, use.Node, got, use.Bare, want[i])
		}
	}
}

func TestExpr_knowsItsType(t *testing.T) {
	t.Parallel()

	tests := []struct {
		text string
		want engine.Type
	}{
		{`values.Cost > 1`, of(engine.KindBool)},
		{`values.Quantity + 1`, of(engine.KindInteger)},
		{`values.Quantity + 0.5`, of(engine.KindNumber)},
		{`values.Items`, listOf(record(map[string]engine.Type{"sku": of(engine.KindText), "qty": of(engine.KindInteger)}))},
		{`map(values.Items, .sku)`, of(engine.KindList)},
		{`nodes.order[0]`, record(map[string]engine.Type{"po_number": of(engine.KindText)})},
		{`values.Extra`, of(engine.KindAny)},
		{`secret('HR_TOKEN')`, of(engine.KindText)},
		{`duration("1d")`, of(engine.KindDuration)},
		{`nodes.approval ?? nodes.manager`, of(engine.KindMap)},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()

			e, err := expression.Compile(tt.text, desk(), engine.KindAny)
			if err != nil {
				t.Fatal(err)
			}
			if got := e.Type(); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Type() = %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestEnv_With(t *testing.T) {
	t.Parallel()

	parent := desk()
	child := parent.With(map[string]engine.Type{"item": record(map[string]engine.Type{"sku": of(engine.KindText)})})
	if _, err := expression.Compile(`item.sku == values["Needed By"]`, child, engine.KindBool); err != nil {
		t.Errorf("a child scope does not know its names: %v", err)
	}
	if _, err := expression.Compile(`item.sku`, parent, ""); err == nil {
		t.Error("a child's name leaked into its parent")
	}
	if _, err := expression.Compile(`item.skuu`, child, ""); err == nil {
		t.Error("a misspelled member of a child's name is no fault")
	}
	if _, err := expression.Compile(`1 + 1`, nil, ""); err != nil {
		t.Errorf("no environment at all: %v", err)
	}
}

func TestComposedValues(t *testing.T) {
	t.Parallel()

	template := func(text string) expression.Expr {
		e, err := expression.Template(text, desk())
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	body := expression.Mapping([]string{"to", "n", "tags"}, []expression.Expr{
		template("${ nodes.manager.body.email }"),
		expression.Literal(map[string]any{"a": 1, "b": []any{uint64(2)}}),
		expression.List([]expression.Expr{template("x-${ values.Quantity }"), template("${ secret('HR_TOKEN') }")}),
	})
	got, err := body.Eval(request())
	want := map[string]any{
		"to":   "manager@example.com",
		"n":    map[string]any{"a": int64(1), "b": []any{int64(2)}},
		"tags": []any{"x-3", engine.Secret("HR_TOKEN")},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Eval = %#v, %v; want %#v", got, err, want)
	}
	if got := body.Reads(); !slices.Equal(got, []engine.NodeID{"manager"}) {
		t.Errorf("Reads() = %v", got)
	}
	if got := body.Secrets(); !slices.Equal(got, []string{"HR_TOKEN"}) {
		t.Errorf("Secrets() = %v", got)
	}
	wantType := record(map[string]engine.Type{
		"to":   of(engine.KindAny),
		"n":    record(map[string]engine.Type{"a": of(engine.KindInteger), "b": of(engine.KindList)}),
		"tags": listOf(of(engine.KindText)),
	})
	if got := body.Type(); !reflect.DeepEqual(got, wantType) {
		t.Errorf("Type() = %+v, want %+v", got, wantType)
	}
	if got, want := body.String(), `{to: ${ nodes.manager.body.email }, n: {"a":1,"b":[2]}, tags: [x-${ values.Quantity }, ${ secret('HR_TOKEN') }]}`; got != want {
		t.Errorf("String() = %s, want %s", got, want)
	}

	failing := expression.Mapping([]string{"list"}, []expression.Expr{
		expression.List([]expression.Expr{template("${ nodes.approval.decision }")}),
	})
	_, err = failing.Eval(request())
	if fault, ok := errors.AsType[*expression.Fault](err); !ok || !strings.HasPrefix(err.Error(), "list: item 0: ") {
		t.Errorf("an error inside has no place: %v (%v)", err, fault)
	}
}

// Faults must be found by errors.As, whichever of them is asked for.
func TestFaults_areFoundInAnError(t *testing.T) {
	t.Parallel()

	_, err := expression.Compile(`values.Cst`, desk(), "")
	fault, ok := errors.AsType[*expression.Fault](err)
	if !ok || fault.Offset != 7 || fault.Length != 3 || fault.Hint != "did you mean Cost?" {
		t.Errorf("errors.AsType found %+v in %v", fault, err)
	}
}

func TestEval_ofANameThatIsNotInScope(t *testing.T) {
	t.Parallel()

	e, err := expression.Compile(`error.status == 429`, desk(), engine.KindBool)
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Eval(engine.Scope{"values": map[string]any{}})
	if err == nil || !strings.Contains(err.Error(), "error is not known here") {
		t.Errorf("a name that is not in scope gave %v", err)
	}
}

func TestEval_isSafeForManyAtOnce(t *testing.T) {
	t.Parallel()

	texts := []string{
		`values.Quantity > 0`, `filter(values.Items, .qty > 0)[0].sku`, `sortBy(values.Items, .qty)`,
		`let x = values.Cost; string(x) + "!"`, `nodes.approval.decision`, `map(1..50, # * #)`,
	}
	exprs := make([]expression.Expr, len(texts))
	answers := make([]any, len(texts))
	failures := make([]error, len(texts))
	for i, text := range texts {
		e, err := expression.Compile(text, desk(), "")
		if err != nil {
			t.Fatal(err)
		}
		exprs[i] = e
		answers[i], failures[i] = e.Eval(request())
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			scope := request()
			for round := range 200 {
				i := (worker + round) % len(exprs)
				got, err := exprs[i].Eval(scope)
				if !reflect.DeepEqual(got, answers[i]) || (err == nil) != (failures[i] == nil) {
					t.Errorf("%s = %v, %v; alone it was %v, %v", texts[i], got, err, answers[i], failures[i])
					return
				}
				if round%50 == 0 {
					if _, err := expression.Explain(exprs[i], scope); (err == nil) != (failures[i] == nil) {
						t.Errorf("Explain of %s: %v", texts[i], err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestCompile_boundsTheText(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name string
		text string
		want string
	}{
		{"a long text", strings.Repeat("1+", 10_000) + "1", "longer than 16 kB"},
		{"many parts", strings.Repeat("1+", 5_000) + "1", "more than 4000 parts"},
		{"deep brackets", strings.Repeat("(", 8_000) + "1" + strings.Repeat(")", 8_000), ""},
		{"open brackets", strings.Repeat("(", 16_000), "ends too early"},
		{"many signs", strings.Repeat("-", 3_000) + "1", ""},
		{"deep members", "values.Extra" + strings.Repeat("?.a", 1_200), ""},
		{"comparisons that share their middles", strings.Repeat("1 < (", 40) + "1" + strings.Repeat(") < 2", 40), "too deep in one another"},
		{"some of them", "1 < (values.Quantity > 1 ? 2 : 3) < 4 and 1 < (values.Quantity < 4 ? 2 : 3) < 4", ""},
		{"what is no UTF-8", "values.\xff", "not UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()

			_, err := expression.Compile(tt.text, desk(), "")
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("Compile: %.200v, want %q", err, tt.want)
			}
		})
	}
}
