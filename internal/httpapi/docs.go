package httpapi

import (
	"encoding/json"
	"sync"

	"github.com/gin-gonic/gin"

	"ibarura/internal/asset"
	"ibarura/internal/openapi"
)

// Where the page's own files are.
const (
	docsStylePath  = docsPath + "/docs.css"
	docsScriptPath = docsPath + "/docs.js"
)

// docsPolicy lets the page about the API load its own style and script, and
// nothing else; none may stand in the page itself.
const docsPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// docsFile is the document, its page, or one of the page's own files.
type docsFile struct {
	contentType string
	*asset.Asset
}

// docsFiles are they, by path.
var docsFiles = sync.OnceValues(func() (map[string]docsFile, error) {
	document, err := json.Marshal(Document())
	if err != nil {
		return nil, err
	}
	page, err := openapi.Page(Document(), openapi.Links{Document: documentPath, Style: docsStylePath, Script: docsScriptPath})
	if err != nil {
		return nil, err
	}
	return map[string]docsFile{
		documentPath:   {"application/json; charset=utf-8", asset.New(document)},
		docsPath:       {"text/html; charset=utf-8", asset.New(page)},
		docsStylePath:  {"text/css; charset=utf-8", asset.New(openapi.Style)},
		docsScriptPath: {"text/javascript; charset=utf-8", asset.New(openapi.Script)},
	}, nil
})

// getDocs serves one of docsFiles, or 304 to a client that has it already.
func (s *Server) getDocs(path string) gin.HandlerFunc {
	return func(c *gin.Context) {
		files, err := docsFiles()
		if err != nil {
			s.fail(c, err)
			return
		}
		c.Header("Content-Security-Policy", docsPolicy)
		c.Header("Cache-Control", "no-cache")
		sendAsset(c, files[path].contentType, files[path].Asset)
	}
}
