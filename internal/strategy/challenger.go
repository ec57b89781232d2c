package strategy

import (
	"fmt"
	"hash/fnv"

	"github.com/tender-engine/tender/internal/event"
)

// Challenger is a strategy that is tried on a share of the loans that would begin with another, its champion. Which loans
// these are is settled by a hash of the loan's id, so it is the same however often it is asked.
type Challenger struct {
	Strategy string `yaml:"strategy"`
	Percent  int    `yaml:"percent"`
}

func (c checked) checkChallengers() {
	all, names := 0, map[string]bool{c.Name: true}
	for n, challenger := range c.Challengers {
		path := fmt.Sprintf(".challengers[%d]", n)
		switch all += challenger.Percent; {
		case event.CheckID(challenger.Strategy) != nil || names[challenger.Strategy]:
			c.errorf(path+".strategy", "%q must be the name of another strategy, once", challenger.Strategy)
		case challenger.Percent < 1 || all > 99:
			c.errorf(path+".percent", "%d must be at least 1, and all of them together at most 99: the champion keeps a share", challenger.Percent)
		}
		names[challenger.Strategy] = true
	}
}

// Arm returns the name of the strategy with which a loan begins: that of the champion, or of one of its challengers.
func (s *Strategy) Arm(loan string) string {
	if len(s.Challengers) == 0 {
		return s.Name
	}
	hash := fnv.New64a()
	hash.Write([]byte(s.Name + "/" + loan))
	// FNV's low bits are weak for names that differ in their last digit alone.
	at := int(mixed(hash.Sum64()) % 100)
	for _, challenger := range s.Challengers {
		if at -= challenger.Percent; at < 0 {
			return challenger.Strategy
		}
	}
	return s.Name
}

// mixed spreads what differs in a few bits over all of them (the finalizer of MurmurHash3).
func mixed(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// CheckChallengers refuses strategies whose challengers are not among them, or have challengers of their own.
func CheckChallengers(all []*Strategy) error {
	byName := map[string]*Strategy{}
	for _, s := range all {
		byName[s.Name] = s
	}
	for _, s := range all {
		for n, challenger := range s.Challengers {
			switch other := byName[challenger.Strategy]; {
			case other == nil:
				return fmt.Errorf("strategy %s: challengers[%d]: there is no strategy %s", s.Name, n, challenger.Strategy)
			case len(other.Challengers) > 0:
				return fmt.Errorf("strategy %s: challengers[%d]: %s has challengers of its own", s.Name, n, other.Name)
			}
		}
	}
	return nil
}
