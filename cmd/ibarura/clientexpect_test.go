package main

import (
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
)

// What most clients are made to say.
const (
	at     = " at=2026-03-20T09:30:00.250"
	viewed = " with=https://example.org/posts/hello?utm_source=news Hello search.example news" + at
	site   = "ORIGIN/site?utm_source=news&utm_campaign=spring"
	from   = " page_referrer:http://search.example/ page_url:" + site
	spring = from + " utm_campaign:spring utm_source:news"
	nested = ` nested:{"a":[1,"two"]}`
)

// serverClients are the clients of servers, and what has to be stored of what
// internal/clienttest makes each of them say.
var serverClients = map[string][]string{
	"analytics-node": {
		"PAGE user=ada anonymous=laptop" + viewed + " library:@segment/analytics-node name:Hello",
		"Post Created user=ada anonymous=laptop role=member object=post/hello with=welcome" + at + " active library:@segment/analytics-node" + nested + " words:12",
		"alias user=ada anonymous=old-laptop" + at,
		"group user=ada anonymous=laptop object=group/acme" + at + " name:Acme",
		"identify user=ada anonymous=laptop role=member" + at + " plan:pro role:member",
		"screen_viewed user=ada anonymous=laptop object=screen/Main" + at + " active library:@segment/analytics-node name:Main",
	},
	"analytics-go": {
		"PAGE user=ada with=https://example.org/posts/hello Hello" + at + " library:analytics-go name:Hello",
		"Post Created user=ada anonymous=laptop object=post/hello" + at + " active library:analytics-go words:12",
		"alias user=ada anonymous=old-laptop" + at,
		"group user=ada object=group/acme" + at + " name:Acme",
		"identify user=ada anonymous=laptop role=member" + at + " plan:pro role:member",
	},
	"rudder-sdk-node": {
		"PAGE user=ada anonymous=laptop" + viewed + " library:analytics-node name:Hello",
		"Post Created user=ada anonymous=laptop object=post/hello with=welcome" + at + " active library:analytics-node" + nested + " words:12",
		"alias user=ada anonymous=old-laptop" + at,
		"group user=ada anonymous=laptop object=group/acme" + at + " name:Acme",
		"identify user=ada anonymous=laptop role=member" + at + " plan:pro role:member",
		"screen_viewed user=ada anonymous=laptop object=screen/Main" + at + " active library:analytics-node name:Main",
	},
	"posthog-node": {
		"PAGE user=ada" + viewed + " library:posthog-node",
		"alias user=ada anonymous=laptop",
		"group object=company/acme name:Acme",
		"identify user=ada role=member plan:pro role:member source:news",
		"post created user=ada object=post/hello with=welcome" + at + ` active $groups:{"company":"acme"} library:posthog-node` + nested + " words:12",
	},
	"posthog-go": {
		"alias user=ada anonymous=laptop" + at,
		"group object=company/acme" + at + " name:Acme",
		"identify user=ada role=member" + at + " plan:pro role:member",
		"post created user=ada object=post/hello" + at + " active library:posthog-go words:12",
	},
	"cloudevents-js": {
		"PAGE" + viewed + " source:/blog",
		"org.example.post.created user=ada session=s1 object=post/hello" + at + " active source:/blog words:12",
		"org.example.post.deleted user=ada object=post/hello" + at + " active source:/blog words:12",
	},
	"cloudevents-go": {
		"org.example.post.created user=ada session=s1 object=post/hello" + at + " active source:/blog words:12",
		"org.example.post.created user=ada session=s1 object=post/hello" + at + " active source:/blog words:12",
	},
	"otlp-js": {"post.created user=ada session=s1 object=post/hello" + at + " active" + nested + " service.name:unknown_service:node words:12"},
	"otlp-go": {"post.created user=ada object=post/hello" + at + " active body:the body service.name:blog words:12"},
}

