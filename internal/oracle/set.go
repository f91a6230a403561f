package oracle

// set is a set of persons. Nobody ("") may be added and is not counted.
type set map[string]bool

func (s set) add(person string) set {
	if s == nil {
		s = set{}
	}
	if person != "" {
		s[person] = true
	}
	return s
}

func (s set) people() int { return len(s) }

// both counts the persons who are in s and in other.
func (s set) both(other set) int {
	n := 0
	for person := range s {
		if other[person] {
			n++
		}
	}
	return n
}
