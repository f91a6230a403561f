package event

// The types of events that say who somebody is. They are reserved: whoever sends
// one says that, by whatever route.
const (
	// Identify ties AnonymousID to UserID, if it has both; its properties are
	// what is known of the user.
	Identify = "identify"
	// Alias says that UserID was known as AnonymousID.
	Alias = "alias"
	// Group says that the user belongs to Object; its properties are what is
	// known of that group.
	Group = "group"
)

// Automatic reports whether events of a type are no acts of anybody: they
// describe people, or a client sends them by itself. They make nobody active,
// whatever the configuration says.
func Automatic(eventType string) bool {
	switch eventType {
	case Identify, Alias, Group:
		return true
	case "$pageleave", "$feature_flag_called", "$web_vitals": // of PostHog's clients
		return true
	case "engagement": // of Plausible's
		return true
	default:
		return false
	}
}
