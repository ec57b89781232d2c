package compliance

import (
	"github.com/tender-engine/tender/internal/contact"
)

// mask is a set of words of the closed sets, one bit a word. A contact has at most one bit of each set; a rule has
// those that it counts. So "does it count" is one operation, bits &^ mask == 0, which lets a rule run over hundreds of
// contacts in the time of a single look-up; and a word that is missing or unknown has no bit and thus fits every rule.
type mask uint64

// Where the bits of each set begin. A contact of unknown outcome has one of two bits of its own: whether a call may have
// been a conversation depends on nobody having said yet; a message never was one.
const (
	channelBits     = 0
	directionBits   = 8
	purposeBits     = 12
	placeBits       = 20
	dispositionBits = 24
	recipientBits   = 45
	unknownSpoken   = mask(1) << 56
	unknownWritten  = mask(1) << 57
	otherPoint      = mask(1) << 58
	otherChannel    = mask(1) << 59
	otherRecipient  = mask(1) << 60
	otherCollector  = mask(1) << 61
	consentedBit    = mask(1) << 62
	unknownPlace    = mask(1) << 63
)

var (
	channelBit     = bitsOf(contact.Channels, channelBits)
	directionBit   = bitsOf(contact.Directions, directionBits)
	purposeBit     = bitsOf(contact.Purposes, purposeBits)
	dispositionBit = bitsOf(contact.Dispositions, dispositionBits)
	recipientBit   = bitsOf(contact.Recipients, recipientBits)
	placeBit       = bitsOf(contact.Places, placeBits)

	borrowerBit    = recipientBit.of(contact.ToBorrower)
	spokenChannels = channelBit.of(contact.Call) | channelBit.of(contact.Visit)
	connected      = dispositionBit.where(contact.Disposition.Connected)
	conversations  = dispositionBit.where(contact.Disposition.Conversation)
)

// bits gives each word of a closed set its bit. It is a hash table without collisions, found by trying seeds: every contact
// is looked up in four sets, and a map spends on that as much as all rules together on counting.
type bits[T ~string] struct {
	words []T
	all   mask
	seed  uint32
	slots [128]struct {
		word T
		bit  mask
	}
}

func bitsOf[T ~string](words []T, from int) *bits[T] {
	for seed := uint32(1); ; seed += 2 {
		b := &bits[T]{words: words, seed: seed}
		for n, word := range words {
			slot := &b.slots[b.hash(word)]
			if slot.word != "" {
				b = nil
				break
			}
			slot.word, slot.bit = word, 1<<(from+n)
			b.all |= slot.bit
		}
		if b != nil {
			return b
		}
	}
}

// hash looks at the length and three letters of a word that is not empty.
func (b *bits[T]) hash(word T) uint32 {
	n := len(word)
	return (uint32(n)<<24 | uint32(word[0])<<16 | uint32(word[n/2])<<8 | uint32(word[n-1])) * b.seed >> 25
}

// of returns the bit of a word; none for one that is missing or unknown.
func (b *bits[T]) of(word T) mask {
	if word == "" {
		return 0
	}
	if slot := &b.slots[b.hash(word)]; slot.word == word {
		return slot.bit
	}
	return 0
}

// union returns the bits of some words.
func (b *bits[T]) union(words []T) (union mask) {
	for _, word := range words {
		union |= b.of(word)
	}
	return union
}

// orAll returns the bits of some words, or those of the whole set when there are none.
func (b *bits[T]) orAll(words []T) mask {
	if len(words) == 0 {
		return b.all
	}
	return b.union(words)
}

// where returns the bits of the words for which something holds.
func (b *bits[T]) where(holds func(T) bool) (some mask) {
	for _, word := range b.words {
		if holds(word) {
			some |= b.of(word)
		}
	}
	return some
}

// Counts narrows the contacts that a rule counts; what is empty narrows nothing. A contact counts where a fact about it is unknown.
type Counts struct {
	Channels     []contact.Channel
	Directions   []contact.Direction
	Purposes     []contact.Purpose
	Dispositions []contact.Disposition
	// Except are dispositions that do not count.
	Except []contact.Disposition
	// Recipients and Places are who was contacted, and at what kind of point.
	Recipients []contact.Recipient
	Places     []contact.Place
	// ExceptConsented leaves out the contacts that the borrower had asked for or allowed.
	ExceptConsented bool
}

// mask returns the contacts that count when a rule counts a unit, at any contact point.
func (c Counts) mask(of Unit) mask {
	channels := channelBit.orAll(c.Channels)
	dispositions := dispositionBit.orAll(c.Dispositions) &^ dispositionBit.union(c.Except)
	unknown := unknownSpoken | unknownWritten
	switch of {
	case Connected:
		dispositions &= connected
		unknown = unknownSpoken
	case Conversation:
		dispositions &= conversations
		unknown = unknownSpoken
	case Message:
		channels &^= spokenChannels
	}
	if !c.ExceptConsented {
		unknown |= consentedBit
	}
	return channels | dispositions | unknown | unknownPlace | otherPoint | otherChannel | otherRecipient | otherCollector |
		directionBit.orAll(c.Directions) | purposeBit.orAll(c.Purposes) | recipientBit.orAll(c.Recipients) | placeBit.orAll(c.Places)
}

// bitsOfContact returns the bits of one contact, seen from the proposal of an evaluation.
func (e *evaluation) bitsOfContact(a *contact.Attempt) mask {
	channel := channelBit.of(a.Channel)
	all := channel | directionBit.of(a.Direction) | purposeBit.of(a.Purpose) | e.placeOf(a.Point)
	recipient := a.Recipient
	if recipient == "" || recipient == contact.ToBorrower { // as nearly all are
		recipient = contact.ToBorrower
		all |= borrowerBit
	} else {
		all |= recipientBit.of(recipient)
	}
	switch {
	case a.Disposition != "":
		all |= dispositionBit.of(a.Disposition)
	case channel&^spokenChannels == 0:
		all |= unknownSpoken
	default:
		all |= unknownWritten
	}
	if a.Point != e.point && a.Point != "" {
		all |= otherPoint
	}
	if a.Channel != e.proposal.Channel {
		all |= otherChannel
	}
	if recipient != e.recipient {
		all |= otherRecipient
	}
	if a.Collector != e.proposal.Collector {
		all |= otherCollector
	}
	if a.Consented {
		all |= consentedBit
	}
	return all
}

// placeOf returns the bit of the place of a contact point.
func (e *evaluation) placeOf(point string) mask {
	for n := range e.standing.Points {
		if e.standing.Points[n].ID == point {
			return e.places[n]
		}
	}
	return unknownPlace
}

// placePoints finds the places of the borrower's contact points, once for all contacts.
func (e *evaluation) placePoints() {
	e.places = make([]mask, len(e.standing.Points))
	for n, p := range e.standing.Points {
		if e.places[n] = unknownPlace; p.Where() != "" {
			e.places[n] = placeBit.of(p.Where())
		}
	}
}
