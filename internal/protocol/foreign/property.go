package foreign

import (
	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/strictjson"
)

// Set adds a property that the producer chose. One that is named like a field of
// ours, and fits in it, is that field: object_type, object_id, session_id,
// user_role and tags. A null adds nothing.
func (it *Item) Set(key string, v Value) {
	if !v.Given() || it.field(key, v) {
		return
	}
	it.Trait(key, v)
}

// field reports whether v went into a field of that name.
func (it *Item) field(key string, v Value) bool {
	if key == "tags" && !it.Page {
		return it.tagged(v)
	}
	to := it.fieldOf(key)
	if to == nil || (v.Kind() != strictjson.String && v.Kind() != strictjson.Number) {
		return false
	}
	*to, _ = v.Text()
	return true
}

func (it *Item) fieldOf(key string) *string {
	switch key {
	case "object_type":
		return &it.Object.Type
	case "object_id":
		return &it.Object.ID
	case "session_id":
		return &it.Who.SessionID
	case "user_role":
		return &it.Who.Role
	default:
		return nil
	}
}

// tagged takes an array of strings as the tags, within the limits.
func (it *Item) tagged(v Value) bool {
	lim := it.context.Limits
	tags := it.tags[:0]
	for _, element := range v.Elements() {
		tag, _ := element.Text()
		if element.Kind() != strictjson.String || tag == "" || len(tag) > lim.MaxTagBytes || len(tags) == lim.MaxTags {
			return false
		}
		tags = append(tags, tag)
	}
	it.tags = tags
	return v.Kind() == strictjson.Array
}

// Trait adds a property whatever its name is; a null adds nothing.
func (it *Item) Trait(key string, v Value) {
	if !v.Given() || it.why != nil {
		return
	}
	property := it.slot(key)
	if property == nil {
		limit := it.context.Limits.MaxProperties
		it.Reject(event.Reject(event.CodeTooMany, "properties", "properties has more keys than the limit of %d", limit))
		return
	}
	value, why := it.textOf(key, v)
	if why != nil {
		it.Reject(why)
		return
	}
	property.Value = value
}

// Note adds a property that no producer chose: it is left out if there is one of
// that name already, or no room for it.
func (it *Item) Note(key, text string) {
	lim := it.context.Limits
	if text == "" || it.find(key) != nil || len(key) > lim.MaxPropertyKeyBytes || len(text) > lim.MaxPropertyValueBytes {
		return
	}
	if property := it.slot(key); property != nil {
		property.Value = text
	}
}

// Has reports whether there is a property of that name.
func (it *Item) Has(key string) bool { return it.find(key) != nil }

// slot returns the property of that name or a new one; nil if there are enough.
func (it *Item) slot(key string) *event.Property {
	if property := it.find(key); property != nil {
		return property
	}
	if len(it.properties) == it.context.Limits.MaxProperties {
		return nil
	}
	it.properties = append(it.properties, event.Property{Key: key})
	return &it.properties[len(it.properties)-1]
}

// find compares with all keys: there are few.
func (it *Item) find(key string) *event.Property {
	for i := range it.properties {
		if it.properties[i].Key == key {
			return &it.properties[i]
		}
	}
	return nil
}

// inItem is how deep properties itself is, as in the native format.
const inItem = 2

// textOf returns a value as the native format stores it: a string as it is, a
// number as its digits, a boolean as its name, anything nested as compact JSON.
func (it *Item) textOf(key string, v Value) (string, *event.Rejection) {
	if text, ok := v.Text(); ok {
		if v.Kind() == strictjson.Number {
			return text, protocol.CheckNumber(&event.Property{Key: key, Value: text})
		}
		return text, nil
	}
	cursor := v.cursor()
	compact, nested, paired := cursor.Compact(it.scratch[:0])
	it.scratch = compact
	if depth := nested + inItem; depth > it.context.Limits.MaxDepth {
		name := protocol.PropertyName(key)
		return "", event.Reject(event.CodeTooDeep, name, "%s nests %d deep counted from the item, the limit is %d", name, depth, it.context.Limits.MaxDepth)
	}
	return marked(string(compact), paired), nil
}

// NoteValue is Note for a value of any kind.
func (it *Item) NoteValue(key string, v Value) {
	if !v.Given() {
		return
	}
	if text, why := it.textOf(key, v); why == nil {
		it.Note(key, text)
	}
}
