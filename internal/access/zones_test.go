package access_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ibarura/internal/access"
)

func TestAZoneIsChangedFromADateOnThatIsAhead(t *testing.T) {
	store := newStore(t)
	const name = "moving"
	if _, err := store.CreateProject(t.Context(), name, "Africa/Kigali"); err != nil {
		t.Fatal(err)
	}
	ahead := func(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }
	for _, c := range []struct{ zone, from, says string }{
		{"Europe/Paris", ahead(0), "too early"}, {"Europe/Paris", ahead(-400), "too early"}, {"Europe/Paris", "soon", "no date"},
		{"Mars/Olympus", ahead(9), "no IANA zone"}, {"Africa/Kigali", ahead(9), "already"}, {"Europe/Paris;UTC<2020-01-01", ahead(9), "no IANA zone"},
	} {
		if _, err := store.SetZone(t.Context(), name, c.zone, c.from, 24*time.Hour); !errors.Is(err, access.ErrInvalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s from %s: %v, want %q", c.zone, c.from, err, c.says)
		}
	}
	if _, err := store.SetZone(t.Context(), "nobody", "UTC", ahead(9), time.Hour); !errors.Is(err, access.ErrNoProject) {
		t.Errorf("a project that is not there: %v", err)
	}
	p, err := store.SetZone(t.Context(), name, "Europe/Paris", ahead(9), 24*time.Hour)
	if err != nil || access.ZoneName(p.Zone) != "Europe/Paris" || access.ZoneNameOn(p.Zone, ahead(8)) != "Africa/Kigali" {
		t.Errorf("%v, %v", p.Zone, err)
	}
	if _, err := store.SetZone(t.Context(), name, "UTC", ahead(5), 0); !errors.Is(err, access.ErrInvalid) {
		t.Errorf("a change before the last one: %v", err)
	}
	if p, err = store.SetZone(t.Context(), name, "UTC", ahead(12), 0); err != nil || access.ZoneNameOn(p.Zone, ahead(10)) != "Europe/Paris" {
		t.Errorf("%v, %v", p.Zone, err)
	}
}
