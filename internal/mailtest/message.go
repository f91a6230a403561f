package mailtest

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // texts come in any
)

// Message is a message as a mail client takes it apart.
type Message struct {
	Header message.Header
	Text   string
	HTML   string
	Images map[string][]byte // by content id
	Types  []string          // of the parts, in order, with their nesting by dots
}

// Parse takes a message apart, with a parser that is not the sender's.
func (r Received) Parse(t testing.TB) Message {
	t.Helper()
	entity, err := message.Read(bytes.NewReader(r.Raw))
	if err != nil {
		t.Fatalf("the message cannot be read: %v\n%s", err, r.Raw)
	}
	m := Message{Header: entity.Header, Images: map[string][]byte{}}
	if err := entity.Walk(func(path []int, part *message.Entity, err error) error {
		if err != nil {
			return err
		}
		return m.take(len(path), part)
	}); err != nil {
		t.Fatalf("the message cannot be taken apart: %v\n%s", err, r.Raw)
	}
	return m
}

func (m *Message) take(depth int, part *message.Entity) error {
	kind, _, err := part.Header.ContentType()
	if err != nil {
		return err
	}
	m.Types = append(m.Types, strings.Repeat(".", depth)+kind)
	if strings.HasPrefix(kind, "multipart/") {
		return nil
	}
	body, err := io.ReadAll(part.Body)
	switch kind {
	case "text/plain":
		m.Text = string(body)
	case "text/html":
		m.HTML = string(body)
	default:
		m.Images[strings.Trim(part.Header.Get("Content-Id"), "<>")] = body
	}
	return err
}
