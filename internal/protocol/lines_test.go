package protocol

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ibarura/internal/event"
)

func types(events map[int]event.Event) map[int]string {
	found := map[int]string{}
	for index, e := range events {
		found[index] = e.Type
	}
	return found
}

func TestLinesAreNumberedAsAnEditorShowsThem(t *testing.T) {
	log := decodeLinesOf(t, "\uFEFF{\"type\":\"a\"}\r\n\n  \r\n {\"type\":\"b\"} \nnonsense\n[{\"type\":\"c\"}]\n{\"type\":\"d\"}", event.DefaultLimits())
	if diff := cmp.Diff(map[int]string{0: "a", 3: "b", 6: "d"}, types(log.events)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[int]string{4: "invalid_json ", 5: "not_an_object "}, summary(log.rejected)); diff != "" {
		t.Error(diff)
	}
	if message := log.rejected[4].Message; !strings.Contains(message, "at byte 1") {
		t.Errorf("message %q does not say where", message)
	}
}

func TestLineOverTheLimitIsRejectedAndReadingGoesOn(t *testing.T) {
	item := func(size int) string {
		const frame = `{"type":""}`
		return `{"type":"` + strings.Repeat("x", size-len(frame)) + `"}`
	}
	for _, limit := range []int{100, lineBuffer - 1, lineBuffer, lineBuffer + 1, 3*lineBuffer + 7} {
		lim := event.DefaultLimits()
		lim.MaxItemBytes = limit
		stream := item(limit) + "\r\n" + item(limit+1) + "\n" + item(10*limit) + "\n{\"type\":\"z\"}\n" + item(limit+1)
		log := decodeLinesOf(t, stream, lim)
		want := map[int]string{1: "item_too_large ", 2: "item_too_large ", 4: "item_too_large "}
		if diff := cmp.Diff(want, summary(log.rejected)); diff != "" {
			t.Errorf("limit %d: %s", limit, diff)
		}
		if log.events[3].Type != "z" || len(log.events[0].Type) != limit-11 {
			t.Errorf("limit %d: read %d events", limit, len(log.events))
		}
	}
}

func TestReadErrorIsReturnedAfterTheWholeLines(t *testing.T) {
	cut := errors.New("connection reset")
	lim := event.DefaultLimits()
	log := newEventLog()
	r := io.MultiReader(strings.NewReader("{\"type\":\"a\"}\n{\"type\":\"unfinished\"}"), iotest.ErrReader(cut))
	if err := DecodeEventLines(r, &lim, log); !errors.Is(err, cut) {
		t.Errorf("error %v, want %v", err, cut)
	}
	if diff := cmp.Diff(map[int]string{0: "a"}, types(log.events)); diff != "" {
		t.Error(diff)
	}
}

func TestPageViewLines(t *testing.T) {
	lim := event.DefaultLimits()
	log := newPageLog()
	if err := DecodePageViewLines(strings.NewReader("{\"url\":\"/a\"}\n{\"uri\":\"/b\"}\n"), &lim, log); err != nil {
		t.Fatal(err)
	}
	if log.views[0].URL != "/a" || log.rejected[1].Code != event.CodeUnknownField {
		t.Errorf("views %v, rejected %v", log.views, log.rejected)
	}
}

// TestLinesAndArrayReadTheSame cuts the same items by line ends and by commas,
// with reads of any size.
func TestLinesAndArrayReadTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		items := rapid.SliceOf(rapid.SampledFrom([]string{
			`{"type":"a"}`, `{"type":"b","tags":["x","\u00e9"]}`, `{"typ":"c"}`, `{"properties":{"k":[1, 2]}}`, `7`,
		})).Draw(rt, "items")
		lim := event.DefaultLimits()
		array, lines := newEventLog(), newEventLog()
		if err := DecodeEvents([]byte("["+strings.Join(items, ",")+"]"), &lim, array); err != nil {
			rt.Fatal(err)
		}
		r := iotest.OneByteReader(strings.NewReader(strings.Join(items, "\n")))
		if err := DecodeEventLines(r, &lim, lines); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(array.events, lines.events); diff != "" {
			rt.Fatal(diff)
		}
		if diff := cmp.Diff(array.rejected, lines.rejected); diff != "" {
			rt.Fatal(diff)
		}
	})
}
