package strictjson

import (
	"unicode/utf16"
	"unicode/utf8"
)

// unescape appends the text of the checked string that begins at i, behind
// its opening quote, and returns the index behind the closing one.
func unescape(dst, b []byte, i int) (text []byte, end int, ok bool) {
	ok = true
	for {
		end := textEnd(b, i)
		dst = append(dst, b[i:end]...)
		if b[end] == '"' {
			return dst, end + 1, ok
		}
		if b[end+1] != 'u' {
			dst = append(dst, unescaped(b[end+1]))
			i = end + 2
			continue
		}
		r, next, paired := unescapeRune(b, end)
		dst, i, ok = utf8.AppendRune(dst, r), next, ok && paired
	}
}

func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	default:
		return c
	}
}

// unescapeRune reads the \u escape, or the pair of them, at i, and returns the
// index behind it. ok is false for half a pair, which is read as U+FFFD.
func unescapeRune(b []byte, i int) (r rune, next int, ok bool) {
	r, next = hexRune(b[i+2:]), i+6
	if !utf16.IsSurrogate(r) {
		return r, next, true
	}
	if at(b, next) != '\\' || at(b, next+1) != 'u' {
		return utf8.RuneError, next, false
	}
	r = utf16.DecodeRune(r, hexRune(b[next+2:]))
	return r, next + 6, r != utf8.RuneError
}

func hexRune(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		r = r<<4 | rune(hexValue(c))
	}
	return r
}

func hexValue(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
}
