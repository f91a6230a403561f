package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes is a size in bytes. It is written as a whole number, or as a number
// with a unit: kB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (powers of
// 1024), in any case, such as 64MB or 1.5GiB.
type Bytes uint64

// units by their lower-case name. There is no "10M": half of the world reads
// it as 10^7 and the other half as 10*2^20.
var units = map[string]float64{
	"": 1, "b": 1,
	"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
}

// maxBytes keeps sizes exact in a float64 on their way through a fraction.
const maxBytes = 1 << 53

// ParseBytes reads a size.
func ParseBytes(text string) (Bytes, error) {
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit, known := units[strings.ToLower(text[len(digits):])]
	if !known {
		return 0, fmt.Errorf("size %q has an unknown unit: use B, kB, MB, GB, TB, KiB, MiB, GiB or TiB", text)
	}
	number, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if err != nil || number < 0 {
		return 0, fmt.Errorf("size %q is not a number with a unit, such as 64MiB", text)
	}
	size := number * unit
	if size > maxBytes {
		return 0, fmt.Errorf("size %q is more than 8192TiB", text)
	}
	if size != math.Trunc(size) {
		return 0, fmt.Errorf("size %q is not a whole number of bytes", text)
	}
	return Bytes(size), nil
}

// UnmarshalText reads a size as ParseBytes does.
func (b *Bytes) UnmarshalText(text []byte) error {
	size, err := ParseBytes(string(text))
	if err != nil {
		return err
	}
	*b = size
	return nil
}

// String writes the size with the largest binary unit that divides it, so that
// ParseBytes gives the same number back.
func (b Bytes) String() string {
	names := []string{"", "KiB", "MiB", "GiB", "TiB"}
	size, i := uint64(b), 0
	for size != 0 && size%1024 == 0 && i < len(names)-1 {
		size, i = size/1024, i+1
	}
	return strconv.FormatUint(size, 10) + names[i]
}

// MarshalText writes the size as String does.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }
