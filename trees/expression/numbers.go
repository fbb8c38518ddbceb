package expression

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// numberFunctions are about numbers.
func numberFunctions() map[string]function {
	t := map[string]function{
		"int":   {forms: []any{new(func(any) int)}, run: toInteger},
		"float": {forms: []any{new(func(any) float64)}, run: toFloat},
		"abs":   {forms: []any{new(func(int) int), new(func(float64) float64)}, run: abs},
		"round": rounding(math.Round),
		"floor": rounding(math.Floor),
		"ceil":  rounding(math.Ceil),
		"bitnot": {forms: []any{new(func(int) int)}, run: func(_ *frame, a []any) (any, error) {
			x, err := asInteger("bitnot", a[0])
			return ^x, err
		}},
	}
	for name, op := range map[string]func(x, y int64) int64{
		"bitand": func(x, y int64) int64 { return x & y }, "bitor": func(x, y int64) int64 { return x | y },
		"bitxor": func(x, y int64) int64 { return x ^ y }, "bitnand": func(x, y int64) int64 { return x &^ y },
	} {
		t[name] = bitwise(name, op, false)
	}
	for name, op := range map[string]func(x, y int64) int64{
		"bitshl": func(x, y int64) int64 { return x << y }, "bitshr": func(x, y int64) int64 { return x >> y },
		"bitushr": func(x, y int64) int64 { return int64(uint64(x) >> y) },
	} {
		t[name] = bitwise(name, op, true)
	}
	return t
}

func bitwise(name string, op func(x, y int64) int64, shifts bool) function {
	return function{forms: []any{new(func(int, int) int)}, run: func(_ *frame, a []any) (any, error) {
		x, err := asInteger(name, a[0])
		if err != nil {
			return nil, err
		}
		y, err := asInteger(name, a[1])
		if err != nil {
			return nil, err
		}
		if shifts && (y < 0 || y > 63) {
			return nil, &Fault{Message: name + " shifts by 0 to 63 bits, not by " + show(y)}
		}
		return op(x, y), nil
	}}
}

func rounding(op func(float64) float64) function {
	return function{forms: []any{new(func(int) float64), new(func(float64) float64)}, run: func(_ *frame, a []any) (any, error) {
		_, x, _, err := amount(a[0])
		if err != nil {
			return nil, err
		}
		return op(x), nil
	}}
}

// amount reads a number as an integer, where it is one, and as a float.
func amount(v any) (i int64, x float64, whole bool, err error) {
	switch v := v.(type) {
	case int64:
		return v, float64(v), true, nil
	case int:
		return int64(v), float64(v), true, nil
	case float64:
		return 0, v, false, nil
	case nil:
		return 0, 0, false, &Fault{Message: "this takes a number, not nil", Hint: "give a default: (x ?? 0)"}
	case string:
		return 0, 0, false, &Fault{Message: "this takes a number, not text", Hint: "write int(x) or float(x)"}
	}
	return 0, 0, false, &Fault{Message: "this takes a number, not " + valueWord(v)}
}

func abs(_ *frame, a []any) (any, error) {
	i, x, whole, err := amount(a[0])
	switch {
	case err != nil:
		return nil, err
	case !whole:
		return math.Abs(x), nil
	case i == math.MinInt64:
		return nil, overflow()
	case i < 0:
		return -i, nil
	}
	return i, nil
}

func toInteger(_ *frame, a []any) (any, error) {
	switch v := a[0].(type) {
	case string:
		i, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		if err != nil {
			return nil, &Fault{Message: "the text " + show(v) + " is not an integer"}
		}
		return i, nil
	case bool:
		return nil, &Fault{Message: "true and false are no numbers", Hint: "write x ? 1 : 0"}
	}
	i, x, whole, err := amount(a[0])
	switch {
	case err != nil:
		return nil, err
	case whole:
		return i, nil
	case x >= math.MaxInt64 || x <= math.MinInt64:
		return nil, overflow()
	}
	return int64(x), nil
}

func toFloat(_ *frame, a []any) (any, error) {
	if s, ok := a[0].(string); ok {
		x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return nil, &Fault{Message: "the text " + show(s) + " is not a number"}
		}
		return x, nil
	}
	_, x, _, err := amount(a[0])
	if err != nil {
		return nil, err
	}
	return x, nil
}

func overflow() *Fault {
	return &Fault{
		Message: "the result is too large for an integer of 64 bits",
		Hint:    "write float(x) where digits may be lost",
	}
}

// finite refuses results that JSON can't hold.
func finite(x float64) (any, error) {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return nil, &Fault{Message: "the result is too large for a number"}
	}
	return x, nil
}

// operands is the error of an operator whose operands are of the wrong kind.
func operands(operator string, a, b any) error {
	fault := &Fault{Message: operator + " can't take " + valueWord(a) + " and " + valueWord(b)}
	_, leftText := a.(string)
	_, rightText := b.(string)
	switch {
	case a == nil || b == nil:
		fault.Hint = "give a default: (x ?? 0)"
		if leftText || rightText {
			fault.Hint = `give a default: (x ?? "")`
		}
	case operator == "+" && (leftText || rightText):
		fault.Hint = "write string(x), or join them in text: ${ x }"
	case leftText || rightText:
		fault.Hint = "write int(x) or float(x)"
	}
	return fault
}

