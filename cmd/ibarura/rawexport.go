package main

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"ibarura/internal/clickhouse"
	"ibarura/internal/export"
	"ibarura/internal/report"
)

// openExport lets raw rows be exported over connections of their own, so that
// long exports take no slot of the reports.
func (s *service) openExport(planner *report.Service, reg prometheus.Registerer) (*export.Raw, error) {
	c := &s.config.Export
	streamer, err := clickhouse.OpenStreamer(s.storage.target, clickhouse.StreamLimits{
		Timeout: c.Timeout, MaxMemory: uint64(c.MaxMemory), MaxConcurrent: c.MaxConcurrent,
	})
	if err != nil {
		return nil, err
	}
	s.onStop(func(context.Context) error { return streamer.Close() })
	return export.NewRaw(planner, streamer, reg), nil
}
