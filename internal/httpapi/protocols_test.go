package httpapi

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// path matches a route in the documentation, alone between backquotes or after
// its method.
var path = regexp.MustCompile("`(?:GET |POST )?(/[^` ?]+)`")

func TestTheProtocolsPageNamesEveryRouteOfAClientAndNoOther(t *testing.T) {
	text, err := os.ReadFile("../../docs/protocols.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, match := range path.FindAllStringSubmatch(string(text), -1) {
		documented[match[1]] = true
	}
	for _, native := range []string{"/api/v1/events", "/api/v1/pageviews"} {
		delete(documented, native)
	}
	gin.SetMode(gin.ReleaseMode)
	s := &Server{engine: gin.New()}
	s.clientRoutes(func(group *gin.RouterGroup, method, path string, _ handler) {
		group.Handle(method, path, func(*gin.Context) {})
	})
	for _, route := range s.engine.Routes() {
		if !documented[route.Path] {
			t.Errorf("%s %s is not on the page", route.Method, route.Path)
		}
		delete(documented, route.Path)
		if route.Method != http.MethodGet && route.Method != http.MethodPost || strings.HasSuffix(route.Path, "/") {
			t.Errorf("%s %s", route.Method, route.Path)
		}
	}
	for route := range documented {
		t.Errorf("%s is on the page and no route", route)
	}
}
