package report

// Which event types the totals are about. Those of content are also written
// down in the migration that makes content_day; a test holds the two together.
var (
	signupTypes   = []string{"user_signup"}
	loginTypes    = []string{"login", "user_login"}
	postTypes     = []string{"post_created"}
	viewTypes     = []string{"post_viewed", "content_viewed", "event_viewed"}
	commentTypes  = []string{"comment_added", "comment_created", "reply_added"}
	reactionTypes = []string{"reaction_added", "post_liked", "comment_liked"}
	shareTypes    = []string{"post_shared", "content_shared", "event_shared"}

	// What became of a notification and of a message: sent, delivered, opened, clicked.
	notificationTypes = []string{"notification_sent", "notification_delivered", "notification_opened", "notification_clicked"}
	messageTypes      = []string{"message_sent", "message_delivered", "message_opened", "message_clicked"}
)
