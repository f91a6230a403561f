package community

import "time"

// hours are the weights of a day's hours, local time: people sleep, and come
// back in the evening.
var hours = [24]int{5, 3, 2, 2, 3, 6, 12, 22, 34, 42, 46, 47, 50, 52, 49, 47, 48, 54, 62, 70, 66, 48, 28, 13}

const (
	quartersADay = 96
	slots        = 1024
	// weekend is what a day of the weekend has of a weekday's sessions.
	weekend = 0.6
	// growth is how many times the sessions of the first day the last one has.
	growth = 1.8
)

// rhythm returns quarters of an hour, each as often as sessions begin in it.
func rhythm() []int {
	sum := 0
	for _, weight := range hours {
		sum += 4 * weight
	}
	list := make([]int, slots)
	quarter, passed := 0, hours[0]
	for i := range list {
		for quarter < quartersADay-1 && passed*2*slots <= (2*i+1)*sum {
			quarter++
			passed += hours[quarter/4]
		}
		list[i] = quarter
	}
	return list
}

// dayEnds cuts so many sessions into days: it returns for each day the number at
// which its sessions end.
func dayEnds(from time.Time, days, sessions int) []int {
	weights := make([]float64, days)
	sum := 0.0
	for i := range weights {
		weights[i] = 1 + (growth-1)*float64(i)/float64(days)
		if day := from.AddDate(0, 0, i).Weekday(); day == time.Saturday || day == time.Sunday {
			weights[i] *= weekend
		}
		sum += weights[i]
	}
	ends := make([]int, days)
	passed := 0.0
	for i, weight := range weights {
		passed += weight
		ends[i] = int(passed / sum * float64(sessions))
	}
	ends[days-1] = sessions
	return ends
}
