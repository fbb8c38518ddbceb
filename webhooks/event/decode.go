package event

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth is how deep lists and mappings may nest in a payload.
const MaxDepth = 64

// Decode reads one JSON value as [engine.DecodeValue] does, with the same
// numbers, and refuses what a stranger should not send: a duplicate key,
// invalid UTF-8, half of a surrogate pair, a number that no float holds,
// nesting beyond [MaxDepth]. Strings share memory with one copy of the body.
//
// It exists because encoding/json keeps the last of two equal keys and turns
// invalid UTF-8 into U+FFFD; its token loop, which could be made strict, is
// several times slower than this single pass.
func Decode(body []byte) (any, *Fault) {
	d, fault := newDecoder(body)
	if fault != nil {
		return nil, fault
	}
	value, fault := d.value()
	if fault != nil {
		return nil, fault
	}
	if fault := d.end(); fault != nil {
		return nil, fault
	}
	return value, nil
}

// decoder reads a text from left to right. Faults carry the pointer of the
// value they were found in: it is built while they travel up, so that a
// payload without faults pays nothing for it.
type decoder struct {
	text  string
	at    int
	depth int
}

// newDecoder checks the encoding and goes to the first byte of the value.
func newDecoder(body []byte) (*decoder, *Fault) {
	d := &decoder{text: string(body)}
	if !utf8.ValidString(d.text) {
		d.at = firstInvalid(d.text)
		return nil, d.fault(CodeUTF8, "the body is not valid UTF-8", "send the payload as UTF-8")
	}
	d.space()
	if d.at == len(d.text) {
		return nil, d.fault(CodeMalformed, "the body is empty", "send one JSON object, or an array of them")
	}
	return d, nil
}

// end checks that nothing but space follows.
func (d *decoder) end() *Fault {
	d.space()
	if d.at < len(d.text) {
		return d.fault(CodeMalformed, "text follows the end of the JSON value", "send one JSON value; several events go into an array")
	}
	return nil
}

func (d *decoder) fault(code Code, text, hint string) *Fault {
	before := d.text[:min(d.at, len(d.text))]
	return &Fault{
		Code: code, Text: text, Hint: hint,
		Line:   strings.Count(before, "\n") + 1,
		Column: len(before) - strings.LastIndexByte(before, '\n'),
	}
}

func (d *decoder) unexpected(want string) *Fault {
	if d.at >= len(d.text) {
		return d.fault(CodeMalformed, "the body ends where "+want+" should be", "the payload was cut off: send it whole")
	}
	r, _ := utf8.DecodeRuneInString(d.text[d.at:])
	return d.fault(CodeMalformed, fmt.Sprintf("found %q where %s should be", r, want), "check the payload with a JSON validator")
}

