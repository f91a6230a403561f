package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"ibarura/internal/config"
	"ibarura/internal/telemetry"
)

func newLogger(t *testing.T, format string, reg prometheus.Registerer) (*zap.Logger, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	log, err := telemetry.NewLogger(&out, telemetry.LogOptions{Level: "info", Format: format}, reg)
	if err != nil {
		t.Fatal(err)
	}
	return log, &out
}

func TestLineIsOneJSONObjectWithAUTCTime(t *testing.T) {
	log, out := newLogger(t, "json", nil)
	log.Debug("not this one")
	log.Info("started", zap.String("address", ":8080"), zap.Duration("took", 1500*time.Millisecond))
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	written, err := time.Parse("2006-01-02T15:04:05.000Z", fmt.Sprint(line["time"]))
	if age := time.Since(written); err != nil || age < 0 || age > time.Minute {
		t.Errorf("time is %v (%v)", line["time"], err)
	}
	delete(line, "time")
	want := map[string]any{"level": "info", "message": "started", "address": ":8080", "took": 1.5}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
}

func TestConsoleLineIsForPeople(t *testing.T) {
	log, out := newLogger(t, "console", nil)
	log.Error("insert failed", zap.Error(errors.New("connection refused")))
	if line := out.String(); !strings.Contains(line, "\tERROR\tinsert failed\t") || strings.Count(line, "\n") != 1 {
		t.Errorf("line is %q", line)
	}
}

func TestFloodOfOneMessageIsThinnedAndCounted(t *testing.T) {
	reg := prometheus.NewRegistry()
	log, out := newLogger(t, "json", reg)
	for range 1000 {
		log.Warn("the same fault again")
	}
	log.Warn("another fault")
	lines := float64(strings.Count(out.String(), "\n"))
	if lines < 100 || lines > 300 { // a second may end meanwhile
		t.Errorf("%v lines of 1001", lines)
	}
	if !strings.Contains(out.String(), "another fault") {
		t.Error("a flood hides another message")
	}
	written, dropped := counter(t, reg, "ibarura_log_lines_total", "warn"), counter(t, reg, "ibarura_log_lines_dropped_total", "warn")
	if written != lines || written+dropped != 1001 {
		t.Errorf("counted %v written and %v dropped, of %v and 1001", written, dropped, lines)
	}
}

func TestUnknownLevelAndFormatAreRefused(t *testing.T) {
	for _, opts := range []telemetry.LogOptions{{Level: "loud", Format: "json"}, {Level: "info", Format: "xml"}} {
		if _, err := telemetry.NewLogger(&bytes.Buffer{}, opts, nil); err == nil {
			t.Errorf("%+v was accepted", opts)
		}
	}
}

func TestLoggingAConfigurationShowsNoSecret(t *testing.T) {
	const secret = "hunter2-hunter2-hunter2"
	c := config.Default()
	c.WriteKey, c.ReadKey, c.ClickHouse.Password, c.ClickHouse.ReaderPassword = secret, secret+"r", secret, secret
	for _, format := range []string{"json", "console"} {
		log, out := newLogger(t, format, nil)
		log.Info("any", zap.Any("config", c), zap.Any("pointer", &c), zap.Any("one", c.WriteKey))
		log.Info("reflect", zap.Reflect("config", c), zap.Reflect("clickhouse", c.ClickHouse))
		log.Info("stringer", zap.Stringer("password", c.ClickHouse.Password), zap.Error(c.Validate()))
		log.Sugar().Infof("%v %+v %#v %s %q %x", c, &c, c, c.ClickHouse, c.ReadKey, c.ReadKey)
		log.Sugar().Infow("pairs", "config", c, "password", c.ClickHouse.Password)
		if text := out.String(); strings.Contains(text, "hunter2") || strings.Contains(text, fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("%s: a secret is in the log:\n%s", format, text)
		}
		if n := strings.Count(out.String(), "\n"); n < 5 || !strings.Contains(out.String(), "127.0.0.1:8080") {
			t.Errorf("%s: the configuration is not in the log (%d lines)", format, n)
		}
	}
}

// counter returns the value of a counter's series with one label.
func counter(t *testing.T, reg *prometheus.Registry, name, label string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, series := range family.GetMetric() {
			if family.GetName() == name && series.GetLabel()[0].GetValue() == label {
				return series.GetCounter().GetValue()
			}
		}
	}
	t.Fatalf("no series %s of %s", label, name)
	return 0
}
