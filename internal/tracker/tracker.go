// Package tracker is the script that web pages load to be counted, before the
// way from POST to chart begins: it runs in browsers, and posts to the front
// door. tracker.js is its source; the minified ibarura.min.js is what is served
// and part of the binary.
package tracker

import (
	_ "embed" // the script

	"ibarura/internal/asset"
)

//go:embed ibarura.min.js
var script []byte

var packed = asset.New(script)

// Script returns the script.
func Script() *asset.Asset { return packed }
