package faulttest

import (
	"math/rand/v2"
	"time"
)

// Project is one that producers write for, with the zone that cuts its days.
type Project struct {
	Name string
	Zone string
}

// projects differ in their zones: one is ahead of UTC, one behind it by a half
// hour, so that the same moments are other days and months.
var projects = []Project{{"kigali", "Africa/Kigali"}, {"st-johns", "America/St_Johns"}, {"utc", "UTC"}}

// World is what the items of a round are about: few enough people, objects and
// days that aggregates add up many rows.
type World struct {
	Projects []Project
	days     []time.Time
	persons  int
	sessions int
	objects  int
}

// NewWorld draws a world: old months among newer ones, days at the end of
// months among others.
func NewWorld(r *rand.Rand) World {
	w := World{
		Projects: projects[:1+r.IntN(len(projects))],
		persons:  5 + r.IntN(200), sessions: 5 + r.IntN(100), objects: 1 + r.IntN(40),
	}
	for range 1 + r.IntN(3) {
		month := time.Date(1985+r.IntN(40), time.Month(1+r.IntN(12)), 1, 0, 0, 0, 0, time.UTC)
		w.days = append(w.days, month, month.AddDate(0, 0, r.IntN(28)), month.AddDate(0, 0, r.IntN(28)))
	}
	return w
}

// seeded returns the random numbers of one part of a round, which depend on the
// seed and the part alone.
func seeded(seed uint64, part int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(part))) }

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// chance is true in one of n cases.
func chance(r *rand.Rand, n int) bool { return r.IntN(n) == 0 }
