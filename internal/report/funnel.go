package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FunnelStep is how many persons came as far as a step, or further.
type FunnelStep struct {
	// Value is what the funnel is broken down by; absent if it is not.
	Value *string `json:"value,omitempty"`
	Step  string  `json:"step"`
	Users uint64  `json:"users"`
	// StepTimes are there if asked for.
	*StepTimes
}

// StepTimes are how long it took from the first step to this one: what half of
// those who reached it, and nine in ten, needed at most. Null where nobody did.
type StepTimes struct {
	Median *float64 `json:"median_seconds"`
	P90    *float64 `json:"p90_seconds"`
}

const (
	maxSteps     = 10
	maxWindow    = 366 * day
	stepsHelp    = "event types in order, separated by commas, 1 to 10, each once"
	windowHelp   = "time from the first step within which the others count, such as 14d, 36h or 90m; 1s to 366d"
	breakByHelp  = "what the first step is told apart by: role, object_type or property.NAME; limit is the number of values"
	breakByRole  = "role"
	breakByKind  = "object_type"
	propertyMark = "property."
)

// funnel answers with []FunnelStep: the steps in order, or those of each value
// that the funnel is broken down by, the value with most persons first, then by
// name.
var funnel = Endpoint{
	Path: "funnel", Definition: define("funnel"), Fields: eventFields &^ ByType,
	Options: []Option{
		{Name: "steps", Help: stepsHelp, Example: "user_signup,post_created", Check: checkSteps},
		{Name: "window", Default: "14d", Help: windowHelp, Check: checkWindow},
		choiceOption("order", "whether other steps may lie in between", "ordered", "strict"),
		{Name: "breakdown", Help: breakByHelp, Check: checkBreakdown},
		choiceOption("times", "median and 90th percentile of the seconds from the first step", "false", "true"),
	},
	build: func(ctx context.Context, a *asking) (any, error) {
		if s := a.total(); !s.funnelWays() {
			return a.funnel(ctx, s)
		}
		return a.funnelWays(ctx, a.total())
	},
}

func checkSteps(value string) error {
	steps := strings.Split(value, ",")
	if value == "" {
		return errors.New("is missing; it is " + stepsHelp)
	}
	if len(steps) > maxSteps {
		return fmt.Errorf("names %d event types; the limit is %d", len(steps), maxSteps)
	}
	for i, step := range steps {
		if step == "" || slices.Contains(steps[:i], step) {
			return fmt.Errorf("names %q twice, or nothing; it is %s", clip(step), stepsHelp)
		}
		if err := checkText(step); err != nil {
			return err
		}
	}
	return nil
}

func checkWindow(value string) error {
	if window, err := parseSpan(value); err != nil || window < time.Second || window > maxWindow {
		return fmt.Errorf("is %q; it is the %s", clip(value), windowHelp)
	}
	return nil
}

func checkBreakdown(value string) error {
	property, isProperty := strings.CutPrefix(value, propertyMark)
	if value == "" || value == breakByRole || value == breakByKind || isProperty && property != "" {
		return checkText(value)
	}
	return fmt.Errorf("is %q; it is %s", clip(value), breakByHelp)
}

// strict reports whether no other step may lie between two.
func (s scope) strict() bool { return s.Options["order"] == "strict" }

// funnelWays reports whether the question is about more than the number of
// persons in the plain order.
func (s scope) funnelWays() bool {
	return s.strict() || s.Options["breakdown"] != "" || s.Options["times"] == "true"
}

func (s scope) plainFunnel() bool { return !s.funnelWays() }

func (s scope) steps() []string { return strings.Split(s.Options["steps"], ",") }

// window returns the window of a checked question in milliseconds.
func (s scope) window() string {
	text := s.Options["window"]
	if text == "" {
		text = "14d"
	}
	window, err := parseSpan(text)
	if err != nil {
		panic(fmt.Sprintf("report: a window that was checked: %v", err))
	}
	return strconv.FormatInt(window.Milliseconds(), 10)
}

func (s scope) funnelParams() params {
	return s.momentParams().with(params{"steps": texts(s.steps()), "window": s.window()})
}

func (s scope) funnelWaysParams() params {
	by := s.Options["breakdown"]
	property, isProperty := strings.CutPrefix(by, propertyMark)
	if isProperty {
		by = "property"
	} else {
		property = ""
	}
	return s.funnelParams().with(params{
		"breakdown": one(by), "property": one(property), "limit": strconv.Itoa(s.Limit + 1),
	})
}

// funnel reads who came how far, in the plain order.
func (a *asking) funnel(ctx context.Context, s scope) ([]FunnelStep, error) {
	steps := s.funnelSteps()
	err := a.read(ctx, s.plan(funnelSources), func(scan func(dest ...any) error) error {
		var reached uint8
		var users uint64
		if err := scan(&reached, &users); err != nil {
			return err
		}
		for i := range steps[:reached] {
			steps[i].Users += users
		}
		return nil
	})
	return steps, err
}

// funnelSteps are the steps before anybody reached one.
func (s scope) funnelSteps() []FunnelStep {
	steps := make([]FunnelStep, len(s.steps()))
	for i, name := range s.steps() {
		steps[i].Step = name
		if s.Options["times"] == "true" {
			steps[i].StepTimes = &StepTimes{}
		}
	}
	return steps
}

// funnelGroup is a value that a funnel is broken down by, with what is known of
// each step that was reached.
type funnelGroup struct {
	value       string
	users       []uint64
	median, p90 []int64 // milliseconds
}

// funnelWays reads who came how far and in which time.
func (a *asking) funnelWays(ctx context.Context, s scope) ([]FunnelStep, error) {
	groups, more, err := pageOf(ctx, a, s, s.plan(funnelSources), func(g *funnelGroup) []any {
		return []any{&g.value, &g.users, &g.median, &g.p90}
	})
	broken := s.Options["breakdown"] != ""
	if more {
		a.note(fmt.Sprintf("The breakdown ends at %d values.", s.Limit))
	}
	if len(groups) == 0 && !broken {
		groups = []funnelGroup{{}}
	}
	list := []FunnelStep{}
	for _, g := range groups {
		steps := s.funnelSteps()
		g.fill(steps)
		for i := range steps {
			if broken {
				steps[i].Value = &g.value
			}
		}
		list = append(list, steps...)
	}
	return list, err
}

func (g *funnelGroup) fill(steps []FunnelStep) {
	for i, users := range g.users {
		steps[i].Users = users
		if steps[i].StepTimes != nil {
			steps[i].Median, steps[i].P90 = seconds(g.median[i]), seconds(g.p90[i])
		}
	}
}

// seconds makes seconds of milliseconds.
func seconds(ms int64) *float64 {
	s := float64(ms) / 1000
	return &s
}
