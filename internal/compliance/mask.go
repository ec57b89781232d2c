package compliance

import (
	"slices"

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
	dispositionBits = 24
	unknownSpoken   = mask(1) << 56
	unknownWritten  = mask(1) << 57
	otherPoint      = mask(1) << 58
)

var (
	channelBit     = bitsOf(contact.Channels, channelBits)
	directionBit   = bitsOf(contact.Directions, directionBits)
	purposeBit     = bitsOf(contact.Purposes, purposeBits)
	dispositionBit = bitsOf(contact.Dispositions, dispositionBits)

	allChannels     = union(contact.Channels, channelBit)
	allDirections   = union(contact.Directions, directionBit)
	allPurposes     = union(contact.Purposes, purposeBit)
	allDispositions = union(contact.Dispositions, dispositionBit)

	spokenChannels = channelBit[contact.Call] | channelBit[contact.Visit]
	connected      = union(slices.DeleteFunc(slices.Clone(contact.Dispositions), func(d contact.Disposition) bool { return !d.Connected() }), dispositionBit)
	conversations  = union(slices.DeleteFunc(slices.Clone(contact.Dispositions), func(d contact.Disposition) bool { return !d.Conversation() }), dispositionBit)
)

func bitsOf[T ~string](words []T, from int) map[T]mask {
	bits := make(map[T]mask, len(words))
	for n, word := range words {
		bits[word] = 1 << (from + n)
	}
	return bits
}

func union[T ~string](words []T, bits map[T]mask) (all mask) {
	for _, word := range words {
		all |= bits[word]
	}
	return all
}

// orAll returns the bits of the words, or those of the whole set when there are none.
func orAll[T ~string](words []T, bits map[T]mask, all mask) mask {
	if len(words) == 0 {
		return all
	}
	return union(words, bits)
}

func channelMask(words []contact.Channel) mask { return orAll(words, channelBit, allChannels) }
func purposeMask(words []contact.Purpose) mask { return orAll(words, purposeBit, allPurposes) }
func purposesOf(words []contact.Purpose) mask  { return union(words, purposeBit) }

// Counts narrows the contacts that a rule counts; what is empty narrows nothing. A contact counts where a fact about it is unknown.
type Counts struct {
	Channels     []contact.Channel
	Directions   []contact.Direction
	Purposes     []contact.Purpose
	Dispositions []contact.Disposition
	// Except are dispositions that do not count.
	Except []contact.Disposition
}

// mask returns the contacts that count when a rule counts a unit, at any contact point.
func (c Counts) mask(of Unit) mask {
	channels := channelMask(c.Channels)
	dispositions := orAll(c.Dispositions, dispositionBit, allDispositions) &^ union(c.Except, dispositionBit)
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
	return channels | dispositions | unknown | otherPoint |
		orAll(c.Directions, directionBit, allDirections) | purposeMask(c.Purposes)
}

// bitsOfContact returns the bits of one contact, seen from a proposal that would use a contact point.
func bitsOfContact(a *contact.Attempt, point string) mask {
	channel := channelBit[a.Channel]
	bits := channel | directionBit[a.Direction] | purposeBit[a.Purpose]
	switch {
	case a.Disposition != "":
		bits |= dispositionBit[a.Disposition]
	case channel&^spokenChannels == 0:
		bits |= unknownSpoken
	default:
		bits |= unknownWritten
	}
	if a.Point != point && a.Point != "" {
		bits |= otherPoint
	}
	return bits
}
