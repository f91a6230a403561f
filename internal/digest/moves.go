package digest

import (
	"cmp"
	"math"
	"slices"
)

// Move is a number that is not what it was.
type Move struct {
	Kind      string // figure, type, tag
	Name      string
	Now, Then int64
}

const (
	mostMoves = 5
	// surprising is from how many standard deviations on a change is told: one in
	// about twenty would be that large if only chance were at work.
	surprising = 2
)

// surprise is a change in standard deviations, if counts are Poisson's: the
// variance of a difference of two counts is their sum. So ten of a hundred
// more are more than one of one more, and both less than a thousand of ten thousand.
func (m Move) surprise() float64 {
	if m.Now+m.Then <= 0 {
		return 0
	}
	return math.Abs(float64(m.Now-m.Then)) / math.Sqrt(float64(m.Now+m.Then))
}

// sameAsFigure are the types of events that a figure counts already.
var sameAsFigure = map[string]string{
	"post_created": "posts_created", "comment_added": "comments", "user_signup": "signups", "login": "logins", "user_login": "logins",
}

// moved notes a change that is more than chance would have.
func (n *Numbers) moved(m Move, compared bool) {
	if m.Kind == "type" && sameAsFigure[m.Name] != "" {
		return
	}
	if compared && m.surprise() >= surprising {
		n.Moves = append(n.Moves, m)
	}
}

// largest returns the most surprising ones.
func largest(moves []Move) []Move {
	slices.SortFunc(moves, func(a, b Move) int {
		return cmp.Or(cmp.Compare(b.surprise(), a.surprise()), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return moves[:min(len(moves), mostMoves)]
}
