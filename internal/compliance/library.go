package compliance

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tender-engine/tender/internal/compliance/calendar"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/strictyaml"
)

//go:embed rulebooks/*.yaml
var shipped embed.FS

// Library is the rulebooks of an installation. It is read-only once it is in use, and then safe for concurrent use.
type Library struct {
	// Party is whose loans are collected; rules that do not bind it are left out. None: every rule applies.
	Party Party

	// books are sorted by name.
	books []*Rulebook
}

// Shipped returns the rulebooks that come with Tender. They are read once.
func Shipped() (*Library, error) {
	books, err := shippedBooks()
	if err != nil {
		return nil, err
	}
	return &Library{books: slices.Clone(books.books)}, nil
}

var shippedBooks = sync.OnceValues(func() (*Library, error) { return load("") })

// Load returns the shipped rulebooks together with those in a folder (*.yaml, *.yml), of which one takes the place of a
// shipped one by bearing its name. They may name the shipped calendars and those in the folder's own folder calendars. No folder: only the shipped ones. An error names file, line and column.
func Load(dir string) (*Library, error) {
	if dir == "" {
		return Shipped()
	}
	return load(dir)
}

func load(dir string) (*Library, error) {
	calendars, err := calendar.Load(dir)
	if err != nil {
		return nil, err
	}
	books, err := strictyaml.Shelf[*Rulebook]{
		Word: "rulebook", Shipped: shipped, Folder: "rulebooks", Name: func(b *Rulebook) string { return b.Name },
		Read: func(file string, text []byte, own bool) (*Rulebook, error) {
			return parse(file, text, !own, finder(calendars))
		},
	}.Load(dir)
	if err != nil {
		return nil, err
	}
	l := &Library{books: books}
	slices.SortFunc(l.books, func(a, b *Rulebook) int { return strings.Compare(a.Name, b.Name) })
	if len(l.covering(Elsewhere)) == 0 {
		return nil, fmt.Errorf("%s: no rulebook covers [%s], so nothing would bind where no other fits; let one do", dir, Elsewhere)
	}
	return l, nil
}

// finder finds calendars by their names.
func finder(all *calendar.Calendars) func(string) (Calendar, bool) {
	return func(name string) (Calendar, bool) {
		found, ok := all.For(name)
		return found, ok
	}
}

// Rulebooks returns all rulebooks, sorted by name.
func (l *Library) Rulebooks() []*Rulebook { return slices.Clone(l.books) }

// Rulebook reports whether there is a rulebook of a name.
func (l *Library) Rulebook(name string) bool {
	return slices.ContainsFunc(l.books, func(b *Rulebook) bool { return b.Name == name })
}

// Rule returns a rule by the name that findings give it, such as house/one-message-a-day or tender/hold.
func (l *Library) Rule(name string) (Rule, bool) {
	all := slices.Clone(own)
	for _, book := range l.books {
		all = append(all, book.Rules...)
	}
	n := slices.IndexFunc(all, func(rule *Rule) bool { return rule.ref == name })
	if n < 0 {
		return Rule{}, false
	}
	return *all[n], true
}

// Horizon is how far back any rule looks: older contacts count nowhere.
func (l *Library) Horizon() time.Duration {
	days := replyDays
	for _, book := range l.books {
		for _, rule := range book.Rules {
			days = max(days, rule.test.days())
		}
	}
	return horizon(days)
}

// replyDays is how far back a contact may lie that the borrower began and that waits for a reply.
const replyDays = int(replyWithin / (24 * time.Hour))

// horizon is the time within which a contact of the last days can lie. A day more, because it is another date
// elsewhere; another, because days in which clocks change are longer.
func horizon(days int) time.Duration { return time.Duration(days+2) * 24 * time.Hour }

// For returns the rules of a jurisdiction: those of the rulebooks that name it or what it is a part of (us for us-ny), or,
// where none does, of those for elsewhere; and always those for everywhere. Small and capital letters are alike.
func (l *Library) For(jurisdiction string) Rules {
	var books []*Rulebook
	for place := strings.ToLower(jurisdiction); place != "" && place != Everywhere; {
		books = append(books, l.covering(place)...)
		place = place[:max(strings.LastIndexByte(place, '-'), 0)]
	}
	if len(books) == 0 {
		books = l.covering(Elsewhere)
	}
	return layer(l.Party, append(books, l.covering(Everywhere)...)...)
}

// covering returns the rulebooks that name a jurisdiction.
func (l *Library) covering(jurisdiction string) (books []*Rulebook) {
	for _, book := range l.books {
		if slices.Contains(book.Jurisdictions, jurisdiction) {
			books = append(books, book)
		}
	}
	return books
}

// Rules are what binds in one place. They are read-only and safe for concurrent use. The zero Rules hold only what
// Tender itself always keeps to: holds, opt-outs, known time zones and usable contact points.
type Rules struct {
	names []string
	// rules are those that contacts are held against, duties those with a deadline, limits those about records, plans and charges.
	rules, duties, limits []*Rule
	// days is how far back they look.
	days int
	// despite are the purposes that an opt-out does not stop, mayContact those besides the borrower who may be contacted.
	despite    []contact.Purpose
	mayContact []contact.Recipient
}

// DespiteOptOut reports whether a contact for a purpose may go where the borrower asked for none, since the law asks for it.
func (r Rules) DespiteOptOut(purpose contact.Purpose) bool {
	return slices.Contains(r.despite, purpose)
}

// layer puts rulebooks on top of each other. Their order does not matter.
func layer(party Party, books ...*Rulebook) Rules {
	r := Rules{days: replyDays}
	for n, book := range slices.CompactFunc(slices.SortedFunc(slices.Values(books), func(a, b *Rulebook) int {
		return strings.Compare(a.Name, b.Name)
	}), func(a, b *Rulebook) bool { return a == b }) {
		r.names = append(r.names, book.Name+"@"+book.Version.String())
		if n == 0 {
			r.despite, r.mayContact = slices.Clone(book.DespiteOptOut), slices.Clone(book.MayContact)
		}
		r.despite = slices.DeleteFunc(r.despite, func(p contact.Purpose) bool { return !slices.Contains(book.DespiteOptOut, p) })
		r.mayContact = slices.DeleteFunc(r.mayContact, func(to contact.Recipient) bool { return !slices.Contains(book.MayContact, to) })
		for _, rule := range book.Rules {
			switch {
			case !rule.appliesTo(party):
			case rule.Duty != nil:
				r.duties = append(r.duties, rule)
			case rule.Retention != nil, rule.Plan != nil, rule.Charge != nil:
				r.limits = append(r.limits, rule)
			default:
				r.rules = append(r.rules, rule)
				r.days = max(r.days, rule.test.days())
			}
		}
	}
	for _, rules := range [][]*Rule{r.rules, r.duties, r.limits} {
		slices.SortStableFunc(rules, func(a, b *Rule) int { return strings.Compare(a.ref, b.ref) })
	}
	return r
}

// appliesTo reports whether a rule binds a party. One that nobody knows might be any.
func (rule *Rule) appliesTo(party Party) bool {
	return len(rule.AppliesTo) == 0 || slices.Contains(rule.AppliesTo, party) || !slices.Contains(Parties, party)
}

// Names returns the names of the rulebooks with their versions, sorted, such as us-federal@2026-03-09.
func (r Rules) Names() []string { return slices.Clone(r.names) }
