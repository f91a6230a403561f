package rowblock

import (
	"github.com/ClickHouse/ch-go/proto"

	"ibarura/internal/event"
)

// pageColumns are the columns that only page views have. The user agent and the
// address of a page view end here: there is no column for them.
type pageColumns struct {
	path, url, title, referrer                             *texts
	host, source                                           *labels
	utmSource, utmMedium, utmCampaign, utmTerm, utmContent *labels
	durationMs                                             *numbers
	device, browser, os, country                           *labels
	bot                                                    *numbers
}

func (c *pageColumns) init(b *Block) {
	text := func(name string) *texts {
		column := &texts{}
		b.add(name, column)
		return column
	}
	label := func(name string) *labels {
		column := newLabels()
		b.add(name, column)
		return column
	}
	number := func(name string, kind proto.ColumnType, width int) *numbers {
		column := newNumbers(kind, width)
		b.add(name, column)
		return column
	}
	*c = pageColumns{
		path: text("path"), url: text("url"), title: text("title"), referrer: text("referrer"),
		host: label("host"), source: label("source"),
		utmSource: label("utm_source"), utmMedium: label("utm_medium"), utmCampaign: label("utm_campaign"),
		utmTerm: label("utm_term"), utmContent: label("utm_content"),
		durationMs: number("duration_ms", proto.ColumnTypeUInt32, 4),
		device:     label("device"), browser: label("browser"), os: label("os"), country: label("country"),
		bot: number("bot", proto.ColumnTypeBool, 1),
	}
}

// AppendPageView copies one row into a block of PageViews.
func (b *Block) AppendPageView(r *event.PageRow) {
	b.common.append(r.ID, r.OccurredAt, &r.Identity, &r.Object, r.Properties, &r.Stamp)
	c := &b.page
	c.path.append(r.Path)
	c.url.append(r.URL)
	c.title.append(r.Title)
	c.referrer.append(r.Referrer)
	c.host.append(r.Host)
	c.source.append(r.Source)
	c.utmSource.append(r.UTMSource)
	c.utmMedium.append(r.UTMMedium)
	c.utmCampaign.append(r.UTMCampaign)
	c.utmTerm.append(r.UTMTerm)
	c.utmContent.append(r.UTMContent)
	c.durationMs.uint32(r.DurationMs)
	c.device.append(r.Device)
	c.browser.append(r.Browser)
	c.os.append(r.OS)
	c.country.append(r.Country)
	c.bot.bool(r.Bot)
}
