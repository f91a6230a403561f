package live

import (
	"testing"
	"time"
)

func FuzzAnyIDIsResumedFromWithoutAGapOrNotAtAll(f *testing.F) {
	topic := newTopic(Filter{}, false, time.Now())
	for range 2 * keptMessages {
		topic.unlisted++
		topic.publish(time.Now(), State{}, time.Hour)
	}
	for _, seed := range []string{"", "-", "a-1", topic.epoch, topic.id(0), topic.id(topic.seq), topic.id(topic.seq - keptMessages), topic.id(topic.seq + 1), topic.epoch + "--1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		missed, known := topic.since(id)
		if !known && len(missed) > 0 || len(missed) > keptMessages {
			t.Fatalf("%d messages after %q (known: %v)", len(missed), id, known)
		}
		for i, m := range missed {
			if want := topic.id(topic.seq - uint64(len(missed)-1-i)); m.ID != want {
				t.Fatalf("message %d after %q is %s, want %s", i, id, m.ID, want)
			}
		}
	})
}