func (d *decoder) space() {
	for d.at < len(d.text) {
		switch d.text[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

// peek gives the byte at hand, and zero, which JSON never starts with, at the end.
func (d *decoder) peek() byte {
	if d.at < len(d.text) {
		return d.text[d.at]
	}
	return 0
}

func (d *decoder) value() (any, *Fault) {
	switch c := d.peek(); {
	case c == '"':
		text, fault := d.str()
		return text, fault
	case c == '{':
		return nested(d, d.object)
	case c == '[':
		return nested(d, d.array)
	case c == '-' || c >= '0' && c <= '9':
		return d.number()
	default:
		return d.literal()
	}
}

// nested reads a list or a mapping one level deeper.
func nested[T any](d *decoder, read func() (T, *Fault)) (any, *Fault) {
	if d.depth == MaxDepth {
		return nil, d.fault(CodeTooDeep, fmt.Sprintf("the payload nests deeper than %d levels", MaxDepth), "flatten it, or send the inner part as text")
	}
	d.depth++
	value, fault := read()
	d.depth--
	return value, fault
}

func (d *decoder) literal() (any, *Fault) {
	rest := d.text[d.at:]
	switch {
	case strings.HasPrefix(rest, "true"):
		d.at += 4
		return true, nil
	case strings.HasPrefix(rest, "false"):
		d.at += 5
		return false, nil
	case strings.HasPrefix(rest, "null"):
		d.at += 4
		return nil, nil
	default:
		return nil, d.unexpected("a value")
	}
}

func (d *decoder) object() (map[string]any, *Fault) {
	members := make(map[string]any)
	d.at++
	d.space()
	if d.peek() == '}' {
		d.at++
		return members, nil
	}
	for {
		if fault := d.member(members); fault != nil {
			return nil, fault
		}
		d.space()
		switch d.peek() {
		case ',':
			d.at++
			d.space()
		case '}':
			d.at++
			return members, nil
		default:
			return nil, d.unexpected("a comma or a closing brace")
		}
	}
}

func (d *decoder) member(into map[string]any) *Fault {
	if d.peek() != '"' {
		return d.unexpected("a key in double quotes")
	}
	start := d.at
	key, fault := d.str()
	if fault != nil {
		return fault
	}
	d.space()
	if d.peek() != ':' {
		return d.unexpected("a colon").under(key)
	}
	d.at++
	d.space()
	value, fault := d.value()
	if fault != nil {
		return fault.under(key)
	}
	before := len(into)
	into[key] = value
	if len(into) == before {
		d.at = start
		return d.fault(CodeDuplicate, fmt.Sprintf("the key %q stands twice in one object", key), "send each key once: readers disagree about which one counts").under(key)
	}
	return nil
}

func (d *decoder) array() ([]any, *Fault) {
	items := []any{}
	fault := d.list(func() *Fault {
		item, fault := d.value()
		items = append(items, item)
		return fault
	})
	return items, fault
}

// list reads the brackets and commas of a list, and calls item for the rest.
func (d *decoder) list(item func() *Fault) *Fault {
	d.at++
	d.space()
	if d.peek() == ']' {
		d.at++
		return nil
	}
	for i := 0; ; i++ {
		if fault := item(); fault != nil {
			return fault.under(strconv.Itoa(i))
		}
		d.space()
		switch d.peek() {
		case ',':
			d.at++
			d.space()
		case ']':
			d.at++
			return nil
		default:
			return d.unexpected("a comma or a closing bracket")
		}
	}
}

// number reads a number by JSON's grammar, which is narrower than Go's.
func (d *decoder) number() (any, *Fault) {
	start := d.at
	if d.peek() == '-' {
		d.at++
	}
	whole := d.digits()
	if whole == 0 {
		return nil, d.unexpected("a digit")
	}
	if first := d.text[d.at-whole]; first == '0' && whole > 1 {
		d.at = start
		return nil, d.fault(CodeMalformed, "a number starts with a superfluous zero", "drop the zero, or quote the number to keep it as text")
	}
	integral := true
	if d.peek() == '.' {
		integral = false
		d.at++
		if d.digits() == 0 {
			return nil, d.unexpected("a digit")
		}
	}
	if c := d.peek(); c == 'e' || c == 'E' {
		integral = false
		d.at++
		if c := d.peek(); c == '+' || c == '-' {
			d.at++
		}
		if d.digits() == 0 {
			return nil, d.unexpected("a digit")
		}
	}
	return d.convert(start, integral)
}

func (d *decoder) digits() int {
	start := d.at
	for d.at < len(d.text) && d.text[d.at] >= '0' && d.text[d.at] <= '9' {
		d.at++
	}
	return d.at - start
}

// convert gives the number from start to here.
func (d *decoder) convert(start int, integral bool) (any, *Fault) {
	text := d.text[start:d.at]
	if integral {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		d.at = start
		return nil, d.fault(CodeMalformed, "a number is too large for any number type", "send it as text")
	}
	return f, nil
}

func (d *decoder) str() (string, *Fault) {
	d.at++
	start := d.at
	for d.at < len(d.text) {
		switch c := d.text[d.at]; {
		case c == '"':
			d.at++
			return d.text[start : d.at-1], nil
		case c == '\\':
			return d.escaped(start)
		case c < ' ':
			return "", d.control()
		default:
			d.at++
		}
	}
	return "", d.unexpected("the closing quote of a text")
}

func (d *decoder) control() *Fault {
	return d.fault(CodeMalformed, "a text holds an unescaped control character", `escape it: \n for a line break, \t for a tab`)
}

// escaped reads on from the first backslash of a text that began at start.
func (d *decoder) escaped(start int) (string, *Fault) {
	var b strings.Builder
	b.WriteString(d.text[start:d.at])
	for d.at < len(d.text) {
		switch c := d.text[d.at]; {
		case c == '"':
			d.at++
			return b.String(), nil
		case c == '\\':
			r, fault := d.escape()
			if fault != nil {
				return "", fault
			}
			b.WriteRune(r)
		case c < ' ':
			return "", d.control()
		default:
			b.WriteByte(c)
			d.at++
		}
	}
	return "", d.unexpected("the closing quote of a text")
}

func (d *decoder) escape() (rune, *Fault) {
	d.at++
	c := d.peek()
	if c == 'u' {
		return d.unicode()
	}
	const names, runes = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	i := strings.IndexByte(names, c)
	if i < 0 {
		return 0, d.unexpected(`one of " \ / b f n r t u after the backslash`)
	}
	d.at++
	return rune(runes[i]), nil
}

func (d *decoder) unicode() (rune, *Fault) {
	start := d.at - 1
	r, fault := d.hex()
	if fault != nil || !utf16.IsSurrogate(r) {
		return r, fault
	}
	if strings.HasPrefix(d.text[d.at:], `\u`) {
		d.at++
		low, fault := d.hex()
		if fault != nil {
			return 0, fault
		}
		if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
			return r, nil
		}
	}
	d.at = start
	return 0, d.fault(CodeUTF8, "a text holds half of a surrogate pair", "send the character whole, or as UTF-8")
}

// hex reads the four digits behind the `u` at hand.
func (d *decoder) hex() (rune, *Fault) {
	d.at++
	if d.at+4 > len(d.text) {
		d.at = len(d.text)
		return 0, d.unexpected("four hexadecimal digits")
	}
	n, err := strconv.ParseUint(d.text[d.at:d.at+4], 16, 16)
	if err != nil {
		return 0, d.fault(CodeMalformed, `four hexadecimal digits must follow \u`, "")
	}
	d.at += 4
	return rune(n), nil
}

func firstInvalid(text string) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(text)
}