// browserClients are the same for clients in a browser. The server makes sessions
// where a client has none, and names who has no name.
var browserClients = map[string][]string{
	"analytics-next": {
		"PAGE user=ada anonymous=UUID session=HASH with=" + site + " Segment search.example news Chrome category:Docs library:analytics.js locale:en-US name:Home",
		"Post Created user=ada anonymous=UUID session=HASH object=post/hello active library:analytics.js locale:en-US" + spring + " words:12",
		"Post Shared user=ada anonymous=UUID session=HASH active library:analytics.js locale:en-US" + spring,
		"alias user=ada anonymous=ada session=HASH", // as the client sends it, whatever it is told
		"group user=ada anonymous=UUID session=HASH object=group/acme name:Acme",
		"identify user=ada anonymous=UUID session=HASH role=member role:member",
	},
	"rudder-js": {
		"PAGE anonymous=UUID session=CLOCK with=" + site + " RudderStack search.example news Chrome category:Docs initial_referrer:http://search.example/" +
			" initial_referring_domain:search.example library:RudderLabs JavaScript SDK locale:en-US name:Home referring_domain:search.example tab_url:" + site,
		"Post Created anonymous=UUID session=CLOCK object=post/hello active library:RudderLabs JavaScript SDK locale:en-US" + spring + " words:12",
		"Post Shared user=ada anonymous=UUID session=CLOCK role=member active library:RudderLabs JavaScript SDK locale:en-US" + spring,
		"alias user=ada-lovelace anonymous=ada session=CLOCK role=member",
		"group user=ada anonymous=UUID session=CLOCK role=member object=group/acme name:Acme",
		"identify user=ada anonymous=UUID session=CLOCK role=member role:member",
	},
	"posthog-js": {
		`$pageleave user=ada anonymous=UUID session=UUID $active_feature_flags:[] $groups:{"company":"acme"} library:web locale:en-US` + spring,
		"PAGE user=ada anonymous=UUID session=UUID with=" + site + ` PostHog search.example news Chrome $groups:{"company":"acme"} library:web locale:en-US`,
		"alias user=ada anonymous=ada-lovelace session=UUID",
		"group user=ada anonymous=UUID session=UUID object=company/acme name:Acme",
		"identify user=ada anonymous=UUID session=UUID plan:pro",
		"identify user=ada anonymous=UUID session=UUID role=member role:member source:news utm_campaign:spring utm_source:news",
		"post created anonymous=UUID session=UUID object=post/hello active library:web locale:en-US" + spring + " words:12",
		`post shared user=ada anonymous=UUID session=UUID active $groups:{"company":"acme"} library:web locale:en-US` + spring,
	},
	"plausible": {
		"Bought anonymous=HASH session=HASH active domain:example.org" + from + " revenue_amount:10.5 revenue_currency:RWF",
		"PAGE anonymous=HASH session=HASH with=" + site + "  search.example news Chrome domain:example.org",
		"Post Created anonymous=HASH session=HASH object=post/hello active domain:example.org" + from + " words:12",
		"engagement anonymous=HASH session=HASH domain:example.org page_url:" + site + " scroll_depth:100",
	},
	"send-beacon": {
		"PAGE anonymous=visitor session=HASH with=" + site + " sendBeacon  news Chrome",
		"PAGE anonymous=visitor session=HASH with=" + site + " sendBeacon  news Chrome",
		"post_created anonymous=visitor session=HASH object=post/hello active",
		"post_created anonymous=visitor session=HASH object=post/hello active",
		"post_created anonymous=visitor session=HASH object=post/hello active",
		"post_created anonymous=visitor session=HASH object=post/hello active",
	},
}

// whoIsWho looks at what the calls that say who somebody is leave behind.
func whoIsWho(t *testing.T, conn clickhouse.Conn) {
	for project, want := range map[string][]string{
		"analytics-node": {"laptop is ada", "old-laptop is ada", "group group/acme: name=Acme", "user ada: plan=pro", "user ada: role=member"},
		"posthog-node":   {"laptop is ada", "group company/acme: name=Acme", "user ada: plan=pro", "user ada: role=member", "user ada: source=news"},
	} {
		var got []string
		rows, err := conn.Query(t.Context(), `
			SELECT line FROM (
				SELECT concat(anonymous_id, ' is ', user_id) AS line, 0 AS part FROM bi.identities WHERE project = $1 UNION ALL
				SELECT concat(kind, ' ', object_type, if(object_type = '', '', '/'), id, ': ', key, '=', value), 1 FROM bi.traits WHERE project = $1)
			ORDER BY part, line`, project)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: wanted (-), kept (+):\n%s", project, diff)
		}
	}
}
