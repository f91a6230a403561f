package live

import (
	"fmt"
	"testing"
	"time"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
)

// BenchmarkTakingIn is what the hub costs an event of a request of 500, apart
// from writing to readers: with nobody watching and with readers of several
// filters. Offering alone, which is all that the request waits for, is the first.
func BenchmarkTakingIn(b *testing.B) {
	const rows = 500
	block := rowblock.New(rowblock.Events)
	for i := range rows {
		r := did("login", fmt.Sprint("user-", i*7919%5000))
		r.OccurredAt, r.Object = event.MillisOf(time.Now()), event.Object{Type: "post", ID: fmt.Sprint(i)}
		r.Person = event.PersonOf(r.Identity)
		block.AppendEvent(&r)
	}
	perEvent := func(b *testing.B) { b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/event") }
	b.Run("offer", func(b *testing.B) {
		h := &Hub{options: defaults(), clock: time.Now, offers: make(chan offer, maxOffers)} // nobody counts
		for b.Loop() {
			if !h.Offer("p", block, func() {}) {
				b.Fatal("the offer was not taken")
			}
			o := <-h.offers
			h.held.Add(-o.bytes)
		}
		perEvent(b)
	})
	for _, readers := range []int{0, 1, 100, 5000} {
		b.Run(fmt.Sprint("readers=", readers), func(b *testing.B) {
			o := defaults()
			o.MaxReaders, o.MaxPerKey = readers+1, readers+1
			h := newHub(b, o, &tables{})
			for i := range readers {
				r, err := h.Watch(ask(Filter{Type: []string{"", "login", "other"}[i%3]}))
				if err != nil {
					b.Fatal(err)
				}
				defer r.Close()
				go func() {
					for {
						if _, err := r.Next(b.Context()); err != nil {
							return
						}
					}
				}()
			}
			for b.Loop() {
				h.fold(offer{"p", block, 0, func() {}})
			}
			perEvent(b)
		})
	}
}
