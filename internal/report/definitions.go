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
	{"new_users", "New users",
		"Persons whose earliest active event, over all history and of any role, lies in the range."},
	{"total_users", "Total users",
		"Persons whose earliest active event, of any role, lies before the end of the range."},
	{"signups", "Signups",
		"Events of type user_signup."},
	{"logins", "Logins",
		"Events of type login or user_login."},
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
	{"funnel", "Funnel",
		"Persons by the furthest of the steps, events of the named types in order, that they reached from any first step: each step at or after the one before and within the window from the first, all within the range; ties in time are in the order of the steps, passive types count, and a person counts once. Strict order: no other of the steps, nor the same again, in between. Times and breakdown are those of the earliest start that leads furthest, with each next step as soon as it comes; a percentile is the time within which at least that share of those who reached the step did."},
	{"post_engagement", "Engagement with posts",
		"Top posts with their views, comments, reactions and shares, beside the same of the range of equal length before, and before whole calendar months of as many months; the trend is by how much the persons have grown, as a share of those before. A post is listed if an event that is not passive acted on it in the range."},
	{"post", "One post",
		"The distinct persons who acted on a post by an event that is not passive, those events, and the post's views, comments, reactions and shares, by period and over the range."},
	{"tag_engagement", "Engagement with tags",
		"Top tags with the views, comments, reactions and shares among the events that carry them, beside the same of the range of equal length before, and before whole calendar months of as many months; the trend is by how much the persons have grown, as a share of those before. Page views carry no tags."},
	{"event_series", "Events by type over time",
		"Events by period and by type, role or kind of object, and the distinct persons whom they name; passive types are counted too. The most frequent ones over the range, then by name; each has every period."},
	{"login_series", "Logins over time",
		"Events of type login or user_login by period, and the distinct persons whom they name."},
	{"pages", "Pages",
		"Page views of people, or of robots if asked for, and the distinct persons behind them, by path, referring site, campaign, device, browser, system, country or host; the average time is that of the views that told one. By entry and exit: sessions with a page view, by their first and last page. Most page views, or sessions, first, then by name."},
	{"page_paths", "Paths between pages",
		"How often sessions went from one page to the next, and in how many sessions; the same page again is no way. With a start: from its first view in a session on, by step. Sessions are counted on the day on which they began."},
	{"sessions", "Sessions",
		"Page views and events that are not passive, of one session_id; without one, of one person with less than 30 minutes between neighbours. A session counts when it began, and what it did on the local day of the project after that is part of it, but nothing later; under a session_id another one begins only after a day without it. A bounce is a session of one page view and no event; the duration is last minus first. A session is a robot's if one of its pages was; where its pages name several devices, browsers or countries, the last by name is its own."},
	{"notifications", "Notifications",
		"Distinct notifications, by object_id, with a notification_sent, notification_delivered, notification_opened and notification_clicked; an event without an object is one of its own. Channel and campaign are what the event's properties of those names say. Rates are over the delivered where there are any, else over the sent, and rate_over says which."},
	{"messaging", "Messaging",
		"Distinct messages, by object_id, with a message_sent, message_delivered, message_opened and message_clicked; an event without an object is one of its own. Channel and campaign are what the event's properties of those names say. Rates are over the delivered where there are any, else over the sent, and rate_over says which."},
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
