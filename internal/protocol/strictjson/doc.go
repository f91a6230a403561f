// Package strictjson reads JSON where accepting too much would corrupt a
// count: Check says whether bytes are exactly one JSON text by RFC 8259, and
// a Cursor then walks the checked bytes without building a tree and without
// allocating. It is the first thing that a posted body meets on its way to a
// chart; package protocol gives its values their meaning.
//
// It exists because the fast parsers are lenient where we must not be (raw
// control characters, NaN, lone surrogates, unbounded recursion), and a strict
// pass before them costs as much as this package does on its own.
package strictjson
