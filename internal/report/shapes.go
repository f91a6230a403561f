package report

// Shape is the types of an answer, as values of no meaning: Data and, nil where
// there is none, Summary. The documentation of the API is made from them, and a
// test compares them with the answers.
type Shape struct {
	Data    any
	Summary any
}

// shapes are those of the registry, and of queries.
var shapes = map[string][]Shape{
	"users":            {{Data: UsersOverview{}}},
	"posts":            {{Data: PostsOverview{}}},
	"events":           {{Data: EventsOverview{}}},
	"summary":          {{Data: SummaryOverview{}}},
	"users/active":     {{Data: []ActivePoint{}}},
	"users/growth":     {{Data: []GrowthPoint{}}},
	"users/lifecycle":  {{Data: []LifecyclePoint{}}},
	"users/rolling":    {{Data: []RollingPoint{}, Summary: RollingSummary{}}},
	"users/stickiness": {{Data: []StickinessPoint{}}},
	"users/retention":  {{Data: []CohortRow{}, Summary: RetentionSummary{}}},
	"users/logins":     {{Data: []LoginPoint{}}},
	"users/timeline":   {{Data: []TimelineRow{}, Summary: TimelineSummary{}}},
	"events/types":     {{Data: []TypeCount{}}},
	"events/series":    {{Data: []EventSeriesPoint{}}},
	"posts/top":        {{Data: []PostRank{}}},
	"tags/top":         {{Data: []TagRank{}}},
	"posts/engagement": {{Data: []PostEngagement{}}},
	"tags/engagement":  {{Data: []TagEngagement{}}},
	"posts/one":        {{Data: PostReport{}}},
	"funnel":           {{Data: []FunnelStep{}}},
	"pages":            {{Data: []PageRank{}}, {Data: []EdgeRank{}}},
	"pages/paths":      {{Data: []PathRank{}}},
	"sessions":         {{Data: SessionReport{}}},
	"attendance":       {{Data: AttendanceReport{}}},
	"notifications":    {{Data: DeliveryReport{}}},
	"messaging":        {{Data: DeliveryReport{}}},
	"query":            {{Data: []Row{}}},
}

// Shapes returns the shapes that the answers of a path can have: one, but where
// an option decides.
func Shapes(path string) []Shape { return shapes[path] }
