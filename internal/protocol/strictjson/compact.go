package strictjson

// Compact appends the value that the cursor is on to dst without the white
// space between tokens; everything else stays as it was written. nested is how
// many objects and arrays deep the value goes, 0 for a scalar. ok is false if
// a string in it holds half of a surrogate pair.
func (c *Cursor) Compact(dst []byte) (compact []byte, nested int, ok bool) {
	start := c.i
	c.Skip()
	ok = true
	depth := 0
	for i := start; i < c.i; {
		switch b := c.b[i]; b {
		case ' ', '\t', '\n', '\r':
			i++
			continue
		case '"':
			end := stringEnd(c.b, i+1)
			ok = ok && surrogatesPaired(c.b[i:end])
			dst = append(dst, c.b[i:end]...)
			i = end
			continue
		case '{', '[':
			depth++
			nested = max(nested, depth)
		case '}', ']':
			depth--
		}
		dst = append(dst, c.b[i])
		i++
	}
	return dst, nested, ok
}

// surrogatesPaired reports whether every surrogate escape in a checked string,
// quotes included, is one of a pair.
func surrogatesPaired(s []byte) bool {
	for i := textEnd(s, 1); s[i] == '\\'; i = textEnd(s, i) {
		if s[i+1] != 'u' {
			i += 2
			continue
		}
		_, next, ok := unescapeRune(s, i)
		if !ok {
			return false
		}
		i = next
	}
	return true
}
