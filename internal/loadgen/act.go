package loadgen

import (
	"math/rand/v2"
	"time"

	"ibarura/internal/event"
)

// act is one thing that happens, not yet written in any way.
type act struct {
	number uint64 // makes the id
	at     event.Millis
	user   int32
	object int32
	kind   kind
	detail uint8 // variant of the properties
}

// next decides what happens next.
func (g *Generator) next() act {
	g.ids.next++
	a := act{number: g.ids.next, kind: kind(g.words.mix.draw(g.rng))}
	switch a.kind {
	case notificationDelivered, notificationOpened, notificationClicked:
		stage := a.kind - notificationDelivered
		if g.follow(&a, &g.stages[stage], notificationSent) && stage < 2 {
			g.stages[stage+1].put(a)
		}
	case eventAttended, eventCancelled:
		g.follow(&a, &g.attending, eventRegistered)
	default:
		g.begin(&a)
	}
	return a
}

// follow makes a the consequence of an earlier act: of the same user on the same
// object, somewhat later. While there is none, the first of the chain happens
// instead, and follow returns false.
func (g *Generator) follow(a *act, earlier *ring, first kind) bool {
	cause, there := earlier.pick(g.rng)
	if !there {
		a.kind = first
		g.begin(a)
		return false
	}
	a.user, a.object, a.detail = cause.user, cause.object, cause.detail
	if kinds[a.kind].object != "notification" {
		a.detail = 0
	}
	if g.o.Days == 0 {
		a.at = g.now
	} else {
		a.at = min(g.now, cause.at+event.Millis(g.rng.ExpFloat64()*float64(2*time.Hour/time.Millisecond)))
	}
	return true
}

// begin fills in an act that has no cause.
func (g *Generator) begin(a *act) {
	a.at = g.moment()
	a.detail = uint8(g.rng.Uint32N(uint32(len(g.words.details[a.kind]))))
	a.user = g.someone(a.kind)
	switch kinds[a.kind].object {
	case "post":
		a.object = g.somePost(a.kind)
	case "notification":
		a.object = int32(a.number)
		g.stages[0].put(*a)
	case "event":
		a.object = int32(g.rng.Uint32N(communityEvents))
		g.attending.put(*a)
	}
}

// communityEvents is how many events there are to attend.
const communityEvents = 400

// someone draws who acts. Sign-ups make new users, who act now and then.
func (g *Generator) someone(k kind) int32 {
	if k == userSignup {
		g.newUsers++
		return g.newcomer(g.o.Users, g.newUsers)
	}
	if g.newUsers > 0 && g.rng.Uint32N(32) == 0 {
		return g.newcomer(g.o.Users, 1+g.rng.IntN(g.newUsers))
	}
	return int32(g.users.draw(g.rng))
}

// somePost draws the post that is acted on; every fourth is a new one.
func (g *Generator) somePost(k kind) int32 {
	if k == postCreated {
		g.newPosts++
		return g.newcomer(g.o.Posts, g.newPosts)
	}
	if g.newPosts > 0 && g.rng.Uint32N(4) == 0 {
		newest := min(g.newPosts, 500)
		return g.newcomer(g.o.Posts, g.newPosts-g.rng.IntN(newest))
	}
	return int32(g.posts.draw(g.rng))
}

// newcomer is the n-th (from 1) that this lane has added to a populace.
func (g *Generator) newcomer(before, n int) int32 {
	return int32(before + (n-1)*g.o.Lanes + g.o.Lane)
}

// moment is now, or a moment of the last days by their rhythm.
func (g *Generator) moment() event.Millis {
	if g.o.Days == 0 {
		return g.now
	}
	const day, quarter = event.Millis(24 * time.Hour / time.Millisecond), event.Millis(15 * time.Minute / time.Millisecond)
	for {
		midnight := g.now - g.now%day - event.Millis(g.rng.IntN(g.o.Days+1))*day
		at := midnight + event.Millis(g.words.rhythm.draw(g.rng))*quarter + event.Millis(g.rng.Int64N(int64(quarter)))
		if at > g.now || at <= g.now-event.Millis(g.o.Days)*day {
			continue
		}
		if isWeekend(at) && g.rng.Float32() > weekend {
			continue
		}
		return at
	}
}

func isWeekend(at event.Millis) bool {
	weekday := at.Time().Weekday()
	return weekday == time.Saturday || weekday == time.Sunday
}

// role is the role of a user: the most active hold the others.
func (g *Generator) role(user int32) string {
	switch rank := int(user); {
	case rank < max(1, g.o.Users/1000):
		return roles[3]
	case rank < g.o.Users/100:
		return roles[2]
	case rank < g.o.Users/10:
		return roles[1]
	default:
		return roles[0]
	}
}

// session is the same for what a user does within the same half hour.
func session(user int32, at event.Millis) uint64 {
	slot := uint64(at) / uint64(30*time.Minute/time.Millisecond)
	return mix(uint64(user)<<32 ^ slot)
}

// ring keeps the newest acts, for others to follow from.
type ring struct {
	acts [1024]act
	n    uint32 // put so far
}

func (r *ring) put(a act) {
	r.acts[r.n%uint32(len(r.acts))] = a
	r.n++
}

func (r *ring) pick(rng *rand.Rand) (act, bool) {
	if r.n == 0 {
		return act{}, false
	}
	return r.acts[rng.Uint32N(min(r.n, uint32(len(r.acts))))], true
}
