// Package enrich works out what a page view's URL, referrer, user agent and
// address imply: host and path, where the visitor came from, the device, the
// country. It stands between validation and storage on the way of a page view
// from POST to chart, and it is where user agent and address end: neither is
// stored, only what is said of them here.
package enrich

import (
	"fmt"
	"strings"
	"time"

	"ibarura/internal/event"
)

// Options says what an Enricher may use. The zero value is usable: without a
// database countries are unknown.
type Options struct {
	// CountryDB is the path of a database in MaxMind's format that has
	// country.iso_code, such as GeoLite2-Country or DB-IP's country lite. It
	// is opened at New, where a missing file is an error, and opened anew when
	// the file changes. Empty: no countries.
	CountryDB string
	// ReloadEvery is how often the file of CountryDB is looked at for a
	// change. Default (0): one minute.
	ReloadEvery time.Duration
	// OnReload, if set, is told of each change of the file: nil, or why the
	// new one could not be opened, in which case the old one stays in use. It
	// is called from a goroutine of the Enricher.
	OnReload func(error)
	// OwnHosts are hosts whose pages count as ours: a referrer on one of them
	// is internal. A page view's own host always does; for an access log,
	// whose URLs are only paths, this is the way to say it. A leading "www."
	// makes no difference.
	OwnHosts []string
}

// Enricher fills in visits. It is safe for use by many goroutines.
type Enricher struct {
	agents    *agentCache
	countries *countryDB // nil: none
	ownHosts  map[string]bool
}

// New returns an Enricher, which has to be closed.
func New(o Options) (*Enricher, error) {
	e := &Enricher{agents: newAgentCache(), ownHosts: map[string]bool{}}
	for _, host := range o.OwnHosts {
		e.ownHosts[bareHost(strings.ToLower(host))] = true
	}
	if o.CountryDB == "" {
		return e, nil
	}
	countries, err := openCountries(o)
	if err != nil {
		return nil, fmt.Errorf("open country database: %w", err)
	}
	e.countries = countries
	return e, nil
}

// Close ends the watch over the country database and returns when OnReload is
// not called any more. Calling it twice is harmless. The error is always nil.
func (e *Enricher) Close() error {
	if e.countries != nil {
		e.countries.close()
	}
	return nil
}

// Visit sets all of out from pv. It cannot fail: what cannot be told is left
// empty. Strings of out may be views of pv's and live as long as they do.
func (e *Enricher) Visit(pv *event.PageView, out *event.Visit) {
	page := splitURL(pv.URL)
	agent := e.agents.get(pv.UserAgent)
	*out = event.Visit{
		Host:    page.host,
		Path:    normalPath(page.path),
		Source:  e.source(pv.Referrer, page.host),
		Device:  agent.device,
		Browser: agent.browser,
		OS:      agent.os,
		Bot:     agent.bot,
	}
	setCampaign(page.query, out)
	if e.countries != nil {
		out.Country = e.countries.of(pv.IP)
	}
}
