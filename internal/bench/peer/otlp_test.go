package peer

import (
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"ibarura/internal/loadgen"
)

func generator(t *testing.T) *loadgen.Generator {
	t.Helper()
	now := time.Date(2026, 6, 17, 18, 0, 0, 0, time.UTC)
	g, err := loadgen.New(loadgen.Options{Seed: 1, Run: 1, Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestLogsCarryTheIDsOfTheEvents(t *testing.T) {
	const n = 200
	logs := AppendLogs(nil, generator(t), n)
	ids, events := IDs(logs), generator(t)
	if len(ids) != n {
		t.Fatalf("%d ids, want %d", len(ids), n)
	}
	for _, at := range ids {
		if got, want := string(logs[at:at+loadgen.IDBytes]), events.Event().ID; got != want {
			t.Fatalf("id %s, want %s", got, want)
		}
	}
}

// inside returns the bytes of every field of a number.
func inside(t *testing.T, message []byte, field protowire.Number) [][]byte {
	t.Helper()
	var found [][]byte
	for len(message) > 0 {
		number, kind, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			t.Fatal(protowire.ParseError(tag))
		}
		size := protowire.ConsumeFieldValue(number, kind, message[tag:])
		if size < 0 {
			t.Fatal(protowire.ParseError(size))
		}
		if number == field {
			value, _ := protowire.ConsumeBytes(message[tag:])
			found = append(found, value)
		}
		message = message[tag+size:]
	}
	return found
}

func TestLogsAreOneRecordAnEvent(t *testing.T) {
	const n = 50
	logs, events := AppendLogs(nil, generator(t), n), generator(t)
	resources := inside(t, logs, requestResourceLogs)
	scopes := inside(t, resources[0], resourceLogsScopes)
	records := inside(t, scopes[0], scopeLogsRecords)
	if len(resources) != 1 || len(scopes) != 1 || len(records) != n {
		t.Fatalf("%d resources, %d scopes, %d records", len(resources), len(scopes), len(records))
	}
	for _, record := range records {
		if got, want := string(inside(t, record, recordEventName)[0]), events.Event().Type; got != want {
			t.Fatalf("event %s, want %s", got, want)
		}
	}
}
