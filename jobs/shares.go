package jobs

import "time"

// standing is what is known of a destination.
type standing int

const (
	unheard standing = iota // nothing, lately
	proven                  // it answered lately
	failing                 // its last attempt came to nothing
	standings
)

// shares divides the seats between destinations that answer and those that do
// not, so that no number of the latter keeps work from the former:
//
//  1. There are as many seats as slots. Half as many are sure for the proven,
//     and half for all others, even where one side has taken all slots.
//  2. A destination that has nothing under way gets a seat beyond that, as long
//     as there are fewer than [most] times the slots. The last quarter of those
//     is for the proven. So hosts that die at the same moment, whom nobody can
//     know yet, keep no seat from any other, up to that bound.
//  3. Those that fail have at most half as many seats as there are slots. They
//     share them equally: in seats where there are enough, else in time.
type shares struct {
	slots    int
	taken    [standings]int // seats
	suspects int            // destinations that fail
}

// most is how many times the slots may be taken by first seats.
const most = 4

// MostUnderWay is how many pieces of work a worker of so many slots does at a
// time, at most.
func MostUnderWay(slots int) int { return most * slots }

func (s *shares) all() int { return s.taken[unheard] + s.taken[proven] + s.taken[failing] }

func (s *shares) half() int { return max(1, s.slots/2) }

// allow reports whether one more seat may go to a destination; idle says that
// it has nothing under way.
func (s *shares) allow(to standing, idle bool) bool {
	side, bound := s.taken[unheard]+s.taken[failing], (most-1)*s.slots
	if to == proven {
		side, bound = s.taken[proven], MostUnderWay(s.slots)
	}
	switch {
	case to == failing && s.taken[failing] >= s.half():
		return false
	case s.all() < s.slots || side < s.half():
		return true
	}
	return idle && s.all() < bound
}

// room is how many more seats are worth looking for.
func (s *shares) room() int {
	if free := s.slots - s.all(); free > 0 {
		return free
	}
	return min(s.half(), max(0, MostUnderWay(s.slots)-s.all()))
}

// each is how many seats one destination that fails may have.
func (s *shares) each() int { return max(1, s.half()/max(1, s.suspects)) }

// longestTurn bounds how long a destination that fails waits for its turn.
const longestTurn = 5 * time.Minute

// turn is how long a destination that fails leaves its seat to others, after an
// attempt that took so long: where there are more of them than seats, each has
// one for its part of the time.
func (s *shares) turn(took time.Duration) time.Duration {
	if s.suspects <= s.half() {
		return 0
	}
	part := float64(s.suspects-s.half()) / float64(s.half())
	return time.Duration(min(float64(took)*part, float64(longestTurn)))
}
