package event

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const now = Millis(1777629600000) // 2026-05-01T10:00:00Z

func validEvent() Event {
	return Event{
		ID: "e1", Type: "post_created", OccurredAt: now,
		Identity:   Identity{UserID: "u", AnonymousID: "a", SessionID: "s", Role: "member"},
		Object:     Object{Type: "post", ID: "p"},
		Tags:       []string{"go", "go"},
		Properties: []Property{{Key: "k", Value: ""}},
	}
}

func validPageView() PageView {
	return PageView{ID: "v1", OccurredAt: now, URL: "https://example.org/", DurationMs: 1000}
}

func outcome(r *Rejection) string {
	if r == nil {
		return ""
	}
	return strings.TrimSpace(r.Code + " " + r.Field)
}

func TestEventsAreValidated(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for name, c := range map[string]struct {
		change func(*Event)
		want   string
	}{
		"a full event":            {func(*Event) {}, ""},
		"only a type":             {func(e *Event) { *e = Event{Type: "x"} }, ""},
		"no type":                 {func(e *Event) { e.Type = "" }, "missing_field type"},
		"type at the limit":       {func(e *Event) { e.Type = x(128) }, ""},
		"type over the limit":     {func(e *Event) { e.Type = x(129) }, "too_long type"},
		"id at the limit":         {func(e *Event) { e.ID = x(128) }, ""},
		"id over the limit":       {func(e *Event) { e.ID = x(129) }, "too_long id"},
		"user at the limit":       {func(e *Event) { e.UserID = x(256) }, ""},
		"user over the limit":     {func(e *Event) { e.UserID = x(257) }, "too_long user_id"},
		"anonymous over":          {func(e *Event) { e.AnonymousID = x(257) }, "too_long anonymous_id"},
		"session over":            {func(e *Event) { e.SessionID = x(257) }, "too_long session_id"},
		"role over":               {func(e *Event) { e.Role = x(65) }, "too_long user_role"},
		"object type over":        {func(e *Event) { e.Object.Type = x(65) }, "too_long object_type"},
		"object id over":          {func(e *Event) { e.Object.ID = x(257) }, "too_long object_id"},
		"32 tags":                 {func(e *Event) { e.Tags = slices.Repeat([]string{"t"}, 32) }, ""},
		"33 tags":                 {func(e *Event) { e.Tags = slices.Repeat([]string{"t"}, 33) }, "too_many tags"},
		"an empty tag":            {func(e *Event) { e.Tags = []string{"a", ""} }, "empty tags[1]"},
		"a long tag":              {func(e *Event) { e.Tags = []string{"a", "b", x(65)} }, "too_long tags[2]"},
		"64 properties":           {func(e *Event) { e.Properties = slices.Repeat([]Property{{"k", "v"}}, 64) }, ""},
		"65 properties":           {func(e *Event) { e.Properties = slices.Repeat([]Property{{"k", "v"}}, 65) }, "too_many properties"},
		"an empty key":            {func(e *Event) { e.Properties[0].Key = "" }, "empty properties"},
		"a long key":              {func(e *Event) { e.Properties[0].Key = x(129) }, "too_long properties"},
		"a value at the limit":    {func(e *Event) { e.Properties[0].Value = x(8192) }, ""},
		"a value over the limit":  {func(e *Event) { e.Properties[0].Value = x(8193) }, "too_long properties.k"},
		"no time":                 {func(e *Event) { e.OccurredAt = 0 }, ""},
		"the earliest time":       {func(e *Event) { e.OccurredAt = 86400000 }, ""},
		"before the earliest":     {func(e *Event) { e.OccurredAt = 86399999 }, "time_too_early occurred_at"},
		"long before 1970":        {func(e *Event) { e.OccurredAt = -1 << 62 }, "time_too_early occurred_at"},
		"a day ahead":             {func(e *Event) { e.OccurredAt = now + 86400000 }, ""},
		"more than a day ahead":   {func(e *Event) { e.OccurredAt = now + 86400001 }, "time_too_far_ahead occurred_at"},
		"Latin-1 in the user":     {func(e *Event) { e.UserID = "caf\xe9" }, "invalid_utf8 user_id"},
		"NUL in the user":         {func(e *Event) { e.UserID = "a\x00b" }, "nul_byte user_id"},
		"NUL behind other text":   {func(e *Event) { e.UserID = "日本語\x00" }, "nul_byte user_id"},
		"Latin-1 in a tag":        {func(e *Event) { e.Tags[1] = "\xff" }, "invalid_utf8 tags[1]"},
		"Latin-1 in a key":        {func(e *Event) { e.Properties[0].Key = "\xff" }, "invalid_utf8 properties"},
		"NUL in a value":          {func(e *Event) { e.Properties[0].Value = "\x00" }, "nul_byte properties.k"},
		"a type with a surrogate": {func(e *Event) { e.Type = "a\xed\xa0\x80" }, "invalid_utf8 type"},
	} {
		e, lim := validEvent(), DefaultLimits()
		c.change(&e)
		if got := outcome(e.Validate(&lim, now)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestEventTypesAreNames(t *testing.T) {
	lim := DefaultLimits()
	for name, want := range map[string]string{
		"post_created": "", "$pageview": "", "Order Completed": "", "a.b:c-d/e$f": "", "7days": "", "événement": "", "नमस्ते": "", "イベント": "",
		"_x": CodeTypeInvalid, "-x": CodeTypeInvalid, " x": CodeTypeInvalid, "x ": CodeTypeInvalid, "a\tb": CodeTypeInvalid, "a\"b": CodeTypeInvalid,
		"a=b": CodeTypeInvalid, "a\x7f": CodeTypeInvalid, "😀": CodeTypeInvalid, "a\u200bb": CodeTypeInvalid, "$": "",
	} {
		e := Event{Type: name}
		if r := e.Validate(&lim, now); outcome(r) != strings.TrimSpace(want+strings.Repeat(" type", min(1, len(want)))) {
			t.Errorf("type %q: %v, want %q", name, r, want)
		}
	}
}

func TestPageViewsAreValidated(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for name, c := range map[string]struct {
		change func(*PageView)
		want   string
	}{
		"a page view":           {func(*PageView) {}, ""},
		"no url":                {func(p *PageView) { p.URL = "" }, "missing_field url"},
		"a path":                {func(p *PageView) { p.URL = "/a b?c" }, ""},
		"an upper-case scheme":  {func(p *PageView) { p.URL = "HTTPS://example.org?x" }, ""},
		"a broken escape":       {func(p *PageView) { p.URL = "http://example.org/%zz" }, ""},
		"a relative path":       {func(p *PageView) { p.URL = "about" }, "url_invalid url"},
		"another scheme":        {func(p *PageView) { p.URL = "ftp://example.org/" }, "url_invalid url"},
		"a script":              {func(p *PageView) { p.URL = "javascript:x" }, "url_invalid url"},
		"no host":               {func(p *PageView) { p.URL = "http:///x" }, "url_invalid url"},
		"a query for a host":    {func(p *PageView) { p.URL = "http://?x" }, "url_invalid url"},
		"a space in the host":   {func(p *PageView) { p.URL = "http://a b/" }, "url_invalid url"},
		"an asterisk":           {func(p *PageView) { p.URL = "*" }, "url_invalid url"},
		"a line end in the url": {func(p *PageView) { p.URL = "/a\nb" }, "url_invalid url"},
		"url at the limit":      {func(p *PageView) { p.URL = "/" + x(4095) }, ""},
		"url over the limit":    {func(p *PageView) { p.URL = "/" + x(4096) }, "too_long url"},
		"referrer over":         {func(p *PageView) { p.Referrer = x(4097) }, "too_long referrer"},
		"any referrer":          {func(p *PageView) { p.Referrer = "about:blank" }, ""},
		"title over":            {func(p *PageView) { p.Title = x(1025) }, "too_long title"},
		"user agent over":       {func(p *PageView) { p.UserAgent = x(1025) }, "too_long user_agent"},
		"a day's visit":         {func(p *PageView) { p.DurationMs = 86400000 }, ""},
		"a longer visit":        {func(p *PageView) { p.DurationMs = 86400001 }, "number_out_of_range duration_ms"},
		"an id too long":        {func(p *PageView) { p.ID = x(129) }, "too_long id"},
		"a user too long":       {func(p *PageView) { p.UserID = x(257) }, "too_long user_id"},
		"an object too long":    {func(p *PageView) { p.Object.ID = x(257) }, "too_long object_id"},
		"too early":             {func(p *PageView) { p.OccurredAt = 1 }, "time_too_early occurred_at"},
		"an empty key":          {func(p *PageView) { p.Properties = []Property{{}} }, "empty properties"},
		"any address":           {func(p *PageView) { p.IP = "\xff" }, ""},
	} {
		p, lim := validPageView(), DefaultLimits()
		c.change(&p)
		if got := outcome(p.Validate(&lim, now)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestRejectionsNameTheFieldAndTheLimit(t *testing.T) {
	lim := DefaultLimits()
	e := validEvent()
	e.UserID = strings.Repeat("x", 300)
	r := e.Validate(&lim, now)
	if want := "too_long: user_id is 300 bytes long, the limit is 256"; r.Error() != want {
		t.Errorf("%q, want %q", r.Error(), want)
	}
	e = validEvent()
	e.OccurredAt = now + Millis(25*time.Hour/time.Millisecond)
	if r := e.Validate(&lim, now); !strings.Contains(r.Message, "24h0m0s") {
		t.Errorf("%q does not name the limit", r.Message)
	}
}

func TestEveryCodeIsListedOnce(t *testing.T) {
	codes := Codes()
	slices.Sort(codes)
	if len(slices.Compact(slices.Clone(codes))) != len(codes) || len(codes) != 21 {
		t.Errorf("%d codes: %v", len(codes), codes)
	}
}

// TestAcceptedTextIsStorable states what the rest of the program relies on,
// for any text in any field.
func TestAcceptedTextIsStorable(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := string(rapid.SliceOfN(rapid.SampledFrom([]byte("aé\x00\xff€ \n")), 0, 300).Draw(rt, "text"))
		lim := DefaultLimits()
		e := validEvent()
		e.UserID = text
		rejected := e.Validate(&lim, now) != nil
		storable := len(text) <= 256 && !strings.Contains(text, "\x00") && strings.ToValidUTF8(text, "?") == text
		if rejected == storable {
			rt.Fatalf("%q: rejected %v", text, rejected)
		}
	})
}

func TestValidationAllocatesNothing(t *testing.T) {
	e, lim := validEvent(), DefaultLimits()
	if n := testing.AllocsPerRun(100, func() { _ = e.Validate(&lim, now) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzValidate(f *testing.F) {
	f.Add("post_created", "u", "https://example.org/", int64(now))
	f.Add("Ünï ", "\xff", "//", int64(-1))
	f.Fuzz(func(t *testing.T, name, text, url string, at int64) {
		lim := DefaultLimits()
		e := Event{Type: name, OccurredAt: Millis(at), Identity: Identity{UserID: text}, Tags: []string{text}, Properties: []Property{{text, text}}}
		p := PageView{URL: url, Referrer: text, OccurredAt: Millis(at)}
		for _, r := range []*Rejection{e.Validate(&lim, now), p.Validate(&lim, now)} {
			if r != nil && (!slices.Contains(Codes(), r.Code) || r.Message == "") {
				t.Fatalf("%+v", r)
			}
		}
	})
}

func BenchmarkValidate(b *testing.B) {
	e, lim := validEvent(), DefaultLimits()
	b.ReportAllocs()
	for b.Loop() {
		_ = e.Validate(&lim, now)
	}
}

func TestNamesThatPeopleChoseBecomeTypes(t *testing.T) {
	lim := DefaultLimits()
	for name, want := range map[string]string{
		"post_created": "post_created", "Order Completed": "Order Completed", "$pageview": "$pageview", "é": "é",
		"Clicked (Buy) now!": "Clicked Buy now", "  padded ": "padded", "__x": "x", "a  b": "a  b", "🎉": "", "": "", "a\x00b": "a b", "a\xffb": "a b",
	} {
		got := TypeOf(name)
		if got != want {
			t.Errorf("TypeOf(%q) = %q, want %q", name, got, want)
		}
		if got == "" {
			continue
		}
		if r := (&Event{Type: got}).Validate(&lim, 0); r != nil {
			t.Errorf("TypeOf(%q) = %q: %v", name, got, r)
		}
	}
}
