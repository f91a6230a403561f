package report

import (
	"encoding/base64"
	"errors"
	"testing"
)

// cursorRefused fails the test unless an error is the client's, about the cursor.
func cursorRefused(t *testing.T, err error) {
	t.Helper()
	var wrong *QuestionError
	if !errors.As(err, &wrong) || wrong.Field != "cursor" || wrong.Code != CodeInvalid {
		t.Errorf("the cursor is refused with %v", err)
	}
}

// Whatever is sent as a cursor, of a ranking, of a timeline or of an export, is
// refused, or names a place that is written as a cursor of the same place.
func FuzzACursorNamesAPlaceOrIsRefused(f *testing.F) {
	q := Question{Project: "p", ProjectZone: zone(f, "Africa/Kigali"), Zone: zone(f, "Africa/Kigali"), From: Date{2026, 1, 1}, To: Date{2026, 2, 1}, Limit: 10}
	raw := &RawRead{Question: q, kind: RawEvents}
	decoded := func(cursor string) []byte {
		text, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil {
			f.Fatal(err)
		}
		return text
	}
	for _, cursor := range []string{
		q.cursorAt("tags/top", 40), q.cursorAt("tags/top", maxSkipped+1), q.cursorAt("posts/top", 40),
		q.cursorBehind("users/timeline", place{1_700_000_000_000, "event", "an id"}),
		raw.Cursor(RawPlace{Date{2026, 1, 5}, "login", 7, 1_700_000_000_000, 9, "an id"}), raw.Cursor(nowhere()),
	} {
		f.Add(decoded(cursor))
	}
	f.Fuzz(func(t *testing.T, cursor []byte) {
		asked := q
		asked.Cursor = base64.RawURLEncoding.EncodeToString(cursor)
		if asked.Cursor == "" {
			return
		}
		if offset, wrong := asked.offsetOf("tags/top"); wrong != nil {
			cursorRefused(t, wrong)
		} else if offset < 0 || offset > maxSkipped || q.cursorAt("tags/top", offset) != asked.Cursor {
			t.Errorf("a ranking goes on at %d", offset)
		}
		if from, wrong := asked.placeOf("users/timeline"); wrong != nil {
			cursorRefused(t, wrong)
		} else if q.cursorBehind("users/timeline", from) != asked.Cursor {
			t.Errorf("a timeline goes on at %+v", from)
		}
		if from, err := raw.placeOf(asked.Cursor); err != nil {
			cursorRefused(t, err)
		} else if again, err := raw.placeOf(raw.Cursor(from)); err != nil || again != from {
			t.Errorf("an export goes on at %+v, then at %+v: %v", from, again, err)
		}
	})
}
