package enrich

import (
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/mileusna/useragent"
)

// agent is what a user agent says of its visitor. Every field has few values,
// whatever is sent, because columns and charts are made of them.
type agent struct {
	device  string // desktop, mobile, tablet, bot, other
	browser string // a name of browserNames, "Other", or empty without a user agent
	os      string // a name of systemNames, or empty
	bot     bool
}

// cachedAgents bounds the cache: well above the distinct user agents of a busy
// site, and some 10 MB at the very most, since user agents are limited.
const cachedAgents = 8192

// agentCache remembers parsed user agents, of which a site sees the same few
// again and again.
type agentCache struct {
	parsed *lru.Cache[string, agent]
}

func newAgentCache() *agentCache {
	parsed, err := lru.New[string, agent](cachedAgents)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &agentCache{parsed: parsed}
}

// get copies the user agent before keeping it: the caller's string is a view
// of a buffer.
func (c *agentCache) get(userAgent string) agent {
	if userAgent == "" {
		return agent{device: "other"}
	}
	if a, ok := c.parsed.Get(userAgent); ok {
		return a
	}
	userAgent = strings.Clone(userAgent)
	a := parseAgent(userAgent)
	c.parsed.Add(userAgent, a)
	return a
}

func parseAgent(userAgent string) agent {
	ua := useragent.Parse(userAgent)
	a := agent{
		browser: browserOf(ua.Name, userAgent),
		os:      systemOf(ua.OS, userAgent),
		bot:     ua.Bot || isBot(userAgent),
	}
	switch {
	case a.bot:
		a.device = "bot"
	case ua.Tablet:
		a.device = "tablet"
	case ua.Mobile:
		a.device = "mobile"
	case ua.Desktop || desktopSystems[a.os]:
		a.device = "desktop"
	default:
		a.device = "other"
	}
	return a
}
