package kinetic

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// tokenKind is what a token is.
type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenText   // value is what the quotes hold
	tokenNumber // value is its digits
	tokenSign   // an operator, bracket, dot or comma
)

// token is one word of an expression with its place.
type token struct {
	kind       tokenKind
	value      string
	start, end int
}

// signs are the operators and brackets, longer ones before their beginnings.
var signs = []string{
	"===", "!==", "==", "!=", "<=", ">=", "&&", "||", "??",
	"<", ">", "!", "+", "-", "*", "/", "%", "?", ":", "(", ")", "[", "]", ".", ",", "}",
}

// lexer cuts a text into tokens from a place on.
type lexer struct {
	text string
	at   int
}

func (l *lexer) next() (token, *Fault) {
	for l.at < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.at]) >= 0 {
		l.at++
	}
	start := l.at
	if start == len(l.text) {
		return token{tokenEnd, "", start, start}, nil
	}
	switch c := l.text[start]; {
	case letter(c):
		l.skip(func(c byte) bool { return letter(c) || digit(c) })
		return token{tokenName, l.text[start:l.at], start, l.at}, nil
	case digit(c):
		return l.number()
	case c == '\'' || c == '"':
		return l.quoted(c)
	}
	for _, sign := range signs {
		if strings.HasPrefix(l.text[start:], sign) {
			l.at += len(sign)
			return token{tokenSign, sign, start, l.at}, nil
		}
	}
	r, size := utf8.DecodeRuneInString(l.text[start:])
	return token{}, l.fault(start, start+size, fmt.Sprintf("%q means nothing here", r), "")
}

func (l *lexer) fault(start, end int, message, hint string) *Fault {
	return &Fault{Offset: start, Length: max(1, end-start), Message: message, Hint: hint}
}

func (l *lexer) skip(while func(byte) bool) {
	for l.at < len(l.text) && while(l.text[l.at]) {
		l.at++
	}
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
}
func digit(c byte) bool { return c >= '0' && c <= '9' }

func (l *lexer) number() (token, *Fault) {
	start := l.at
	l.skip(digit)
	if l.at+1 < len(l.text) && l.text[l.at] == '.' && digit(l.text[l.at+1]) {
		l.at++
		l.skip(digit)
	}
	if l.at < len(l.text) && letter(l.text[l.at]) {
		l.skip(func(c byte) bool { return letter(c) || digit(c) })
		return token{}, l.fault(start, l.at, l.text[start:l.at]+" is not a number", "write it in decimal digits")
	}
	return token{tokenNumber, l.text[start:l.at], start, l.at}, nil
}

// quoted reads a text in single or double quotes.
func (l *lexer) quoted(quote byte) (token, *Fault) {
	start := l.at
	var b strings.Builder
	for l.at++; l.at < len(l.text); {
		switch c := l.text[l.at]; c {
		case quote:
			l.at++
			return token{tokenText, b.String(), start, l.at}, nil
		case '\\':
			if fault := l.escape(&b); fault != nil {
				return token{}, fault
			}
		case '\n':
			return token{}, l.fault(start, l.at, "this text does not end on its line", "close the quotes")
		default:
			b.WriteByte(c)
			l.at++
		}
	}
	return token{}, l.fault(start, len(l.text), "this text does not end", "close the quotes")
}

// escape reads a backslash and what it stands for.
func (l *lexer) escape(b *strings.Builder) *Fault {
	start := l.at
	l.at++
	if l.at == len(l.text) {
		return l.fault(start, l.at, "this text does not end", "close the quotes")
	}
	c := l.text[l.at]
	l.at++
	width := map[byte]int{'u': 4, 'x': 2}[c]
	if width == 0 {
		if i := strings.IndexByte("nrtbf", c); i >= 0 {
			c = "\n\r\t\b\f"[i]
		}
		b.WriteByte(c)
		return nil
	}
	if l.at+width > len(l.text) {
		return l.fault(start, len(l.text), "hexadecimal digits are missing", "")
	}
	n, err := strconv.ParseUint(l.text[l.at:l.at+width], 16, 16)
	if err != nil {
		return l.fault(start, l.at+width, "these are not hexadecimal digits", "")
	}
	l.at += width
	b.WriteRune(rune(n))
	return nil
}
