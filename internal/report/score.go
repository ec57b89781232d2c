package report

import (
	"fmt"
	"io"
	"strconv"

	"github.com/tender-engine/tender/internal/score"
	"github.com/tender-engine/tender/internal/score/train"
)

// WriteCard writes a scorecard as a table.
func WriteCard(w io.Writer, style Style, c *score.Card) error {
	p := &page{w: w, style: style}
	p.printf("%s  %s %s\n", style.bold(Printable(c.Title)), c.Name, c.Version)
	p.printf("%d points are odds of %d good loans to a bad one; %s more double them. Everybody starts with %d.\n",
		c.Scale.Points, c.Scale.Odds, Count(int64(c.Scale.PDO), "point"), c.Base)
	p.printf("Below %d is high risk, from there to below %d medium risk, and from %d on low risk.\n",
		c.Bands.HighBelow, c.Bands.MediumBelow, c.Bands.MediumBelow)
	for _, a := range c.Attributes {
		p.printf("\n%s  %s\n", style.bold(a.Fact), a.Source)
		rows, from := [][]string{{"VALUE", "POINTS", "REASON"}}, (*int)(nil)
		for _, b := range a.Bins {
			rows = append(rows, []string{binRange(from, b.Below), signed(b.Points), Printable(b.Reason)})
			from = b.Below
		}
		p.table("  ", append(rows, []string{"not known", signed(a.NotKnown.Points), Printable(a.NotKnown.Reason)}))
	}
	return p.err
}

// binRange writes a bin's values, such as 16 to 32.
func binRange(from, below *int) string {
	switch {
	case from == nil && below == nil:
		return "any"
	case from == nil:
		return "below " + strconv.Itoa(*below)
	case below == nil:
		return strconv.Itoa(*from) + " and more"
	case *from == *below-1:
		return strconv.Itoa(*from)
	}
	return fmt.Sprintf("%d to %d", *from, *below-1)
}

// signed writes points with their sign, or 0.
func signed(points int) string {
	if points == 0 {
		return "0"
	}
	return fmt.Sprintf("%+d", points)
}

// WriteScore writes a score with its reasons, the worst first.
func WriteScore(w io.Writer, style Style, r score.Result) error {
	p := &page{w: w, style: style}
	p.printf("%s, %s  by %s %s\n", style.bold(Count(int64(r.Points), "point")), style.paint(bandPaint(r.Band), string(r.Band)+" risk"), r.Card, r.Version)
	p.printf("%d to start with, and:\n\n", r.Base)
	rows := [][]string{{"POINTS", "SHORT", "FACT", "VALUE", "REASON"}}
	for _, reason := range r.Reasons {
		value := "not known"
		if reason.Value != nil {
			value = strconv.Itoa(*reason.Value)
		}
		rows = append(rows, []string{signed(reason.Points), strconv.Itoa(reason.Short), reason.Fact, value, Printable(reason.Sentence)})
	}
	p.table("  ", rows)
	p.printf("\nSHORT is how many more points the best value of the fact would give.\n")
	return p.err
}

func bandPaint(b score.Band) paint {
	switch b {
	case score.HighRisk:
		return red
	case score.MediumRisk:
		return yellow
	case score.LowRisk:
		return green
	}
	return plain
}

// WriteMeasurement writes what training and measuring gave for a card.
func WriteMeasurement(w io.Writer, style Style, c *score.Card, m train.Measurement) error {
	p := &page{w: w, style: style}
	p.printf("Trained on %s, measured on %s that were kept from training.\n", accounts(m.First), accounts(m.Second))
	p.printf("\n%s\n", style.bold("How well the risk tells who defaults"))
	p.table("  ", [][]string{
		{"", "AUC", "GINI", "KS"},
		discriminationRow("model, on the first half", m.ModelFirst),
		discriminationRow("model, on the second half", m.ModelSecond),
		discriminationRow(c.Name+" "+c.Version+", on the second half", m.CardSecond),
		discriminationRow("the same, of those not late now", m.CardNotLate),
	})
	p.printf("\n%s  from the least risk to the most, on the second half\n", style.bold("Predicted and observed"))
	p.deciles(c, m)
	p.printf("\n%s  of %s %s, on the second half\n", style.bold("Bands"), c.Name, c.Version)
	rows := [][]string{{"RISK", "ACCOUNTS", "SHARE", "DEFAULTED"}}
	for _, b := range m.Bands {
		share := float64(b.All()) / float64(m.Second.All())
		rows = append(rows, []string{string(b.Band), strconv.Itoa(b.All()), percent(share), percent(b.Rate())})
	}
	p.table("  ", rows)
	p.model(m.Model)
	return p.err
}

func accounts(c train.Count) string {
	return fmt.Sprintf("%s (%s defaulted)", Count(int64(c.All()), "account"), percent(c.Rate()))
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func discriminationRow(what string, d train.Discrimination) []string {
	return []string{what, fmt.Sprintf("%.4f", d.AUC), fmt.Sprintf("%.4f", d.Gini), fmt.Sprintf("%.4f", d.KS)}
}

func (p *page) deciles(c *score.Card, m train.Measurement) {
	rows := [][]string{{"BY", "DECILE", "ACCOUNTS", "PREDICTED", "OBSERVED"}}
	for _, by := range []struct {
		name    string
		deciles []train.Decile
	}{{"model", m.ModelDeciles}, {c.Name, m.CardDeciles}} {
		for _, d := range by.deciles {
			rows = append(rows, []string{by.name, strconv.Itoa(d.Number), strconv.Itoa(d.All()), percent(d.Predicted), percent(d.Observed)})
		}
	}
	p.table("  ", rows)
}

// model writes the attributes, those that a card leaves out too.
func (p *page) model(m train.Model) {
	p.printf("\n%s  learned on the first half; everybody starts with %d points\n", p.style.bold("Attributes"), m.Base)
	rows := [][]string{{"FACT", "INFORMATION VALUE", "WEIGHT"}}
	for _, a := range m.Attributes {
		weight := fmt.Sprintf("%.4f", a.Weight)
		if a.Weight == 0 {
			weight = "left out: beside the others it tells nothing more"
		}
		rows = append(rows, []string{a.Fact, fmt.Sprintf("%.4f", a.InformationValue), weight})
	}
	p.table("  ", rows)
	p.printf("\n")
	rows = [][]string{{"FACT", "VALUE", "ACCOUNTS", "DEFAULTED", "WEIGHT OF EVIDENCE", "POINTS"}}
	for _, a := range m.Attributes {
		from := (*int)(nil)
		for _, b := range a.Bins {
			points := signed(b.Points)
			if a.Weight == 0 {
				points = "-"
			}
			rows = append(rows, []string{a.Fact, binRange(from, b.Below), strconv.Itoa(b.All()), percent(b.Rate()), fmt.Sprintf("%+.4f", b.WOE), points})
			from = b.Below
		}
	}
	p.table("  ", rows)
}
