package loadgen

// kind is a type of event.
type kind uint8

const (
	postViewed kind = iota
	notificationSent
	notificationDelivered
	notificationOpened
	notificationClicked
	reactionAdded
	commentAdded
	login
	messageSent
	postCreated
	postShared
	eventRegistered
	eventAttended
	eventCancelled
	userSignup
	kindCount
)

// kinds are the types, their weights in the mix (out of 1000), and the kind of
// object that they act on.
var kinds = [kindCount]struct {
	name   string
	weight float64
	object string // empty: none
}{
	postViewed:            {"post_viewed", 370, "post"},
	notificationSent:      {"notification_sent", 120, "notification"},
	notificationDelivered: {"notification_delivered", 100, "notification"},
	notificationOpened:    {"notification_opened", 40, "notification"},
	notificationClicked:   {"notification_clicked", 12, "notification"},
	reactionAdded:         {"reaction_added", 115, "post"},
	commentAdded:          {"comment_added", 70, "post"},
	login:                 {"login", 70, ""},
	messageSent:           {"message_sent", 45, ""},
	postCreated:           {"post_created", 22, "post"},
	postShared:            {"post_shared", 14, "post"},
	eventRegistered:       {"event_registered", 11, "event"},
	eventAttended:         {"event_attended", 6, "event"},
	eventCancelled:        {"event_cancelled", 2, "event"},
	userSignup:            {"user_signup", 3, ""},
}

// passive reports whether the type makes nobody active, by the server's default
// list.
func (k kind) passive() bool { return k == notificationSent }

// details are the properties that an event may carry, by type; one of the
// variants is drawn. Types without an entry carry none.
var details = map[kind][][]pair{
	login:           {{{"method", "password"}}, {{"method", "google"}}, {{"method", "github"}}, {{"method", "magic_link"}}},
	userSignup:      {{{"source", "invite"}}, {{"source", "search"}}, {{"source", "direct"}}},
	postViewed:      {{{"surface", "feed"}}, {{"surface", "search"}}, {{"surface", "profile"}}, {}},
	reactionAdded:   {{{"reaction", "like"}}, {{"reaction", "thanks"}}, {{"reaction", "insightful"}}},
	commentAdded:    {{{"length", "48"}}, {{"length", "160"}}, {{"length", "611"}}},
	postCreated:     {{{"length", "420"}, {"media", "image"}}, {{"length", "1800"}, {"media", "none"}}, {{"length", "90"}, {"media", "video"}}},
	postShared:      {{{"target", "group"}}, {{"target", "external"}}},
	messageSent:     {{{"thread", "direct"}}, {{"thread", "group"}}},
	eventRegistered: {{{"ticket", "free"}}, {{"ticket", "supporter"}}},
}

type pair struct{ key, value string }

// channels and campaigns: a notification has one of each, and keeps them from
// being sent to being clicked.
var (
	channels  = []string{"email", "push", "in_app", "sms"}
	campaigns = []string{"weekly_digest", "new_reply", "new_follower", "event_reminder", "welcome", "win_back"}
)

// notificationDetails are all combinations of channel and campaign.
func notificationDetails() [][]pair {
	var all [][]pair
	for _, channel := range channels {
		for _, campaign := range campaigns {
			all = append(all, []pair{{"channel", channel}, {"campaign", campaign}})
		}
	}
	return all
}

var roles = [...]string{"member", "core", "moderator", "admin"}

// tagNames are the community's tags, the most used first.
var tagNames = []string{
	"help", "introductions", "announcements", "showcase", "golang", "databases", "frontend", "devops",
	"events", "jobs", "design", "security", "testing", "performance", "beginners", "career",
	"mobile", "cloud", "data", "machine-learning", "open-source", "accessibility", "remote-work", "meetups",
	"books", "off-topic", "feedback", "moderation", "translation", "kigali", "mentoring", "hardware",
}

// hours are the weights of a day's hours, UTC: people sleep, and come back in
// the evening.
var hours = [24]float64{
	5, 3, 2, 2, 3, 6, 12, 22, 34, 42, 46, 47,
	50, 52, 49, 47, 48, 54, 62, 70, 66, 48, 28, 13,
}

// weekend is the share of a weekday's traffic that a day of the weekend has.
const weekend = 0.6
