package httpapi

import (
	"testing"
	"time"

	"ibarura/internal/access"
)

func TestASessionNamesTheZoneInForceOfAProjectThatMoved(t *testing.T) {
	zone, err := access.LoadProjectZone("Africa/Kigali;UTC<2026-12-01")
	if err != nil {
		t.Fatal(err)
	}
	got := newSession(access.Principal{Project: access.Project{Name: "p", Zone: zone}}, time.Time{})
	if got.Timezone != "Africa/Kigali" {
		t.Errorf("its zone is %q", got.Timezone)
	}
}
