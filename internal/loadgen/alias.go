package loadgen

import (
	"math"
	"math/rand/v2"
)

// alias draws indexes by weight in constant time, by the alias method of Walker
// as Vose builds it (A Linear Algorithm for Generating Random Numbers with a
// Given Distribution, 1991). rand.Zipf takes ten times as long.
type alias struct {
	keep  []float32 // the chance that a column stays itself
	other []int32
}

func newAlias(weights []float64) *alias {
	n := len(weights)
	a := &alias{keep: make([]float32, n), other: make([]int32, n)}
	total := 0.0
	for _, w := range weights {
		total += w
	}
	scaled := make([]float64, n)
	var small, large []int32
	for i, w := range weights {
		scaled[i] = w * float64(n) / total
		if scaled[i] < 1 {
			small = append(small, int32(i))
		} else {
			large = append(large, int32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.keep[s], a.other[s] = float32(scaled[s]), l
		scaled[l] -= 1 - scaled[s]
		if scaled[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, rest := range [][]int32{small, large} { // what rounding leaves is 1
		for _, i := range rest {
			a.keep[i], a.other[i] = 1, i
		}
	}
	return a
}

// draw returns an index.
func (a *alias) draw(rng *rand.Rand) int {
	i := rng.Uint32N(uint32(len(a.keep)))
	if rng.Float32() < a.keep[i] {
		return int(i)
	}
	return int(a.other[i])
}

// zipf gives index i the weight 1/(i+flat)^slope: a few do most, and flat keeps
// the first from doing it alone.
func zipf(n int, slope, flat float64) *alias {
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = 1 / math.Pow(float64(i)+flat, slope)
	}
	return newAlias(weights)
}
