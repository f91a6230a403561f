package posthog

import (
	"strings"

	"ibarura/internal/protocol/foreign"
)

// automatic holds those of the client's own properties that become fields, or
// properties under a plainer name.
type automatic struct{ texts [automaticCount]string }

const (
	currentURL = iota
	referrer
	screenName
	distinctID
	deviceID
	sessionID
	anonDistinctID
	isIdentified
	personProfile
	rawUserAgent
	userAgent
	ip
	library
	libraryVersion
	locale
	browserLanguage
	automaticCount
)

var automaticNames = map[string]int{
	"$current_url": currentURL, "$referrer": referrer, "$screen_name": screenName, "distinct_id": distinctID, "$device_id": deviceID,
	"$session_id": sessionID, "$anon_distinct_id": anonDistinctID, "$is_identified": isIdentified, "$process_person_profile": personProfile,
	"$raw_user_agent": rawUserAgent, "$user_agent": userAgent, "$ip": ip, "$lib": library, "$lib_version": libraryVersion,
	"$locale": locale, "$browser_language": browserLanguage,
}

func (a *automatic) read(properties foreign.Value) {
	*a = automatic{}
	for key, value := range properties.Members() {
		if i, known := automaticNames[key]; known {
			a.texts[i], _ = value.Text()
		}
	}
}

// note adds what the client says of page and client to an event.
func (a *automatic) note(it *foreign.Item) {
	it.Note("page_url", a.texts[currentURL])
	it.Note("page_referrer", a.from())
	a.noteClient(it)
}

func (a *automatic) noteClient(it *foreign.Item) {
	it.Note("locale", either(a.texts[locale], a.texts[browserLanguage]))
	it.Note("library", a.texts[library])
	it.Note("library_version", a.texts[libraryVersion])
}

func (a *automatic) userAgent() string { return either(a.texts[rawUserAgent], a.texts[userAgent]) }

// from is where the visitor came from; $direct is nowhere.
func (a *automatic) from() string {
	if a.texts[referrer] == "$direct" {
		return ""
	}
	return a.texts[referrer]
}

func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

// meaningless reports whether a property that a client adds by itself says
// nothing that is of use here, or says what is stored elsewhere.
func meaningless(key string) bool {
	if _, known := automaticNames[key]; known {
		return true
	}
	switch key {
	case "$host", "$pathname", "$referring_domain", "$user_id", "$set", "$set_once", "$insert_id", "$time", "$window_id", "$pageview_id",
		"$is_server", "$config_defaults", "$initialization_time", "$configured_session_timeout_ms", "$recording_status",
		"$had_persisted_distinct_id", "$cookieless_mode", "$cymbal_errors", "$screen_height", "$screen_width":
		return true
	}
	for _, prefix := range []string{
		"$os", "$browser", "$device", "$timezone", "$viewport_", "$lib_", "$sdk_", "$session_entry_", "$initial_", "$geoip_", "$replay_",
		"$recording_", "$session_recording_", "$client_session_", "$prev_pageview_last_", "$prev_pageview_id", "$feature_flag_request_", "$feature_flag_payloads",
	} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return strings.HasSuffix(key, "_server_side")
}
