package faulttest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// producer posts batches of its own until it is told to stop, and repeats each
// until it is acknowledged, as the documentation asks of producers. Now and
// then it does what producers do when things go wrong: it dies in the middle of
// a body, does not wait for the answer, or sends again what was acknowledged.
type producer struct {
	name   string
	door   Door
	world  *World
	ledger *Ledger
	random *rand.Rand // of what it sends; of nothing that depends on answers
	luck   *rand.Rand // of how it sends
	batch  BatchOptions
	pause  time.Duration // longest pause between two batches
	budget int           // items after which it stops by itself

	past []*Batch // acknowledged ones
}

// run ends when stop ends, once the batch under way is acknowledged, or when
// ctx ends.
func (p *producer) run(ctx, stop context.Context) {
	for n := 0; p.budget > 0 && stop.Err() == nil && ctx.Err() == nil; n++ {
		b := p.world.Batch(p.random, fmt.Sprintf("%s-%d", p.name, n), p.batch)
		p.budget -= b.Items
		p.ledger.Offer(b)
		p.deliver(ctx, b)
		p.repeatPast(ctx)
		wait(stop, time.Duration(p.luck.Int64N(int64(p.pause)+1)))
	}
}

// deliver sends a batch in one of the ways in which producers send.
func (p *producer) deliver(ctx context.Context, b *Batch) {
	fresh := true // no attempt was made before whose outcome is not known
	switch p.luck.IntN(12) {
	case 0: // dies in the middle of the body, for good
		p.attempt(ctx, b, p.luck.IntN(len(b.Body)))
		return
	case 1: // dies, and comes back
		p.attempt(ctx, b, p.luck.IntN(len(b.Body)))
		fresh = false
	case 2: // hangs up before the answer
		hasty, cancel := context.WithTimeout(ctx, time.Duration(p.luck.IntN(60))*time.Millisecond)
		p.attempt(hasty, b, len(b.Body))
		cancel()
		fresh = false
	}
	p.persist(ctx, b, fresh)
}

// attempt sends once and does not look at the answer.
func (p *producer) attempt(ctx context.Context, b *Batch, cut int) {
	_, _ = p.door.Send(ctx, b, cut) // that nobody knows the outcome is the point
	p.ledger.Retry(false)
}

// persist repeats a batch until it is acknowledged.
func (p *producer) persist(ctx context.Context, b *Batch, fresh bool) {
	for n := 0; ctx.Err() == nil; n++ {
		answer, err := p.door.Send(ctx, b, len(b.Body))
		switch {
		case err == nil && answer.Status == http.StatusOK:
			p.acknowledged(b, answer, fresh)
			return
		case err == nil && !passes(answer.Status):
			p.ledger.Complain("%s: a good batch of %d was answered %d %s", p.name, b.Items, answer.Status, answer.Code)
			return
		}
		fresh = false
		p.ledger.Retry(err == nil)
		wait(ctx, p.backOff(n))
	}
}

// passes says whether a status speaks of the server's state and not of the
// request.
func passes(status int) bool {
	return status == http.StatusServiceUnavailable || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests
}

// backOff is the pause before the n-th repetition, from 0: it doubles from 20
// ms up to a second, between half and all of it. Shorter than a real
// producer's, so that a round of seconds sees many.
func (p *producer) backOff(n int) time.Duration {
	full := min(20*time.Millisecond<<min(n, 10), time.Second)
	return full/2 + time.Duration(p.luck.Int64N(int64(full/2)))
}

// pastBatches is how many acknowledged batches a producer remembers.
const pastBatches = 16

func (p *producer) acknowledged(b *Batch, a Answer, fresh bool) {
	p.ledger.Acknowledge(b, a.Duplicates)
	p.check(b, a, fresh)
	if len(p.past) == pastBatches {
		p.past = p.past[1:]
	}
	p.past = append(p.past, b)
}

// check holds an answer against the batch.
func (p *producer) check(b *Batch, a Answer, fresh bool) {
	if a.Accepted+a.Duplicates+a.Rejected != b.Items || a.Rejected != b.Invalid {
		p.ledger.Complain("%s: %d items, %d of them invalid, were answered %+v", p.name, b.Items, b.Invalid, a)
	}
	if fresh && a.Accepted != b.Distinct() {
		p.ledger.Complain("%s: a new batch with %d ids was answered %+v", p.name, b.Distinct(), a)
	}
}

// repeatPast sends again what was acknowledged before: nothing of it may be
// taken for new.
func (p *producer) repeatPast(ctx context.Context) {
	if len(p.past) == 0 || !chance(p.luck, 6) {
		return
	}
	b := p.past[p.luck.IntN(len(p.past))]
	a, err := p.door.Send(ctx, b, len(b.Body))
	switch {
	case err != nil || a.Status != http.StatusOK:
		p.ledger.Retry(err == nil)
	case a.Accepted != 0:
		p.ledger.Complain("%s: an acknowledged batch with %d ids was taken for new: %+v", p.name, b.Distinct(), a)
	default:
		p.ledger.Acknowledge(b, a.Duplicates)
	}
}

// wait returns after a time, or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
