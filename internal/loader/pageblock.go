package loader

import (
	"github.com/ClickHouse/ch-go/proto"

	"ibarura/internal/event"
)

// pageBlock collects rows of the table page_views as native columns. The user
// agent and the address of a page view end here: there is no column for them.
type pageBlock struct {
	common
	path        proto.ColStr
	url         proto.ColStr
	host        *dictionary
	title       proto.ColStr
	referrer    proto.ColStr
	source      *dictionary
	utmSource   *dictionary
	utmMedium   *dictionary
	utmCampaign *dictionary
	utmTerm     *dictionary
	utmContent  *dictionary
	durationMs  proto.ColUInt32
	device      *dictionary
	browser     *dictionary
	os          *dictionary
	country     *dictionary
	bot         proto.ColBool
	in          proto.Input
}

func newPageBlock() *pageBlock {
	b := &pageBlock{
		common: newCommon(),
		host:   newDictionary(), source: newDictionary(),
		utmSource: newDictionary(), utmMedium: newDictionary(), utmCampaign: newDictionary(),
		utmTerm: newDictionary(), utmContent: newDictionary(),
		device: newDictionary(), browser: newDictionary(), os: newDictionary(), country: newDictionary(),
	}
	b.in = append(b.common.input(),
		proto.InputColumn{Name: "path", Data: &b.path},
		proto.InputColumn{Name: "url", Data: &b.url},
		proto.InputColumn{Name: "host", Data: b.host},
		proto.InputColumn{Name: "title", Data: &b.title},
		proto.InputColumn{Name: "referrer", Data: &b.referrer},
		proto.InputColumn{Name: "source", Data: b.source},
		proto.InputColumn{Name: "utm_source", Data: b.utmSource},
		proto.InputColumn{Name: "utm_medium", Data: b.utmMedium},
		proto.InputColumn{Name: "utm_campaign", Data: b.utmCampaign},
		proto.InputColumn{Name: "utm_term", Data: b.utmTerm},
		proto.InputColumn{Name: "utm_content", Data: b.utmContent},
		proto.InputColumn{Name: "duration_ms", Data: &b.durationMs},
		proto.InputColumn{Name: "device", Data: b.device},
		proto.InputColumn{Name: "browser", Data: b.browser},
		proto.InputColumn{Name: "os", Data: b.os},
		proto.InputColumn{Name: "country", Data: b.country},
		proto.InputColumn{Name: "bot", Data: &b.bot},
	)
	return b
}

// append copies one row into the columns and returns about how many bytes they grew.
func (b *pageBlock) append(r *event.PageRow, seq uint64) int {
	size := b.common.append(r.ID, r.OccurredAt, &r.Identity, &r.Object, r.Properties, &r.Stamp, seq)
	b.path.Append(r.Path)
	b.url.Append(r.URL)
	size += b.host.Append(r.Host)
	b.title.Append(r.Title)
	b.referrer.Append(r.Referrer)
	size += b.source.Append(r.Source)
	size += b.utmSource.Append(r.UTMSource)
	size += b.utmMedium.Append(r.UTMMedium)
	size += b.utmCampaign.Append(r.UTMCampaign)
	size += b.utmTerm.Append(r.UTMTerm)
	size += b.utmContent.Append(r.UTMContent)
	b.durationMs.Append(r.DurationMs)
	size += b.device.Append(r.Device)
	size += b.browser.Append(r.Browser)
	size += b.os.Append(r.OS)
	size += b.country.Append(r.Country)
	b.bot.Append(r.Bot)
	return size + len(r.Path) + len(r.URL) + len(r.Title) + len(r.Referrer) + 4*positionSize
}

func (b *pageBlock) input() proto.Input { return b.in }
func (b *pageBlock) rows() int          { return b.seq.Rows() }

func (b *pageBlock) reset() {
	b.common.reset()
	for _, c := range []*proto.ColStr{&b.path, &b.url, &b.title, &b.referrer} {
		c.Reset()
	}
	for _, c := range []*dictionary{b.host, b.source, b.utmSource, b.utmMedium, b.utmCampaign,
		b.utmTerm, b.utmContent, b.device, b.browser, b.os, b.country} {
		c.Reset()
	}
	b.durationMs.Reset()
	b.bot.Reset()
}
