package report

import (
	"maps"
	"strconv"
	"strings"

	"ibarura/internal/freshness"
)

// params are the server-side parameters of a query, as text that ClickHouse
// parses by the type that the query gives them. User input goes there only.
type params map[string]string

// with returns the parameters with those of other added.
func (p params) with(other params) params {
	all := maps.Clone(p)
	maps.Copy(all, other)
	return all
}

// keys is the array of persons.
func keys(persons []uint64) string {
	list := make([]string, len(persons))
	for i, p := range persons {
		list[i] = strconv.FormatUint(p, 10)
	}
	return "[" + strings.Join(list, ",") + "]"
}

func integers[T int32 | int64](values []T) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, v := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(int64(v), 10))
	}
	b.WriteByte(']')
	return b.String()
}

// literal escapes what would end or alter a quoted element of an array.
var literal = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

func texts(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = "'" + literal.Replace(v) + "'"
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// one is the array of a filter's value: arrays are the parameters in which
// every text can be sent.
func one(value string) string { return texts([]string{value}) }

// commonParams are whose rows are meant, and the filters.
func (s scope) commonParams() params {
	return params{"project": s.Project}.with(s.Filter.params())
}

// dayParams ask tables that are keyed by stored local days.
func (s scope) dayParams() params {
	cuts := s.cuts()
	periods := make([]int32, len(s.periods))
	for i := range periods {
		periods[i] = int32(i)
	}
	return s.commonParams().with(params{
		"day_from": s.calendar.from.String(),
		"day_to":   s.calendar.to.String(),
		"bounds":   integers(cuts[:len(periods)]),
		"periods":  integers(periods),
	})
}

// momentParams ask tables by moments, in any zone; the stored days only prune.
func (s scope) momentParams() params {
	from, to := s.storedDays()
	return s.commonParams().with(s.pieceParams()).with(params{
		"day_from": from.String(),
		"day_to":   to.String(),
	})
}

// stitchedParams ask tables of days, and those of months for the whole months in
// the range.
func (s scope) stitchedParams() params {
	from, to := s.innerMonths()
	return s.commonParams().with(params{
		"day_from":   s.calendar.from.String(),
		"day_to":     s.calendar.to.String(),
		"month_from": from.String(),
		"month_to":   to.String(),
	})
}

// growthParams ask for persons, whom no filter and no day narrows down.
func (s scope) growthParams() params {
	return params{"project": s.Project}.with(s.pieceParams())
}

func (s scope) pieceParams() params {
	bounds := make([]int64, len(s.pieces))
	periods := make([]int32, len(s.pieces))
	for i, p := range s.pieces {
		bounds[i], periods[i] = p.start, p.period
	}
	return params{"bounds": integers(bounds), "periods": integers(periods)}
}

// kindParams name the types that sums count apart.
func kindParams() params {
	return params{
		"post_types":    texts(postTypes),
		"comment_types": texts(commentTypes),
		"signup_types":  texts(signupTypes),
		"login_types":   texts(loginTypes),
	}
}

// contentParams name the types that content questions count apart.
func contentParams() params {
	return params{
		"view_types":     texts(viewTypes),
		"comment_types":  texts(commentTypes),
		"reaction_types": texts(reactionTypes),
		"share_types":    texts(shareTypes),
	}
}

// gapParams ask for the run of gap_day that is in force.
func (s scope) gapParams() params { return s.dayParams().with(s.standing.runParam(freshness.Gaps)) }

func (s scope) sumDayParams() params       { return s.dayParams().with(kindParams()) }
func (s scope) sumMomentParams() params    { return s.momentParams().with(kindParams()) }
func (s scope) stitchedRankParams() params { return s.stitchedParams().with(s.pageParams()) }
func (s scope) rankedParams() params       { return s.momentParams().with(s.pageParams()) }
func (s scope) contentTotalParams() params {
	return s.momentParams().with(contentParams())
}
func (s scope) contentRankParams() params {
	return s.contentTotalParams().with(s.pageParams())
}

// pageParams cut a page out of a ranking, with the row behind it, which tells
// whether there are more.
func (s scope) pageParams() params {
	return params{"limit": strconv.Itoa(s.Limit + 1), "offset": strconv.Itoa(s.offset)}
}
