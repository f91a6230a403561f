package report

// Plan is how one part of an answer is read. It is data: a pure function makes
// it from a question, and tests need no database for it.
type Plan struct {
	Query  string            // name of the file in sql/, without its suffix
	Tables []string          // tables that it reads
	Exact  bool              // no approximation is involved
	Params map[string]string // server-side parameters
}

// source is one way to answer.
type source struct {
	query  string
	tables []string
	fits   func(scope) bool
	params func(scope) params
}

// The ways to answer each kind of question, the cheapest first. The first one
// that fits is taken; the last one always fits.
var (
	activeSources = []source{
		{"active_user_day", []string{"user_day"}, all(scope.wholeDays, scope.onlyRole), scope.dayParams},
		{"active_raw", []string{"events"}, always, scope.momentParams},
	}
	growthSources = []source{
		{"growth", []string{"persons"}, always, scope.growthParams},
	}
	sumSources = []source{
		{"sums_monthly", []string{"metrics_monthly"}, scope.wholeMonths, scope.sumDayParams},
		{"sums_weekly", []string{"metrics_weekly"}, scope.wholeWeeks, scope.sumDayParams},
		{"sums_daily", []string{"metrics_daily"}, scope.wholeDays, scope.sumDayParams},
		{"sums_15m", []string{"counters_15m"}, scope.quarterHours, scope.sumMomentParams},
		{"sums_raw", []string{"events", "page_views"}, always, scope.sumMomentParams},
	}
	roleSources = []source{
		{"roles_user_day", []string{"metrics_daily", "user_day"}, scope.wholeDays, scope.dayParams},
		{"roles_raw", []string{"events"}, always, scope.momentParams},
	}
	typeSources = []source{
		{"event_types", []string{"events"}, always, scope.rankedParams},
	}
	peopleSources = []source{
		{"event_people", []string{"events"}, always, scope.momentParams},
	}
	postSources = []source{
		{"posts_top_months", []string{"content_day", "object_person"}, all(scope.wholeMonths, scope.unfiltered), scope.rankedDayParams},
		{"posts_top_raw", []string{"events"}, always, scope.rankedParams},
	}
	tagSources = []source{
		{"tags_top", []string{"events"}, always, scope.rankedParams},
	}
	contentSources = []source{
		{"posts_content", []string{"events", "page_views"}, always, scope.contentRankParams},
	}
	postTotalSources = []source{
		{"posts_totals", []string{"events", "page_views"}, always, scope.contentTotalParams},
	}
	attendanceSources = []source{
		{"attendance", []string{"events"}, always, scope.momentParams},
	}
)

// plan takes the first source that fits.
func (s scope) plan(sources []source) Plan {
	for _, from := range sources[:len(sources)-1] {
		if from.fits(s) {
			return from.plan(s)
		}
	}
	return sources[len(sources)-1].plan(s)
}

func (f source) plan(s scope) Plan {
	return Plan{Query: f.query, Tables: f.tables, Exact: true, Params: f.params(s)}
}

func always(scope) bool { return true }

func all(conditions ...func(scope) bool) func(scope) bool {
	return func(s scope) bool {
		for _, holds := range conditions {
			if !holds(s) {
				return false
			}
		}
		return true
	}
}
