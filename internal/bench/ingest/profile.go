package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// part is a part of serve and its share of the CPU time, 0 to 1.
type part struct {
	name  string
	share float64
}

// rule says which part a function belongs to whose name begins so.
type rule struct{ prefix, part string }

// rules are asked for each function of a stack, the innermost first; the first
// one that any rule knows decides. So the standard library's work counts for
// who wanted it, but for what is named here.
var rules = []rule{
	{"runtime.gcBgMarkWorker", "garbage collection"},
	{"runtime.gcAssist", "garbage collection"},
	{"runtime.bgsweep", "garbage collection"},
	{"runtime.bgscavenge", "garbage collection"},
	{"runtime.gcStart", "garbage collection"},
	{"net/http.", "HTTP: net/http and the socket"},
	{"go.uber.org/zap", "log and metrics"},
	{"ibarura/internal/telemetry.", "log and metrics"},
	{"github.com/prometheus/", "log and metrics"},
	{"github.com/klauspost/compress", "compression"},
	{"ibarura/internal/protocol", "decoding"},
	{"ibarura/internal/enrich", "enrichment"},
	{"ibarura/internal/event.", "validation"},
	{"ibarura/internal/rowblock", "rows into columns"},
	{"ibarura/internal/ingest.(*Window)", "ids: look up, remember"},
	{"ibarura/internal/ingest.(*shard)", "ids: look up, remember"},
	{"ibarura/internal/ingest.(*index)", "ids: look up, remember"},
	{"ibarura/internal/ingest.(*ring)", "ids: look up, remember"},
	{"ibarura/internal/ingest.KeyOf", "ids: look up, remember"},
	{"ibarura/internal/ingest", "ingest, the rest"},
	{"ibarura/internal/spool", "spool: append, fsync, read"},
	{"ibarura/internal/loader", "loader"},
	{"ibarura/internal/clickhouse.(*Inserter)", "insert over the native protocol"},
	{"ibarura/internal/access.", "keys"},
	{"ibarura/internal/httpapi", "HTTP: routing, answers"},
	{"github.com/gin-gonic/", "HTTP: routing, answers"},
	{"main.", "start and stop"},
}

// lastRules are asked where none of rules knows any function of a stack.
var lastRules = []rule{
	{"github.com/ClickHouse/", "insert over the native protocol"},
	{"runtime.mcall", "scheduler"},
	{"runtime.mstart", "scheduler"},
	{"runtime.", "scheduler"},
}

const otherPart = "everything else"

// readProfile adds up a CPU profile by part, the dearest first.
func readProfile(path string) ([]part, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	p, err := profile.Parse(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return partsOf(p), nil
}

func partsOf(p *profile.Profile) []part {
	sums, total := map[string]int64{}, int64(0)
	for _, s := range p.Sample {
		cpu := s.Value[len(s.Value)-1] // nanoseconds; the number of samples comes first
		sums[partOf(stackOf(s))] += cpu
		total += cpu
	}
	var parts []part
	for name, sum := range sums {
		parts = append(parts, part{name, float64(sum) / float64(total)})
	}
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(b.share, a.share), strings.Compare(a.name, b.name))
	})
	return parts
}

// stackOf returns the functions of a sample, the innermost first.
func stackOf(s *profile.Sample) []string {
	var names []string
	for _, at := range s.Location {
		for _, line := range at.Line {
			if line.Function != nil {
				names = append(names, line.Function.Name)
			}
		}
	}
	return names
}

func partOf(stack []string) string {
	for _, list := range [][]rule{rules, lastRules} {
		for _, name := range stack {
			for _, r := range list {
				if strings.HasPrefix(name, r.prefix) {
					return r.part
				}
			}
		}
	}
	return otherPart
}
