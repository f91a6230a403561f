package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"

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

// fixed is a file that is the same for everybody until the next version.
type fixed struct {
	contentType string
	etag        string
	body        []byte
}

func newFixed(contentType string, body []byte) fixed {
	hash := sha256.Sum256(body)
	return fixed{contentType, `"` + hex.EncodeToString(hash[:12]) + `"`, body}
}

// docsFiles are the document, its page, and the page's own files, by path.
var docsFiles = sync.OnceValues(func() (map[string]fixed, error) {
	document, err := json.Marshal(Document())
	if err != nil {
		return nil, err
	}
	page, err := openapi.Page(Document(), openapi.Links{Document: documentPath, Style: docsStylePath, Script: docsScriptPath})
	if err != nil {
		return nil, err
	}
	return map[string]fixed{
		documentPath:   newFixed("application/json; charset=utf-8", document),
		docsPath:       newFixed("text/html; charset=utf-8", page),
		docsStylePath:  newFixed("text/css; charset=utf-8", openapi.Style),
		docsScriptPath: newFixed("text/javascript; charset=utf-8", openapi.Script),
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
		file := files[path]
		c.Header("Content-Security-Policy", docsPolicy)
		c.Header("Cache-Control", "no-cache")
		c.Header("ETag", file.etag)
		if hasTag(c.Request.Header.Values("If-None-Match"), file.etag) {
			c.Status(http.StatusNotModified)
			c.Writer.WriteHeaderNow()
			return
		}
		s.write(c, http.StatusOK, file.contentType, file.body)
	}
}
