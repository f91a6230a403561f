package httpapi

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"ibarura/internal/access"
	"ibarura/internal/event"
	"ibarura/internal/live"
)

// getLiveEvents streams what is taken in as server-sent events.
func (s *Server) getLiveEvents(c *gin.Context) (any, error) {
	reader, err := s.watch(c)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	live.ServeEvents(c.Writer, c.Request, reader)
	return sent{}, nil
}

// getLive streams the same over a WebSocket. The browser asks nobody before it
// opens one from another page, so that the page is looked at here.
func (s *Server) getLive(c *gin.Context) (any, error) {
	if !isUpgrade(c.Request) {
		c.Header("Upgrade", "websocket")
		return nil, problem(http.StatusUpgradeRequired, "upgrade_required", "this path is a WebSocket (version 13); the same as server-sent events is at live/events")
	}
	if foreignOrigin(c.Request) != "" {
		s.metrics.origins.Inc()
		return nil, problem(http.StatusForbidden, "origin_not_allowed", "only pages of this server may read")
	}
	reader, err := s.watch(c)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	if err := live.ServeSocket(c.Writer, c.Request, reader); err != nil {
		return nil, err
	}
	return sent{}, nil
}

// isUpgrade reports whether a request can become a WebSocket.
func isUpgrade(r *http.Request) bool {
	return r.ProtoAtLeast(1, 1) && hasToken(r.Header, "Connection", "upgrade") && hasToken(r.Header, "Upgrade", "websocket") &&
		r.Header.Get("Sec-WebSocket-Version") == "13" && len(r.Header.Get("Sec-WebSocket-Key")) == 24
}

// hasToken reports whether a header's list has an element, whatever its case.
func hasToken(h http.Header, name, token string) bool {
	return slices.ContainsFunc(strings.Split(strings.Join(h.Values(name), ","), ","), func(element string) bool {
		return strings.EqualFold(strings.TrimSpace(element), token)
	})
}

// watch makes a reader of the request. A revoked key ends it, and so does a
// session that is over: what let the request in is asked again as long as it lasts.
func (s *Server) watch(c *gin.Context) (*live.Reader, error) {
	who := principal(c)
	ask := live.Ask{Project: who.Project.Name, Key: who.KeyID, LastID: c.GetHeader("Last-Event-ID")}
	ask.Credential, ask.Still = s.letInBy(c, who.KeyID)
	if err := parseWatch(c.Request.URL.Query(), &ask); err != nil {
		return nil, err
	}
	if ask.Persons && !who.Scope.Allows(access.Admin) {
		return nil, access.ErrForbidden
	}
	reader, err := s.live.Watch(ask)
	if err == nil {
		c.Set(keyLasting, true)
	}
	return reader, err
}

// letInBy names what let a request in, and returns how to ask whether it still would.
func (s *Server) letInBy(c *gin.Context, keyID string) (credential string, still func(ctx context.Context) error) {
	if token := c.GetString(keyToken); token != "" {
		return "session " + token, func(ctx context.Context) error {
			_, _, err := s.sessions.Authorize(ctx, token, access.Read)
			return err
		}
	}
	presented := c.GetString(keyPresented)
	return "key " + keyID, func(ctx context.Context) error {
		_, err := s.keys.Authorize(ctx, presented, access.Read)
		return err
	}
}

// watching reads each query parameter of the live view.
var watching = map[string]func(a *live.Ask, value string) error{
	"kind":          parseKind,
	"role":          func(a *live.Ask, v string) error { a.Filter.Role = v; return nil },
	"type":          func(a *live.Ask, v string) error { a.Filter.Type = v; return nil },
	"object_type":   func(a *live.Ask, v string) error { a.Filter.ObjectType = v; return nil },
	"object_id":     func(a *live.Ask, v string) error { a.Filter.ObjectID = v; return nil },
	"tag":           func(a *live.Ask, v string) error { a.Filter.Tag = v; return nil },
	"path":          func(a *live.Ask, v string) error { a.Filter.Path = v; return nil },
	"device":        func(a *live.Ask, v string) error { a.Filter.Device = v; return nil },
	"browser":       func(a *live.Ask, v string) error { a.Filter.Browser = v; return nil },
	"country":       func(a *live.Ask, v string) error { a.Filter.Country = v; return nil },
	"bot":           func(a *live.Ask, v string) error { bot, err := parseBool(v); a.Filter.Bot = &bot; return err },
	"detail":        parseDetail,
	"last_event_id": func(a *live.Ask, v string) error { a.LastID = v; return nil },
}

func parseKind(a *live.Ask, v string) error {
	if v != "event" && v != "page_view" {
		return invalidValue("want event or page_view")
	}
	a.Filter.Kind = v
	return nil
}

// parseDetail reads detail=person, which only an admin key may ask for.
func parseDetail(a *live.Ask, v string) error {
	if v != "person" {
		return invalidValue("want person")
	}
	a.Persons = true
	return nil
}

func parseWatch(query url.Values, a *live.Ask) error {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		values := query[name]
		read, known := watching[name]
		if property, is := strings.CutPrefix(name, propertyPrefix); is && property != "" {
			read, known = func(a *live.Ask, v string) error { return addProperty(&a.Filter, property, v) }, true
		}
		switch {
		case !known:
			return badParameter(clip(name), "unknown_parameter", "there is no parameter %q; there are %s, %sNAME", clip(name),
				strings.Join(slices.Sorted(maps.Keys(watching)), ", "), propertyPrefix)
		case len(values) > 1:
			return badParameter(clip(name), "invalid_parameter", "%s is given %d times, want it once", clip(name), len(values))
		case len(name)+len(values[0]) > live.MaxFilterBytes:
			return badParameter(clip(name), "invalid_parameter", "%s: want at most %d bytes", clip(name), live.MaxFilterBytes)
		case values[0] == "":
			continue
		}
		if err := read(a, values[0]); err != nil {
			return badParameter(clip(name), "invalid_parameter", "%s: %s", clip(name), err)
		}
	}
	return nil
}

func addProperty(f *live.Filter, name, value string) error {
	if len(f.Properties) == live.MaxProperties {
		return invalidValue("want at most 5 properties")
	}
	f.Properties = append(f.Properties, event.Property{Key: name, Value: value})
	return nil
}
