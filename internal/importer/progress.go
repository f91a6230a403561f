package importer

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

type noProgress struct{}

func (noProgress) Start(string, int64) {}
func (noProgress) Update(int64, int)   {}
func (noProgress) Stop()               {}

// NewBar returns a Progress that draws a bar on a terminal: how much of the
// file, as it lies on disk, has been read, the items per second, and how long
// it will take.
func NewBar(terminal io.Writer) Progress { return &bar{out: terminal} }

type bar struct {
	out   io.Writer
	bar   *progressbar.ProgressBar
	name  string
	size  int64
	began time.Time
}

func (b *bar) Start(name string, size int64) {
	b.name, b.size, b.began = name, size, time.Now()
	b.bar = progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(b.out),
		progressbar.OptionSetDescription(name),
		progressbar.OptionShowBytes(true),
		progressbar.OptionUseIECUnits(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionFullWidth(),
		progressbar.OptionClearOnFinish(),
	)
}

// A bar that cannot be drawn is no reason to fail, so its errors are dropped.
func (b *bar) Update(bytes int64, items int) {
	b.bar.Describe(fmt.Sprintf("%s %.0f items/s", b.name, rate(items, time.Since(b.began))))
	if b.size > 0 {
		bytes = min(bytes, b.size-1) // a full bar is done, and there may be answers to wait for
	}
	_ = b.bar.Set64(bytes)
}

func (b *bar) Stop() { _ = b.bar.Clear() }

// lineEvery is how often a plain Progress writes.
const lineEvery = 5 * time.Second

// NewLines returns a Progress that writes a line every few seconds, for logs.
func NewLines(out io.Writer) Progress { return &lines{out: out, every: lineEvery} }

type lines struct {
	out     io.Writer
	every   time.Duration
	name    string
	size    int64
	began   time.Time
	written time.Time
}

func (l *lines) Start(name string, size int64) {
	l.name, l.size = name, size
	l.began = time.Now()
	l.written = l.began
}

func (l *lines) Update(bytes int64, items int) {
	if time.Since(l.written) < l.every {
		return
	}
	l.written = time.Now()
	took := l.written.Sub(l.began)
	text := fmt.Sprintf("%s: %d items, %.0f/s", l.name, items, rate(items, took))
	if l.size > 0 && bytes > 0 {
		left := time.Duration(float64(took) * (float64(l.size)/float64(bytes) - 1)).Round(time.Second)
		text += fmt.Sprintf(", %.1f%% read, about %s left", 100*float64(bytes)/float64(l.size), left)
	}
	_, _ = fmt.Fprintln(l.out, text)
}

func (l *lines) Stop() {}

// rate is items per second.
func rate(items int, took time.Duration) float64 {
	if took <= 0 {
		return 0
	}
	return float64(items) / took.Seconds()
}

// Rate is the items per second of this run.
func (s *Summary) Rate() float64 { return rate(s.Items, s.Took) }
