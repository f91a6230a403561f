package loadgen

import "strconv"

// Visitors come from somewhere, with something; some are robots.
var (
	referrers = []string{
		"", "", "", "https://community.example/feed", "https://community.example/search?q=help", "https://www.google.com/",
		"https://duckduckgo.com/", "https://news.ycombinator.com/", "https://t.co/abc", "https://www.linkedin.com/feed/",
	}
	agents = []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36",
		"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
	}
	landings = []string{"", "", "", "", "?utm_source=newsletter&utm_medium=email&utm_campaign=weekly_digest", "?utm_source=x&utm_medium=social"}
)

// AppendPageViewJSON appends n page views in the format of the write API, one a
// line: posts that are looked at, by users and by visitors without a name.
func (g *Generator) AppendPageViewJSON(dst []byte, n int) []byte {
	g.tick()
	for range n {
		g.ids.next++
		dst = g.appendPageView(dst, g.ids.next)
	}
	return dst
}

func (g *Generator) appendPageView(dst []byte, number uint64) []byte {
	user, post, at := g.someone(postViewed), g.somePost(postViewed), g.moment()
	named := g.rng.Uint32N(2) == 0
	dst = append(dst, `{"id":"`...)
	dst = g.ids.appendTo(dst, number)
	dst = append(dst, `","occurred_at":"`...)
	dst = g.date.append(dst, at, 'T')
	if named {
		dst = append(dst, `Z","user_id":"`...)
		dst = appendUser(dst, user)
		dst = append(dst, `","user_role":"`...)
		dst = append(dst, g.role(user)...)
	} else {
		dst = append(dst, `Z","anonymous_id":"visitor-`...)
		dst = appendDigits(dst, int(user), 8)
	}
	dst = append(dst, `","session_id":"`...)
	dst = appendHex(dst, session(user, at), 16)
	dst = append(dst, `","url":"https://community.example/posts/post-`...)
	dst = appendDigits(dst, int(post), 8)
	dst = append(dst, one(g, landings)...)
	dst = append(dst, `","title":"Post `...)
	dst = strconv.AppendInt(dst, int64(post), 10)
	dst = append(dst, `","object_type":"post","object_id":"post-`...)
	dst = appendDigits(dst, int(post), 8)
	dst = append(dst, `","referrer":"`...)
	dst = append(dst, one(g, referrers)...)
	dst = append(dst, `","user_agent":"`...)
	dst = append(dst, agents[int(mix(uint64(user)))&0x7fffffff%len(agents)]...)
	dst = append(dst, `","ip":"198.51.100.`...) // reserved for examples, RFC 5737
	dst = strconv.AppendUint(dst, mix(uint64(user))%256, 10)
	dst = append(dst, `","duration_ms":`...)
	dst = strconv.AppendUint(dst, uint64(g.rng.Uint32N(180_000)), 10)
	return append(dst, '}', '\n')
}

func one(g *Generator, of []string) string { return of[g.rng.Uint32N(uint32(len(of)))] }
