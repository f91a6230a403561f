// Package config is every knob of the program: one documented struct, filled
// from flags, the environment, a YAML file and defaults, in that order, and
// checked before anything starts. It stands before the way from POST to chart:
// cmd reads it once, and gives each stage the few values that the stage asks
// for.
//
// An option has one name in three spellings: the flag --http.body-timeout, the
// variable IBARURA_HTTP_BODY_TIMEOUT, and in the file
//
//	http:
//	  body-timeout: 30s
//
// The tags of a field say all there is to know about it: its default, its
// bounds (min and max, both allowed), a value outside them that means something
// special, and its help. REFERENCE.md is made from them.
package config
