package segment

import (
	"strings"

	"ibarura/internal/protocol/foreign"
)

// about is what a context says: of the visitor, the page, the campaign and the
// client.
type about struct {
	ip, userAgent, locale, session string
	library, version               string
	page                           pageAbout
	campaign                       [5]string // in the order of campaignNames
	traits                         foreign.Value
}

// pageAbout is what is said of a page, in a context or in a page call.
type pageAbout struct{ url, path, search, title, referrer string }

// campaignNames are what a context calls the parts of a campaign, and what we
// call them.
var campaignNames = [5][2]string{
	{"source", "utm_source"}, {"medium", "utm_medium"}, {"name", "utm_campaign"}, {"term", "utm_term"}, {"content", "utm_content"},
}

// read takes over what a context says, over what was read before.
func (a *about) read(context foreign.Value) {
	for key, value := range context.Members() {
		switch key {
		case "page":
			a.page.read(value)
		case "campaign":
			a.readCampaign(value)
		case "library":
			a.library, _ = value.Get("name").Text()
			a.version, _ = value.Get("version").Text()
		case "traits":
			a.traits = value
		default:
			if to := a.textOf(key); to != nil {
				*to, _ = value.Text()
			}
		}
	}
}

func (a *about) textOf(key string) *string {
	switch key {
	case "ip":
		return &a.ip
	case "userAgent":
		return &a.userAgent
	case "locale":
		return &a.locale
	case "sessionId":
		return &a.session
	default:
		return nil
	}
}

func (a *about) readCampaign(campaign foreign.Value) {
	for key, value := range campaign.Members() {
		for i := range campaignNames {
			if key == campaignNames[i][0] {
				a.campaign[i], _ = value.Text()
			}
		}
	}
}

// note adds what the context says to an event, where it does not say it itself.
func (a *about) note(it *foreign.Item) {
	it.Note("page_url", a.page.address())
	it.Note("page_referrer", a.page.from())
	for i, name := range campaignNames {
		it.Note(name[1], a.campaign[i])
	}
	a.noteClient(it)
}

func (a *about) noteClient(it *foreign.Item) {
	it.Note("locale", a.locale)
	it.Note("library", a.library)
	it.Note("library_version", a.version)
}

func (p *pageAbout) read(page foreign.Value) {
	for key, value := range page.Members() {
		if to := p.of(key); to != nil {
			*to, _ = value.Text()
		}
	}
}

func (p *pageAbout) of(key string) *string {
	switch key {
	case "url":
		return &p.url
	case "path":
		return &p.path
	case "search":
		return &p.search
	case "title":
		return &p.title
	case "referrer":
		return &p.referrer
	default:
		return nil
	}
}

// address is the page's URL, or its path if that is all that is known.
func (p *pageAbout) address() string {
	if p.url == "" && strings.HasPrefix(p.path, "/") {
		return p.path + p.search
	}
	return p.url
}

// from is where the visitor came from; RudderStack writes $direct for nowhere.
func (p *pageAbout) from() string {
	if p.referrer == "$direct" {
		return ""
	}
	return p.referrer
}
