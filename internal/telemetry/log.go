package telemetry

import (
	"fmt"
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// LogOptions say what is logged and how.
type LogOptions struct {
	Level  string // debug, info, warn or error: the least that is written
	Format string // json, or console for people
}

// Of each message, that is of each text and level, the first 100 a second are
// written and then every 100th: a fault that meets every request must not take
// the machine with it. What is left out is counted.
const (
	sampleTick       = time.Second
	sampleFirst      = 100
	sampleThereafter = 100
)

// NewLogger returns a logger that writes lines to w, which it locks. Times are
// ISO 8601 in UTC. There is no caller and, below a panic, no stack trace: a
// message is unique enough to be found, and lines stay short. It counts its
// lines in reg, which may be nil.
func NewLogger(w io.Writer, opts LogOptions, reg prometheus.Registerer) (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(opts.Level)
	if err != nil {
		return nil, fmt.Errorf("log level: %w", err)
	}
	encoder, err := newEncoder(opts.Format)
	if err != nil {
		return nil, err
	}
	counts := newLogCounts(reg)
	core := zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(w)), level)
	core = zapcore.NewSamplerWithOptions(core, sampleTick, sampleFirst, sampleThereafter, zapcore.SamplerHook(counts.count))
	return zap.New(core, zap.AddStacktrace(zapcore.DPanicLevel), zap.ErrorOutput(zapcore.Lock(zapcore.AddSync(w)))), nil
}

func newEncoder(format string) (zapcore.Encoder, error) {
	config := zap.NewProductionEncoderConfig()
	config.TimeKey = "time"
	config.MessageKey = "message"
	config.CallerKey = zapcore.OmitKey
	config.EncodeTime = encodeTime
	config.EncodeDuration = zapcore.SecondsDurationEncoder
	switch format {
	case "json":
		return zapcore.NewJSONEncoder(config), nil
	case "console":
		config.EncodeLevel = zapcore.CapitalLevelEncoder
		config.EncodeDuration = zapcore.StringDurationEncoder
		return zapcore.NewConsoleEncoder(config), nil
	default:
		return nil, fmt.Errorf("log format: %q is not one of json, console", format)
	}
}

func encodeTime(t time.Time, out zapcore.PrimitiveArrayEncoder) {
	out.AppendString(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// logCounts are the lines written and left out, by level.
type logCounts struct {
	written, dropped *prometheus.CounterVec
}

func newLogCounts(reg prometheus.Registerer) *logCounts {
	counts := &logCounts{
		written: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ibarura_log_lines_total",
			Help: "Log lines written, by level.",
		}, []string{"level"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ibarura_log_lines_dropped_total",
			Help: "Log lines left out, since the same message came too often, by level.",
		}, []string{"level"}),
	}
	for level := zapcore.DebugLevel; level <= zapcore.ErrorLevel; level++ {
		counts.written.WithLabelValues(level.String())
		counts.dropped.WithLabelValues(level.String())
	}
	if reg != nil {
		reg.MustRegister(counts.written, counts.dropped)
	}
	return counts
}

func (c *logCounts) count(entry zapcore.Entry, decision zapcore.SamplingDecision) {
	if decision&zapcore.LogDropped != 0 {
		c.dropped.WithLabelValues(entry.Level.String()).Inc()
		return
	}
	c.written.WithLabelValues(entry.Level.String()).Inc()
}
