package ingest

import "ibarura/internal/event"

// MaxListed is how many rejections an answer lists; a stream of any length has
// an answer of bounded length.
const MaxListed = 1000

// maxListedTogether bounds what all requests under way hold for their answers:
// many slow streams of bad lines have answers of bounded size too, about 25 MB.
const maxListedTogether = 100_000

// Rejected is one item that was not taken in, and why.
type Rejected struct {
	Index   int    `json:"index"` // place in the array, or line from 0
	Code    string `json:"code"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// Result is the answer to a producer: what became of each item.
type Result struct {
	Accepted   int        `json:"accepted"`
	Duplicates int        `json:"duplicates"`
	Rejected   []Rejected `json:"rejected"`
	Unlisted   int        `json:"rejected_unlisted,omitempty"` // rejections beyond MaxListed

	codes map[string]int // of rejections that are not in the metrics yet
}

func (r *Result) reject(index int, why *event.Rejection, list bool) {
	if r.codes == nil {
		r.codes = map[string]int{}
	}
	r.codes[why.Code]++
	if !list {
		r.Unlisted++
		return
	}
	r.Rejected = append(r.Rejected, Rejected{Index: index, Code: why.Code, Field: why.Field, Message: why.Message})
}

// mayList reports whether a request that lists so many rejections may list
// another one.
func (s *Service) mayList(listed int) bool {
	if listed >= MaxListed {
		return false
	}
	if s.listed.Add(1) > maxListedTogether {
		s.listed.Add(-1)
		return false
	}
	return true
}

// unlist makes room for the rejections of other requests.
func (s *Service) unlist(listed int) { s.listed.Add(-int64(listed)) }
