package jobs

import (
	"testing"
	"time"

	"ibarura/internal/clickhouse"
)

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

func schedule(t *testing.T, text string) Schedule {
	t.Helper()
	s, err := ParseSchedule(text, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAJobIsDueOnceForWhateverWasMissed(t *testing.T) {
	done := clickhouse.JobRun{Due: at("2026-03-01 07:00"), Attempt: 1, Started: at("2026-03-01 07:00"), Ended: at("2026-03-01 07:01"), Outcome: clickhouse.RunDone}
	failed := done
	failed.Outcome = clickhouse.RunFailed
	third := failed
	third.Attempt = 3
	lost := done
	lost.Outcome = clickhouse.RunLost
	running := done
	running.Outcome, running.Silence = clickhouse.RunRunning, 10*time.Second
	silent := running
	silent.Silence = 2 * time.Minute
	for name, c := range map[string]struct {
		last    clickhouse.JobRun
		now     string
		is      bool
		due     string
		attempt uint16
		lost    bool
	}{
		"before its time":                      {done, "2026-03-02 06:59", false, "", 0, false},
		"at its time":                          {done, "2026-03-02 07:00", true, "2026-03-02 07:00", 1, false},
		"after a stop of a week":               {done, "2026-03-08 12:00", true, "2026-03-02 07:00", 1, false},
		"failed, a moment ago":                 {failed, "2026-03-01 07:01", false, "", 0, false},
		"failed, a minute ago":                 {failed, "2026-03-01 07:02", true, "2026-03-01 07:00", 2, false},
		"failed for the third time":            {third, "2026-03-01 07:04", false, "", 0, false},
		"failed for the third time, again":     {third, "2026-03-01 07:05", true, "2026-03-01 07:00", 4, false},
		"failed, and the next time has come":   {failed, "2026-03-02 07:00", true, "2026-03-02 07:00", 1, false},
		"lost":                                 {lost, "2026-03-01 07:01", true, "2026-03-01 07:00", 2, false},
		"running":                              {running, "2026-03-08 12:00", false, "", 0, false},
		"running, as it says, but long silent": {silent, "2026-03-01 07:05", true, "2026-03-01 07:00", 2, true},
	} {
		next, is, lost := due(schedule(t, "0 7 * * *"), c.last, true, at(c.now), time.Minute)
		if is != c.is || lost != c.lost || is && (!next.Due.Equal(at(c.due)) || next.Attempt != c.attempt) {
			t.Errorf("%s: %v %v %s #%d", name, is, lost, next.Due, next.Attempt)
		}
	}
	if next, is, _ := due(schedule(t, "0 7 * * *"), clickhouse.JobRun{}, false, at("2026-03-01 07:00"), time.Minute); !is || next.Due.Unix() != 0 {
		t.Errorf("a job that never ran: %v %v", is, next)
	}
}

func TestAScheduleFollowsItsZone(t *testing.T) {
	kigali, err := time.LoadLocation("Africa/Kigali")
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSchedule("0 7 * * 1", kigali)
	if err != nil {
		t.Fatal(err)
	}
	if last, came := s.LastBefore(at("2014-03-10 04:59"), 15*24*time.Hour); !came || !last.Equal(at("2014-03-03 05:00")) {
		t.Errorf("before seven in Kigali: %v", last)
	}
	if last, came := s.LastBefore(at("2014-03-10 05:00"), 15*24*time.Hour); !came || !last.Equal(at("2014-03-10 05:00")) {
		t.Errorf("at seven in Kigali: %v", last)
	}
	if _, came := s.LastBefore(at("2014-03-10 04:59"), time.Hour); came {
		t.Error("it came within an hour")
	}
}

func TestAScheduleThatCannotBeReadSaysWhy(t *testing.T) {
	for _, text := range []string{"", " ", "hourly", "61 * * * *", "* * * *", "0 7 31 2 *", "TZ=UTC * * * * *", " CRON_TZ=UTC", "@every", "@every -1h", "\x00"} {
		if _, err := ParseSchedule(text, time.UTC); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func FuzzParseSchedule(f *testing.F) {
	f.Add("0 7 * * 1")
	f.Add("@every 1h")
	f.Add("TZ=UTC 0 7 * * 1")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSchedule(text, time.UTC)
		if err != nil {
			return
		}
		now := at("2026-03-01 07:00")
		if next := s.Next(now); !next.IsZero() && !next.After(now) {
			t.Errorf("%q: the moment after %s is %s", text, now, next)
		}
	})
}
