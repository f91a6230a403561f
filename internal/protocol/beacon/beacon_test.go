package beacon_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ibarura/internal/event"
	"ibarura/internal/protocol"
	"ibarura/internal/protocol/beacon"
)

// seen notes in one line each what it is given.
type seen []string

func (s *seen) Event(index int, e *event.Event) error {
	*s = append(*s, fmt.Sprint(index, " event ", e.Type))
	return nil
}

func (s *seen) PageView(index int, p *event.PageView) error {
	*s = append(*s, fmt.Sprint(index, " page ", p.URL, " ", p.DurationMs))
	return nil
}

func (s *seen) Reject(index int, r *event.Rejection) error {
	*s = append(*s, fmt.Sprint(index, " ", r.Code, " ", r.Field))
	return nil
}

func TestItemsOfBothKindsCountTogether(t *testing.T) {
	for _, c := range []struct {
		body, code string
		want       seen
	}{
		{body: `{"events":[{"type":"a"},{"no":1},{"type":"b"}],"pageviews":[{"url":"/x","duration_ms":5},{"no":1}]}`,
			want: seen{"0 event a", "1 unknown_field no", "2 event b", "3 page /x 5", "4 unknown_field no"}},
		{body: `{"pageviews":[{"url":"/x"}],"events":[{"type":"a"}]}`, want: seen{"0 event a", "1 page /x 0"}},
		{body: ` {"events":[]} `},
		{body: `{}`},
		{body: `{"events":{"type":"a"}}`, code: event.CodeNotAnObject},
		{body: `{"pageviews":null}`, code: event.CodeNotAnObject},
		{body: `{"events":[],"more":[]}`, code: event.CodeUnknownField},
		{body: `{"events":[{"type":"a"}],"events":[]}`, code: event.CodeDuplicateKey},
		{body: `[{"type":"a"}]`, code: event.CodeNotAnObject},
		{body: `{"events":[`, code: event.CodeInvalidJSON},
		{body: ``, code: event.CodeInvalidJSON},
	} {
		lim := event.DefaultLimits()
		var got seen
		err := beacon.Decode([]byte(c.body), &lim, &got)
		var wrong *protocol.BodyError
		if code := ""; errors.As(err, &wrong) {
			if code = wrong.Code; code != c.code {
				t.Errorf("%s: %v", c.body, err)
			}
		} else if err != nil || c.code != "" {
			t.Errorf("%s: %v, want %q", c.body, err, c.code)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: want (-), got (+):\n%s", c.body, diff)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"events":[{"type":"a"}],"pageviews":[{"url":"/x"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		lim := event.DefaultLimits()
		var got seen
		if err := beacon.Decode(body, &lim, &got); err != nil && len(got) > 0 {
			t.Errorf("%d items were handed on of a body that is refused: %v", len(got), err)
		}
	})
}
