// Package web has the files of the admin dashboard, the end of the way from
// POST to chart. They are made from dashboards/web by `make web` and become part
// of the binary; where that was not done, there is a page that says so.
package web

import (
	"embed"
	"io/fs"
	"path"
	"sync"

	"ibarura/internal/asset"
)

// dist holds a .gitignore at least, so that it can be embedded.
//
//go:embed all:dist
var dist embed.FS

// NotBuilt is the page of a binary without the dashboard.
const NotBuilt = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Ibarura</title></head>
<body><h1>The dashboard is not in this binary</h1>
<p>It was built without it: run <code>make web</code>, then build again, or <code>make run</code>, which does both.
The API is not affected.</p></body></html>
`

// Served is a file with its content type.
type Served struct {
	*asset.Asset
	Type string
}

// types are the content types of the kinds of files that there are.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
}

// assets are the files of the dashboard by name, but for its page.
var assets = sync.OnceValue(func() map[string]Served {
	files := map[string]Served{}
	entries, _ := dist.ReadDir("dist/assets") // not there if it was not built
	for _, e := range entries {
		if file, known := read(dist, "dist/assets/"+e.Name()); known {
			files[e.Name()] = file
		}
	}
	return files
})

var page = sync.OnceValues(func() (Served, bool) { return read(dist, "dist/index.html") })

// Page returns the page of the dashboard; false if it was not built, and then
// the type of NotBuilt.
func Page() (Served, bool) {
	p, built := page()
	p.Type = types[".html"]
	return p, built
}

var embedded = sync.OnceValues(func() (Served, bool) { return read(dist, "dist/embed.html") })

// Embed returns the page that links to views lead to, as Page has the
// dashboard's.
func Embed() (Served, bool) {
	p, built := embedded()
	p.Type = types[".html"]
	return p, built
}

// File returns a file that the page names, by its name under assets/.
func File(name string) (Served, bool) {
	file, known := assets()[name]
	return file, known
}

func read(files fs.FS, name string) (Served, bool) {
	body, err := fs.ReadFile(files, name)
	kind, known := types[path.Ext(name)]
	if err != nil || !known {
		return Served{}, false
	}
	return Served{asset.New(body), kind}, true
}
