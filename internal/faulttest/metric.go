package faulttest

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Metric adds up all series of a metric that serve shows at the moment; 0 if
// there are none, or nobody answers.
func (r *Rig) Metric(ctx context.Context, name string) float64 {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL()+"/metrics", nil)
	if err != nil {
		return 0
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	return sumOf(resp.Body, name)
}

// sumOf adds up the series of a metric in Prometheus's text format.
func sumOf(text io.Reader, name string) float64 {
	sum := 0.0
	for lines := bufio.NewScanner(text); lines.Scan(); {
		series, value, found := cutLast(lines.Text(), " ")
		bare, _, _ := strings.Cut(series, "{")
		if n, err := strconv.ParseFloat(value, 64); found && err == nil && bare == name {
			sum += n
		}
	}
	return sum
}

// cutLast cuts around the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}