func isNumber(v any) bool {
	switch v.(type) {
	case int64, int, float64:
		return true
	}
	return false
}

func add(f *frame, a []any) (any, error) {
	switch x := a[0].(type) {
	case string:
		if y, ok := a[1].(string); ok {
			return x + y, f.grow(len(x) + len(y))
		}
	case time.Time:
		if y, ok := a[1].(time.Duration); ok {
			return x.Add(y), nil
		}
	case time.Duration:
		switch y := a[1].(type) {
		case time.Time:
			return y.Add(x), nil
		case time.Duration:
			return addDurations(x, y)
		}
	}
	if !isNumber(a[0]) || !isNumber(a[1]) {
		return nil, operands("+", a[0], a[1])
	}
	i, x, whole, _ := amount(a[0])
	j, y, wholes, _ := amount(a[1])
	if !whole || !wholes {
		return finite(x + y)
	}
	sum := i + j
	if (sum > i) != (j > 0) && j != 0 {
		return nil, overflow()
	}
	return sum, nil
}

func addDurations(x, y time.Duration) (any, error) {
	sum := x + y
	if (sum > x) != (y > 0) && y != 0 {
		return nil, &Fault{Message: "the duration is too long"}
	}
	return sum, nil
}

func subtract(_ *frame, a []any) (any, error) {
	switch x := a[0].(type) {
	case time.Time:
		switch y := a[1].(type) {
		case time.Time:
			return x.Sub(y), nil
		case time.Duration:
			return x.Add(-y), nil
		}
	case time.Duration:
		if y, ok := a[1].(time.Duration); ok && y != math.MinInt64 {
			return addDurations(x, -y)
		}
	}
	if !isNumber(a[0]) || !isNumber(a[1]) {
		return nil, operands("-", a[0], a[1])
	}
	i, x, whole, _ := amount(a[0])
	j, y, wholes, _ := amount(a[1])
	if !whole || !wholes {
		return finite(x - y)
	}
	difference := i - j
	if (difference < i) != (j > 0) && j != 0 {
		return nil, overflow()
	}
	return difference, nil
}

func multiply(_ *frame, a []any) (any, error) {
	if d, ok := a[0].(time.Duration); ok && isNumber(a[1]) {
		return stretch(d, a[1])
	}
	if d, ok := a[1].(time.Duration); ok && isNumber(a[0]) {
		return stretch(d, a[0])
	}
	if !isNumber(a[0]) || !isNumber(a[1]) {
		return nil, operands("*", a[0], a[1])
	}
	i, x, whole, _ := amount(a[0])
	j, y, wholes, _ := amount(a[1])
	if !whole || !wholes {
		return finite(x * y)
	}
	product, ok := times(i, j)
	if !ok {
		return nil, overflow()
	}
	return product, nil
}

// times multiplies, and says whether the product fits.
func times(i, j int64) (int64, bool) {
	high, low := bits.Mul64(distance(i), distance(j))
	negative := (i < 0) != (j < 0)
	switch {
	case high != 0 || low > 1<<63 || low == 1<<63 && !negative:
		return 0, false
	case negative:
		return -int64(low), true
	}
	return int64(low), true
}

// distance is how far i is from zero.
func distance(i int64) uint64 { return magnitude(time.Duration(i)) }

func stretch(d time.Duration, by any) (any, error) {
	j, y, whole, _ := amount(by)
	if whole {
		if product, ok := times(int64(d), j); ok {
			return time.Duration(product), nil
		}
	} else if x := float64(d) * y; math.Abs(x) < math.MaxInt64 {
		return time.Duration(x), nil
	}
	return nil, &Fault{Message: "the duration is too long"}
}

func divide(_ *frame, a []any) (any, error) {
	if !isNumber(a[0]) || !isNumber(a[1]) {
		return nil, operands("/", a[0], a[1])
	}
	_, x, _, _ := amount(a[0])
	_, y, _, _ := amount(a[1])
	if y == 0 {
		return nil, &Fault{Message: "this divides by zero", Hint: "ask before: y == 0 ? 0 : x / y"}
	}
	return finite(x / y)
}

func remainder(_ *frame, a []any) (any, error) {
	x, ok := integer(a[0])
	y, oky := integer(a[1])
	if !ok || !oky {
		return nil, &Fault{Message: "% takes integers, not " + valueWord(a[0]) + " and " + valueWord(a[1]), Hint: "write int(x) % 2"}
	}
	if y == 0 {
		return nil, &Fault{Message: "this divides by zero", Hint: "ask before: y == 0 ? 0 : x % y"}
	}
	if y == -1 {
		return int64(0), nil // the quotient of the smallest integer does not fit
	}
	return x % y, nil
}

func power(_ *frame, a []any) (any, error) {
	if !isNumber(a[0]) || !isNumber(a[1]) {
		return nil, operands("**", a[0], a[1])
	}
	_, x, _, _ := amount(a[0])
	_, y, _, _ := amount(a[1])
	return finite(math.Pow(x, y))
}
