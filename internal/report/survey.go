package report

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Surveyed is what came back to a question of surveys.
type Surveyed struct {
	Question string `json:"question"`
	// Strategy is the one that accompanies the loans, with its version; empty for the question as a whole.
	Strategy string `json:"strategy,omitempty"`
	// Asked is how often it was asked; of the question as a whole only.
	Asked   int64 `json:"asked,omitempty"`
	Answers int64 `json:"answers"`
	// Scores are how often 1 to 5 were given.
	Scores [5]int64 `json:"scores"`
	// Mean is their mean with two decimals, Content the share of 4 and 5 in percent, rounded down.
	Mean    string `json:"mean"`
	Content int64  `json:"content"`
	// Remarks are what was added, by what it was understood as.
	Remarks []Remark `json:"remarks,omitempty"`
}

// Remark is what remarks meant.
type Remark struct {
	Means string `json:"means"`
	Count int64  `json:"count"`
}

// Added is what a borrower added to a number, in their own words, which Postgres alone knows.
type Added struct {
	At       time.Time `json:"at"`
	Loan     string    `json:"loan"`
	Question string    `json:"question"`
	Score    int       `json:"score"`
	// Means is what it was understood as when it came.
	Means []event.Intent `json:"means"`
	Text  string         `json:"text"`
}

// Remarks returns what was added to answers since an instant, the latest first: to one question, or, without one, to all.
func Remarks(ctx context.Context, db *store.Store, since time.Time, question string, most int) ([]Added, error) {
	rows, err := db.RemarksAdded(ctx, sqlc.RemarksAddedParams{Since: since, Question: question, Most: int32(most)})
	all := make([]Added, len(rows))
	for n, row := range rows {
		all[n] = Added{At: row.At.UTC(), Loan: row.LoanID, Question: row.Question, Score: int(row.Score), Means: []event.Intent{}, Text: row.Remark}
		for _, means := range row.Means {
			all[n].Means = append(all[n].Means, event.Intent(means))
		}
	}
	return all, err
}

// WriteRemarks writes what was added, for people.
func WriteRemarks(w io.Writer, style Style, all []Added) error {
	p := page{w: w, style: style}
	if len(all) == 0 {
		p.printf("Nobody added anything.\n")
		return p.err
	}
	rows := [][]string{{"WHEN", "LOAN", "QUESTION", "SCORE", "UNDERSTOOD AS", "TEXT"}}
	for _, one := range all {
		means := strings.ReplaceAll(joined(one.Means), "_", " ")
		rows = append(rows, []string{
			one.At.Format("2006-01-02 15:04"), one.Loan, one.Question, strconv.Itoa(one.Score), means, message.Clean(one.Text),
		})
	}
	p.table("", rows)
	return p.err
}

// Surveys returns what came back to each question since an instant: as a whole, and then by strategy.
func Surveys(ctx context.Context, db *store.Store, since time.Time) ([]Surveyed, error) {
	scores, err := db.SurveyScores(ctx, since)
	if err != nil {
		return nil, err
	}
	remarks, err := db.SurveyRemarks(ctx, since)
	if err != nil {
		return nil, err
	}
	asked, err := db.SurveysAsked(ctx, since)
	if err != nil {
		return nil, err
	}
	all := []Surveyed{}
	find := func(question, strategy string) *Surveyed {
		n := slices.IndexFunc(all, func(s Surveyed) bool { return s.Question == question && s.Strategy == strategy })
		if n < 0 {
			all = append(all, Surveyed{Question: question, Strategy: strategy})
			n = len(all) - 1
		}
		return &all[n]
	}
	for _, a := range asked {
		find(a.Question, "").Asked = a.Asked
	}
	for _, row := range scores {
		for _, strategy := range slices.Compact([]string{"", row.Strategy}) { // once, where no strategy accompanies what it is about
			s := find(row.Question, strategy)
			s.Answers += row.Answers
			s.Scores[row.Score-1] += row.Answers
		}
	}
	for _, row := range remarks {
		s := find(row.Question, "")
		s.Remarks = append(s.Remarks, Remark{row.Intent, row.Remarks})
	}
	for n := range all {
		all[n].sumUp()
	}
	slices.SortStableFunc(all, func(a, b Surveyed) int { return strings.Compare(a.Question+"@"+a.Strategy, b.Question+"@"+b.Strategy) })
	return all, nil
}

func (s *Surveyed) sumUp() {
	if s.Answers == 0 {
		s.Mean = "-"
		return
	}
	total := int64(0)
	for n, count := range s.Scores {
		total += int64(n+1) * count
	}
	hundredths := (total*100 + s.Answers/2) / s.Answers
	s.Mean = fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
	s.Content = (s.Scores[3] + s.Scores[4]) * 100 / s.Answers
}

// WriteSurveys writes what came back, for people.
func WriteSurveys(w io.Writer, style Style, all []Surveyed) error {
	p := page{w: w, style: style}
	if len(all) == 0 {
		p.printf("Nobody was asked yet.\n")
		return p.err
	}
	rows := [][]string{{"QUESTION", "STRATEGY", "ASKED", "ANSWERS", "1", "2", "3", "4", "5", "MEAN", "4 OR 5"}}
	for _, s := range all {
		row := []string{s.Question, s.Strategy, "", strconv.FormatInt(s.Answers, 10)}
		if s.Strategy == "" {
			row[1], row[2] = "all", strconv.FormatInt(s.Asked, 10)
		}
		for _, count := range s.Scores {
			row = append(row, strconv.FormatInt(count, 10))
		}
		rows = append(rows, append(row, s.Mean, strconv.FormatInt(s.Content, 10)+" %"))
	}
	p.table("", rows)
	for _, s := range all {
		if len(s.Remarks) == 0 {
			continue
		}
		p.printf("\nWhat was added to %s\n", s.Question)
		rows = nil
		for _, r := range s.Remarks {
			rows = append(rows, []string{strings.ReplaceAll(r.Means, "_", " "), strconv.FormatInt(r.Count, 10)})
		}
		p.table("  ", rows)
	}
	return p.err
}
