package embedded

import (
	"fmt"
	"regexp"
	"strconv"
)

// release is a ClickHouse release: its year and its number within the year.
// Releases of one such pair share a format on disk, so that nothing finer is
// ever compared.
type release struct{ Year, Number int }

// oldestRelease is the first release whose defaults and functions the schema
// and the queries rely on.
var oldestRelease = release{25, 8}

var releasePattern = regexp.MustCompile(`(\d{2})\.(\d{1,2})\.\d+`)

// parseRelease finds the first version number in a text such as the output of
// `clickhouse --version`.
func parseRelease(text string) (release, error) {
	found := releasePattern.FindStringSubmatch(text)
	if found == nil {
		return release{}, fmt.Errorf("no version number in %q", text)
	}
	year, _ := strconv.Atoi(found[1])
	number, _ := strconv.Atoi(found[2])
	return release{year, number}, nil
}

// Before reports whether r came out before other.
func (r release) Before(other release) bool {
	if r.Year != other.Year {
		return r.Year < other.Year
	}
	return r.Number < other.Number
}

// String returns the release as ClickHouse writes it, "25.8".
func (r release) String() string { return fmt.Sprintf("%d.%d", r.Year, r.Number) }
