package oracle

// The types of events that have a meaning, as docs/definitions.md names them.
var (
	signups   = []string{"user_signup"}
	logins    = []string{"login", "user_login"}
	creations = []string{"post_created"}
	views     = []string{"post_viewed", "content_viewed", "event_viewed"}
	comments  = []string{"comment_added", "comment_created", "reply_added"}
	reactions = []string{"reaction_added", "post_liked", "comment_liked"}
	shares    = []string{"post_shared", "content_shared", "event_shared"}
)
