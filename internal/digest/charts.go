package digest

import (
	"fmt"
	"math"

	"github.com/go-analyze/charts" // pure Go, kept, and draws what mail clients show: PNG
)

// The size of a chart as it is shown, and how many pixels each of those is drawn
// with: screens have two.
const (
	ChartWidth  = 552
	ChartHeight = 190
	density     = 2
)

var chartTheme = charts.MakeTheme(charts.ThemeOption{
	AxisStrokeColor:    charts.ColorRGB(203, 213, 225),
	AxisSplitLineColor: charts.ColorRGB(232, 237, 243),
	BackgroundColor:    charts.ColorWhite,
	TextColor:          charts.ColorRGB(71, 85, 105),
	SeriesColors:       []charts.Color{charts.ColorRGB(15, 118, 110), charts.ColorRGB(148, 163, 184)},
})

// draw returns a PNG of a series and the one before it.
func (w Words) draw(p Period, s Series) ([]byte, error) {
	values := [][]float64{s.Now}
	names := []string{w.Say("this." + string(p))}
	if len(s.Then) > 0 {
		values = append(values, fitted(s.Then, len(s.Now)))
		names = append(names, w.Say("last."+string(p)))
	}
	opt := charts.NewLineChartOptionWithData(values)
	opt.Theme = chartTheme
	opt.Padding = charts.NewBox(4*density, 6*density, 12*density, 2*density)
	opt.LineStrokeWidth = 2 * density
	opt.Symbol = charts.Symbol{Shape: charts.SymbolNone}
	opt.Legend = charts.LegendOption{SeriesNames: names, FontStyle: chartFont(), Offset: charts.OffsetStr{Left: "left"}}
	opt.XAxis.LabelFontStyle = chartFont()
	opt.XAxis.Labels = nil
	opt.XAxis.LabelCount = len(s.Labels)
	for i, label := range s.Labels {
		opt.XAxis.Labels = append(opt.XAxis.Labels, w.spaced(p, i, label))
	}
	whole := func(v float64) string { return w.Number(int64(v)) }
	step, end := axis(values)
	opt.YAxis = []charts.YAxisOption{{LabelFontStyle: chartFont(), Min: charts.Ptr(0.0), Max: &end, LabelCount: int(end/step) + 1, ValueFormatter: whole}}
	opt.ValueFormatter = whole
	painter := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: ChartWidth * density, Height: ChartHeight * density})
	if err := painter.LineChart(opt); err != nil {
		return nil, fmt.Errorf("draw a chart: %w", err)
	}
	picture, err := painter.Bytes()
	if err != nil {
		return nil, fmt.Errorf("draw a chart: %w", err)
	}
	return picture, nil
}

func chartFont() charts.FontStyle { return charts.FontStyle{FontSize: 10 * density} }

// spaced is the label of a part, or nothing where there would be too many.
func (w Words) spaced(p Period, part int, label string) string {
	every := map[Period]int{Day: 3, Week: 1, Month: 3}[p]
	if part%every != 0 {
		return ""
	}
	return w.tick(p, label)
}

// axis returns the step and the end of an axis from zero that holds all values, both
// whole and round.
func axis(values [][]float64) (step, end float64) {
	const steps = 4
	most := 1.0
	for _, series := range values {
		for _, v := range series {
			if v != charts.GetNullValue() {
				most = max(most, v)
			}
		}
	}
	power := math.Pow(10, math.Floor(math.Log10(most/steps)))
	for _, round := range []float64{1, 2, 5, 10} {
		if step = max(1, round*power); step*steps >= most {
			break
		}
	}
	return step, step * math.Ceil(most/step)
}

// fitted makes a series as long as another one: a month has up to three days more
// than the one before.
func fitted(values []float64, length int) []float64 {
	fit := append([]float64(nil), values[:min(len(values), length)]...)
	for len(fit) < length {
		fit = append(fit, charts.GetNullValue())
	}
	return fit
}
