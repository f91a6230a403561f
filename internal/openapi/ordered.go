package openapi

import (
	"bytes"
	"encoding/json"
)

// Map is a JSON object whose members keep the order in which they were set:
// readers meet what belongs together, and the same document is the same bytes.
type Map[V any] []Member[V]

// Member is a member of a Map.
type Member[V any] struct {
	Name  string
	Value V
}

// Get returns the value of a name, and false if there is none.
func (m Map[V]) Get(name string) (value V, found bool) {
	for _, member := range m {
		if member.Name == name {
			return member.Value, true
		}
	}
	return value, false
}

// Set replaces the value of a name, or appends it.
func (m *Map[V]) Set(name string, value V) {
	for i := range *m {
		if (*m)[i].Name == name {
			(*m)[i].Value = value
			return
		}
	}
	*m = append(*m, Member[V]{name, value})
}

// MarshalJSON writes the members in their order.
func (m Map[V]) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, member := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(member.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(member.Value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
