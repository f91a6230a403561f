package protocol

import "strings"

// synonyms are what other formats call our fields, in lower case and without
// separators.
var synonyms = map[string]field{
	"event": fieldType, "eventname": fieldType, "eventtype": fieldType, "name": fieldType,
	"uuid": fieldID, "eventid": fieldID, "messageid": fieldID, "insertid": fieldID,
	"timestamp": fieldOccurredAt, "time": fieldOccurredAt, "ts": fieldOccurredAt, "datetime": fieldOccurredAt,
	"date": fieldOccurredAt, "createdat": fieldOccurredAt,
	"user": fieldUserID, "distinctid": fieldAnonymousID, "visitorid": fieldAnonymousID, "deviceid": fieldAnonymousID,
	"session": fieldSessionID, "role": fieldUserRole,
	"metadata": fieldProperties, "props": fieldProperties, "attributes": fieldProperties, "data": fieldProperties,
	"path": fieldURL, "page": fieldURL, "href": fieldURL, "location": fieldURL,
	"duration": fieldDurationMs, "ua": fieldUserAgent, "ipaddress": fieldIP,
}

// nearestField guesses which of the known fields was meant by name.
func nearestField(name string, known fieldSet) (field, bool) {
	plain := plainName(name)
	if f, ok := synonyms[plain]; ok && known.has(f) {
		return f, true
	}
	best, bestDistance := field(0), 1+len(plain)/4
	found := false
	for f := range fieldCount {
		if !known.has(f) {
			continue
		}
		if d := editDistance(plain, plainName(f.String())); d <= bestDistance && (!found || d < bestDistance) {
			best, bestDistance, found = f, d, true
		}
	}
	return best, found
}

// plainName reduces userId, user-id and USER_ID to userid.
func plainName(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case 'A' <= c && c <= 'Z':
			return c + 'a' - 'A'
		case c == '_' || c == '-' || c == '.' || c == ' ' || c == '$':
			return -1
		default:
			return c
		}
	}, name)
}

// editDistance counts the bytes to insert, delete or replace to make b of a
// (Levenshtein's distance, by rows). Names are clipped, so it is cheap.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
