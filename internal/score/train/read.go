package train

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tender-engine/tender/internal/score"
)

// Account is an account whose end is known.
type Account struct {
	ID        string
	Facts     score.Facts
	Defaulted bool
}

// first tells whether the account lies in the half that trains. It depends on the ID alone, so that an account stays in its
// half whatever else a file holds.
func (a Account) first() bool {
	hash := sha256.Sum256([]byte(a.ID))
	return hash[0]&1 == 0
}

// The columns that are read, of the latest month first. Those that say who somebody is (SEX, EDUCATION, MARRIAGE, AGE) are
// not: they may be missing.
var (
	idColumn      = "ID"
	limitColumn   = "LIMIT_BAL"
	statusColumns = []string{"PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"}
	billColumns   = []string{"BILL_AMT1", "BILL_AMT2", "BILL_AMT3", "BILL_AMT4", "BILL_AMT5", "BILL_AMT6"}
	paidColumns   = []string{"PAY_AMT1", "PAY_AMT2", "PAY_AMT3", "PAY_AMT4", "PAY_AMT5", "PAY_AMT6"}
	endColumn     = "default.payment.next.month"
)

// mostAmount bounds amounts, so that no sum overflows.
const mostAmount = 1_000_000_000_000

// byteOrderMark is what spreadsheets write before the first column.
const byteOrderMark = "\ufeff"

// Read reads accounts from a gzipped CSV file with the columns of UCI's default of credit card clients. Its errors name the
// line, the column and what to do.
func Read(file io.Reader) ([]Account, error) {
	unpacked, err := gzip.NewReader(file)
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("the file is empty; it should be a CSV file with a line per account, packed with gzip")
	case err != nil:
		return nil, errors.New("the file is not packed with gzip; pack it: gzip FILE.csv")
	}
	text := bufio.NewReader(unpacked)
	if mark, err := text.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
		if _, err := text.Discard(len(mark)); err != nil {
			return nil, err
		}
	}
	r := &reader{csv: csv.NewReader(text)}
	r.csv.ReuseRecord = true
	if err := r.header(); err != nil {
		return nil, err
	}
	var all []Account
	lines := map[string]int{}
	for {
		a, err := r.account()
		switch {
		case errors.Is(err, io.EOF) && len(all) == 0:
			return nil, errors.New("line 2: is missing; below the names of the columns there is a line per account")
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
		line, _ := r.csv.FieldPos(0)
		if other, twice := lines[a.ID]; twice {
			return nil, fmt.Errorf("line %d, column %s: %s stands on line %d too; give each account once", line, idColumn, a.ID, other)
		}
		lines[a.ID] = line
		all = append(all, a)
	}
}

// reader reads one file.
type reader struct {
	csv *csv.Reader
	// at is where in a line a column stands.
	at map[string]int
	// fields are those of the current line, and wrong is what is wrong with the first of them that is.
	fields []string
	wrong  error
}

func (r *reader) header() error {
	if err := r.next(); err != nil {
		if errors.Is(err, io.EOF) {
			return errors.New("the file is empty; its first line should name the columns")
		}
		return err
	}
	r.at = map[string]int{}
	for n, column := range r.fields {
		if _, twice := r.at[column]; twice {
			return fmt.Errorf("line 1: there are two columns %s; keep one", column)
		}
		r.at[column] = n
	}
	for _, column := range slices.Concat([]string{idColumn, limitColumn}, statusColumns, billColumns, paidColumns, []string{endColumn}) {
		if _, there := r.at[column]; !there {
			return fmt.Errorf("line 1: there is no column %s; docs/score.md says which are needed", column)
		}
	}
	return nil
}

// next reads a line.
func (r *reader) next() (err error) {
	r.fields, err = r.csv.Read()
	var wrong *csv.ParseError
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return err
	case errors.Is(err, csv.ErrFieldCount):
		line, _ := r.csv.FieldPos(0)
		return fmt.Errorf("line %d: has %d fields, and line 1 names %d columns; give each column a field", line, len(r.fields), len(r.at))
	case errors.As(err, &wrong):
		return fmt.Errorf("line %d, character %d: %w", wrong.Line, wrong.Column, wrong.Err)
	}
	return fmt.Errorf("the file cannot be unpacked, it may be cut off: %w", err)
}

func (r *reader) account() (Account, error) {
	if err := r.next(); err != nil {
		return Account{}, err
	}
	r.wrong = nil
	id := strings.TrimSpace(r.fields[r.at[idColumn]])
	if id == "" {
		return Account{}, r.errorf(idColumn, "is empty; give the account an id")
	}
	h := history{limit: r.number(limitColumn, 1, mostAmount)}
	for n := range months {
		h.status[n] = r.number(statusColumns[n], noBill, 9)
		h.billed[n] = r.number(billColumns[n], -mostAmount, mostAmount)
		h.paid[n] = r.number(paidColumns[n], 0, mostAmount)
	}
	defaulted := r.number(endColumn, 0, 1) == 1
	if r.wrong != nil {
		return Account{}, r.wrong
	}
	return Account{id, h.facts(), defaulted}, nil
}

// number reads a whole number. What is wrong with the first one that is none is kept.
func (r *reader) number(column string, least, most int) int {
	text := strings.TrimSpace(r.fields[r.at[column]])
	n, err := strconv.Atoi(text)
	switch {
	case r.wrong != nil:
	case text == "":
		r.wrong = r.errorf(column, "is empty; write a whole number, or leave the account out")
	case errors.Is(err, strconv.ErrSyntax):
		r.wrong = r.errorf(column, "%q is no whole number; write it as 50000", text)
	case err != nil || n < least || n > most:
		r.wrong = r.errorf(column, "%s must lie between %d and %d", text, least, most)
	}
	return n
}

func (r *reader) errorf(column, format string, args ...any) error {
	line, _ := r.csv.FieldPos(r.at[column])
	return fmt.Errorf("line %d, column %s: %s", line, column, fmt.Sprintf(format, args...))
}
