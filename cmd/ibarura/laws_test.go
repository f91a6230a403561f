package main

import (
	"encoding/json"
	"fmt"
)

// The identities of the definitions, each about one answer.

func growthAddsUp(a answered) error {
	var points []struct {
		Period     string
		New, Total int
	}
	if err := json.Unmarshal(a.Data, &points); err != nil {
		return err
	}
	for i, p := range points {
		if i > 0 && p.Total != points[i-1].Total+p.New {
			return fmt.Errorf("%s: a total of %d after %d and %d new", p.Period, p.Total, points[i-1].Total, p.New)
		}
	}
	return nil
}

func nobodyActsLessThanOnce(a answered) error {
	var ranks []struct{ Users, Events int }
	if err := json.Unmarshal(a.Data, &ranks); err != nil {
		return err
	}
	for _, r := range ranks {
		if r.Users > r.Events || r.Events < 1 {
			return fmt.Errorf("%d persons by %d events", r.Users, r.Events)
		}
	}
	return nil
}
