package report

// Definition says what a number, or the numbers of an answer, mean. Its Key
// names it for ever; docs/definitions.md repeats all of them.
type Definition struct {
	Key      string `json:"key"`
	Title    string `json:"title"`
	Sentence string `json:"sentence"`
}

// Definitions are all definitions, in the order of the documentation.
var Definitions = []Definition{
	{"active_users", "Active users",
		"Distinct persons with at least one event in the period that is not of a passive type; a person is the user_id, or else the anonymous_id, and an event with neither is nobody's."},
	{"growth", "User growth",
		"Persons by the period of their earliest active event over all history and of any role, and their running total; periods are counted whole, also where the range cuts them."},
	{"lifecycle", "Growth accounting",
		"Active users by period, each counted once. New: active in the period and first seen in it, by the earliest active event over all history and of any role. Retained: active in it and in the period before. Resurrected: active in it, not in the period before, and first seen earlier. Churned: active in the period before and not in it. A filter narrows down who was active, not who was first seen when; periods are counted whole, also where the range cuts them."},
	{"rolling", "Rolling active users",
		"For each day the distinct persons active on it (DAU), within the 7 days that end with it (WAU), and within the 28 days that end with it (MAU), or the 30 on request; days before the range count in its first windows. The stickiness ratio is DAU over MAU."},
	{"stickiness", "Stickiness histogram",
		"Persons by the number of days of the range on which they were active; who was not active is not listed."},
	{"retention", "Retention",
		"Cohorts are the persons first seen in a period, by the earliest active event over all history and of any role, or those whose first event of a named type lies in it. Cell N counts those of them active in the N-th period after (on), in it or any later one (on_or_after), or in it and every one from the cohort's own on (streak). A filter narrows down who was active, not who belongs to the cohort; a cell whose period is not over is null, but for the cohort's own; periods are counted whole. The average pools the cohorts that have the cell, weighted by their size."},
	{"new_users", "New users",
		"Persons whose earliest active event, over all history and of any role, lies in the range."},
	{"total_users", "Total users",
		"Persons whose earliest active event, of any role, lies before the end of the range."},
	{"signups", "Signups",
		"Events of type user_signup."},
	{"logins", "Logins",
		"Events of type login or user_login."},
	{"logins_by_period", "Logins by period",
		"Events of type login or user_login by period, and the distinct persons whom they name."},
	{"timeline", "Timeline",
		"Events, passive ones too, and page views of one person, the newest first, then page views before events, then by id from behind. A person is the user_id, or else the anonymous_id; histories that identify or alias tie together are joined on request only, and the answer says whose."},
	{"roles", "Users by role",
		"For each role that persons had when it happened: the distinct persons active in it and all events in it; who changes roles is counted in each of them."},
	{"event_types", "Event types",
		"Events by type, and the distinct persons whom they name; passive types are listed too, with their receivers as the persons. Most events first, then by name."},
	{"events", "Events",
		"Everything that was sent as an event, of passive types and of nobody too; page views are not events."},
	{"page_views", "Page views",
		"Page views of people; those of robots, told by their user agent, are counted apart as bot_page_views."},
	{"top_posts", "Top posts",
		"Objects of type post by engagement: the distinct persons who acted on the post by an event that is not passive, and those events. Most persons first, then most events, then by name."},
	{"top_tags", "Top tags",
		"Tags by the distinct persons whose events, not passive ones, carry the tag, and those events; an event counts once for each of its distinct tags. Most persons first, then most events, then by name."},
	{"posts", "Posts",
		"Distinct posts acted on in the range by an event that is not passive."},
	{"posts_created", "Posts created",
		"Events of type post_created."},
	{"views", "Views",
		"Events of type post_viewed, content_viewed or event_viewed, and page views of people that show the object."},
	{"comments", "Comments",
		"Events of type comment_added, comment_created or reply_added."},
	{"reactions", "Reactions",
		"Events of type reaction_added, post_liked or comment_liked."},
	{"shares", "Shares",
		"Events of type post_shared, content_shared or event_shared."},
	{"attendance", "Attendance",
		"Events that people attend are objects of type event. Registered, attended and cancelled are the distinct persons with event_registered, event_attended and event_cancelled of each object, added up over the objects; the show rate is the attended among the registered over the registered."},
	{"active_events", "Active events",
		"Events that are not of a passive type."},
	{"named_users", "Persons named",
		"Distinct persons whom events name, those of passive types too."},
	{"event_objects", "Objects acted on",
		"Distinct objects, by kind and id, that events are about, those of passive types too."},
	{"object_events", "Events on objects",
		"Events, not of passive types, that are about an object."},
	{"object_comments", "Comments on objects",
		"Events of the types of comments that are about an object."},
	{"object_reactions", "Reactions to objects",
		"Events of the types of reactions that are about an object."},
	{"object_shares", "Shares of objects",
		"Events of the types of shares that are about an object."},
	{"bot_page_views", "Page views of robots",
		"Page views whose user agent is a robot's."},
	{"visitors", "Visitors",
		"Distinct persons who viewed pages, robots left out."},
	{"active_user_events", "Events of active users",
		"Events, not of passive types, of somebody."},
	{"events_per_active_user", "Events per active user",
		"Events of active users over active users; null where nobody was active."},
	{"visitor_page_views", "Page views of visitors",
		"Page views of people that name a person."},
	{"page_views_per_visitor", "Page views per visitor",
		"Page views of visitors over visitors; null where there are none."},
	{"query", "Query",
		"Metrics broken down by dimensions, each by its own definition."},
	{"users_overview", "Users overview",
		"Active users, new and total users, signups and logins of the range; active users and user growth by period; users by role."},
	{"posts_overview", "Posts overview",
		"Posts acted on, posts created, the distinct persons who acted on posts, and the views, comments, reactions and shares of posts in the range; posts created by period; top posts; top tags."},
	{"events_overview", "Events overview",
		"Events, the distinct persons whom they name, distinct types and page views of the range; events and page views by period; event types; attendance."},
	{"summary_overview", "Summary",
		"Active users, new users, events, page views, posts created, comments, signups and logins of the range and of the range of equal length before it; active users, events and page views by period; top posts; top tags."},
}

// define returns the definition of a key, the zero value if there is none.
func define(key string) Definition {
	for _, d := range Definitions {
		if d.Key == key {
			return d
		}
	}
	return Definition{}
}
