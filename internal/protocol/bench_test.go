package protocol

import (
	"bytes"
	"fmt"
	"syscall"
	"testing"
	"time"

	"ibarura/internal/event"
)

// communityBody is a request of n events as the community platform sends
// them: signups, posts with tags and properties, comments.
func communityBody(n int) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		kind, object := "post_created", `,"object_type":"post","object_id":"650111dc8c08","tags":["src","docs"],"properties":{"files":"19","lines":412}`
		if i%5 == 0 {
			kind, object = "user_signup", ""
		}
		fmt.Fprintf(&b, `{"id":"%032x","type":%q,"occurred_at":"2026-01-%02dT19:%02d:57Z","user_id":"79368723b8d1","user_role":"member"%s}`,
			i*7919, kind, 1+i%28, i%60, object)
	}
	b.WriteByte(']')
	return b.Bytes()
}

// validatingSink does what ingest does with an item before it stores it.
type validatingSink struct {
	lim    *event.Limits
	now    event.Millis
	people uint64
	bad    int
}

func (s *validatingSink) Event(_ int, e *event.Event) error {
	if e.Validate(s.lim, s.now) != nil {
		s.bad++
	}
	s.people += event.PersonOf(e.Identity)
	return nil
}

func (s *validatingSink) Reject(int, *event.Rejection) error {
	s.bad++
	return nil
}

// cpuTime is what the process has used so far: unlike elapsed time it tells
// events per second of a core on a machine that others use too.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func BenchmarkDecodeEvents500(b *testing.B) {
	const events = 500
	body := communityBody(events)
	lim := event.DefaultLimits()
	sink := &validatingSink{lim: &lim, now: 1800000000000}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	before := cpuTime(b)
	for b.Loop() {
		if err := DecodeEvents(body, &lim, sink); err != nil {
			b.Fatal(err)
		}
	}
	if sink.bad > 0 {
		b.Fatalf("%d items rejected", sink.bad)
	}
	b.ReportMetric(events*float64(b.N)/(cpuTime(b)-before).Seconds(), "events/cpu-s")
}

func BenchmarkDecodeEventLines500(b *testing.B) {
	const events = 500
	array := communityBody(events)
	body := bytes.ReplaceAll(array[1:len(array)-1], []byte("},{\"id\""), []byte("}\n{\"id\""))
	lim := event.DefaultLimits()
	sink := &validatingSink{lim: &lim, now: 1800000000000}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	before := cpuTime(b)
	for b.Loop() {
		if err := DecodeEventLines(bytes.NewReader(body), &lim, sink); err != nil {
			b.Fatal(err)
		}
	}
	if sink.bad > 0 {
		b.Fatalf("%d items rejected", sink.bad)
	}
	b.ReportMetric(events*float64(b.N)/(cpuTime(b)-before).Seconds(), "events/cpu-s")
}

func BenchmarkParseTime(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ParseTime("2026-05-01T12:00:00.123+02:00")
	}
}
