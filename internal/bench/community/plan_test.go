package community

import (
	"strconv"
	"testing"
	"time"
)

func year() Options {
	return Options{
		Events: 10_000_000, Project: "p", Zone: "UTC",
		From: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

func TestEverySessionIsTakenOnceByEverySource(t *testing.T) {
	o := year()
	ends := map[string]int{}
	p := newPlan(o)
	for _, j := range append(p[1], p[2]...) {
		if j.params["from"] == "" || j.file == "signups" {
			continue
		}
		from, _ := strconv.Atoi(j.params["from"])
		until, _ := strconv.Atoi(j.params["until"])
		if from != ends[j.file] || until <= from {
			t.Fatalf("%s goes from %d to %d, after %d", j.file, from, until, ends[j.file])
		}
		ends[j.file] = until
	}
	if len(ends) != len(sources)+1 {
		t.Errorf("sources: %v", ends)
	}
	for file, end := range ends {
		if end != o.sessions() {
			t.Errorf("%s ends at %d, want %d", file, end, o.sessions())
		}
	}
}

func TestSourcesNumberTheirRowsApart(t *testing.T) {
	seen := map[string]string{}
	for _, j := range newPlan(year())[2] {
		if file, taken := seen[j.params["seq"]]; taken && file != j.file {
			t.Errorf("%s and %s begin with seq %s", j.file, file, j.params["seq"])
		}
		seen[j.params["seq"]] = j.file
	}
}

func TestSessionsFollowTheHoursOfADayAndTheWeek(t *testing.T) {
	list := rhythm()
	count := map[int]int{}
	for _, quarter := range list {
		count[quarter/4]++
	}
	if len(list) != slots || len(count) != 24 || count[3] > 4 || count[19] < 70 {
		t.Errorf("by hour: %v", count)
	}
	ends := dayEnds(time.Date(2025, 2, 3, 0, 0, 0, 0, time.UTC), 14, 10_000) // a Monday
	if friday, saturday := ends[4]-ends[3], ends[5]-ends[4]; float64(saturday) > 0.7*float64(friday) || ends[13] != 10_000 {
		t.Errorf("days end at %v", ends)
	}
}

func TestBadOptionsAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"too few":    func(o *Options) { o.Events = minEvents - 1 },
		"too many":   func(o *Options) { o.Events = maxEvents + 1 },
		"cut month":  func(o *Options) { o.To = o.To.AddDate(0, 0, 1) },
		"backwards":  func(o *Options) { o.From, o.To = o.To, o.From },
		"no project": func(o *Options) { o.Project = "" },
		"no zone":    func(o *Options) { o.Zone = "" },
	} {
		o := year()
		if change(&o); o.check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := year().check(); err != nil {
		t.Error(err)
	}
}
