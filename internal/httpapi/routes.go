package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ibarura/internal/access"
	"ibarura/internal/report"
)

// routes is every route there is. A path works with and without a slash at its
// end, without a redirect, which would lose the body of a POST.
func (s *Server) routes(gatherer prometheus.Gatherer) {
	s.engine.Use(requestID, s.observe, s.recovered, s.boundBody, securityHeaders, s.crossOrigin)

	both := func(group *gin.RouterGroup, method, path string, h handler) {
		group.Handle(method, path, s.respond(h))
		group.Handle(method, path+"/", s.respond(h))
	}

	open := &s.engine.RouterGroup
	both(open, http.MethodPost, "/api/v1/events", s.native(s.postEvents))
	both(open, http.MethodPost, "/api/v1/pageviews", s.native(s.postPageViews))
	s.clientRoutes(both)

	read := s.engine.Group("/api/v1/analytics", s.needReadOrLink)
	for _, e := range report.Endpoints() {
		both(read, http.MethodGet, "/"+e.Path, s.ask(e))
	}
	both(read, http.MethodPost, "/query", s.postQuery)
	both(read, http.MethodGet, "/query", s.getQueryNames)
	both(read, http.MethodGet, "/live", s.getLive)
	both(read, http.MethodGet, "/live/events", s.getLiveEvents)

	admin := s.engine.Group("/api/v1/admin", s.need(access.Admin))
	both(admin, http.MethodPost, "/erase", s.postErase)
	both(admin, http.MethodGet, "/erasures", s.getErasures)
	both(admin, http.MethodGet, "/erasures/:id", s.getErasure)
	both(admin, http.MethodGet, "/keys", s.getKeys)
	both(admin, http.MethodPost, "/keys", s.postKey)
	both(admin, http.MethodDelete, "/keys/:id", s.deleteKey)
	both(admin, http.MethodGet, "/project", s.getProject)
	both(admin, http.MethodGet, "/links", s.getLinks)
	both(admin, http.MethodPost, "/links", s.postLink)
	both(admin, http.MethodDelete, "/links/:id", s.deleteLink)
	both(open, http.MethodGet, linkPath, s.getLink)
	open.GET(embedPath, s.getEmbed)
	open.HEAD(embedPath, s.getEmbed)
	both(open, http.MethodGet, unsubscribeRoute, s.getUnsubscribe)
	both(open, http.MethodPost, unsubscribeRoute, s.postUnsubscribe)
	raw := s.engine.Group("/api/v1/export", s.need(access.Admin))
	both(raw, http.MethodGet, "/events", s.exportRaw(report.RawEvents))
	both(raw, http.MethodGet, "/pageviews", s.exportRaw(report.RawPageViews))

	both(open, http.MethodPost, sessionPath, s.postSession)
	both(open, http.MethodGet, sessionPath, s.getSession)
	both(open, http.MethodDelete, sessionPath, s.deleteSession)

	open.GET("/", s.getPage)
	open.HEAD("/", s.getPage)
	open.GET("/assets/:name", s.getAsset)
	open.HEAD("/assets/:name", s.getAsset)
	for _, path := range []string{documentPath, docsPath, docsStylePath, docsScriptPath} {
		open.GET(path, s.getDocs(path))
		open.GET(path+"/", s.getDocs(path))
	}
	open.GET("/js/ibarura.js", s.getScript)
	open.HEAD("/js/ibarura.js", s.getScript)
	both(open, http.MethodGet, "/healthz", s.getHealth)
	both(open, http.MethodGet, "/readyz", s.getReady)
	s.engine.GET("/metrics", gin.WrapH(promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{})))

	s.engine.NoRoute(s.respond(func(*gin.Context) (any, error) {
		return nil, problem(http.StatusNotFound, "not_found", "there is nothing at this path")
	}))
	s.engine.NoMethod(s.respond(func(*gin.Context) (any, error) {
		return nil, problem(http.StatusMethodNotAllowed, "method_not_allowed", "this path does not take this method; see the header Allow")
	}))
}
