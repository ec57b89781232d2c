package train_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/score"
	"github.com/tender-engine/tender/internal/score/train"
)

const header = "ID,LIMIT_BAL,SEX,PAY_0,PAY_2,PAY_3,PAY_4,PAY_5,PAY_6,BILL_AMT1,BILL_AMT2,BILL_AMT3,BILL_AMT4,BILL_AMT5,BILL_AMT6," +
	"PAY_AMT1,PAY_AMT2,PAY_AMT3,PAY_AMT4,PAY_AMT5,PAY_AMT6,default.payment.next.month\n"

func zipped(t testing.TB, text string) *bytes.Buffer {
	t.Helper()
	var into bytes.Buffer
	w := gzip.NewWriter(&into)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return &into
}

func number(n int) *int { return &n }

func TestFactsComeFromTheMonths(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		line string
		want score.Facts
	}{
		"late twice, and now": {
			"1,1000,2,1,0,2,0,0,-1,500,400,400,400,400,400,100,100,0,100,100,50,1\n",
			score.Facts{
				LateShare: number(33), WorstMonthsLate: number(2), MonthsSinceLate: number(0), LateTrend: number(2), MonthsLateNow: number(1),
				PaidShare: number(20), OutstandingShare: number(50),
			},
		},
		"late long ago": {
			"1,1000,2,0,0,0,0,3,0,0,400,400,400,400,400,3000,100,0,100,100,50,0\n",
			score.Facts{
				LateShare: number(16), WorstMonthsLate: number(3), MonthsSinceLate: number(4), LateTrend: number(-3), MonthsLateNow: number(0),
				PaidShare: number(100), OutstandingShare: number(0),
			},
		},
		"used in two months": {
			"1,1000,2,-1,2,-2,-2,-2,-2,-50,300,0,0,0,0,0,0,0,0,0,0,0\n",
			score.Facts{
				LateShare: number(50), WorstMonthsLate: number(2), MonthsSinceLate: number(1), LateTrend: number(2), MonthsLateNow: number(0),
				PaidShare: number(0), OutstandingShare: number(0),
			},
		},
		"not used, with a bill all the same": {
			"1,1000,2,-2,-2,-2,-2,-2,-2,30000,0,0,0,0,0,0,0,0,0,0,0,0\n",
			score.Facts{
				LateShare: number(0), WorstMonthsLate: number(0), MonthsSinceLate: number(6), LateTrend: number(0), MonthsLateNow: number(0),
				OutstandingShare: number(1000),
			},
		},
		"never used": {
			"1,1000,2,-2,-2,-2,-2,-2,-2,0,0,0,0,0,0,0,0,0,0,0,0,0\n",
			score.Facts{MonthsLateNow: number(0), OutstandingShare: number(0)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			accounts, err := train.Read(zipped(t, header+c.line))
			require.NoError(t, err)
			require.Equal(t, c.want, accounts[0].Facts)
			require.Equal(t, strings.HasSuffix(c.line, ",1\n"), accounts[0].Defaulted)
		})
	}
}

func TestAFileThatCannotBeReadIsRefusedWithLineColumnAndRemedy(t *testing.T) {
	t.Parallel()
	const line = "1,1000,2,0,0,0,0,0,0,500,400,400,400,400,400,100,100,0,100,100,50,1\n"
	_, err := train.Read(zipped(t, header+line))
	require.NoError(t, err)
	for name, c := range map[string]struct{ text, says string }{
		"no text":          {"", "the file is empty; its first line should name the columns"},
		"no accounts":      {header, "line 2: is missing; below the names of the columns there is a line per account"},
		"no such column":   {strings.Replace(header, "PAY_3", "PAY_THREE", 1) + line, "line 1: there is no column PAY_3; docs/score.md says which are needed"},
		"a column twice":   {strings.Replace(header, "SEX", "PAY_0", 1) + line, "line 1: there are two columns PAY_0; keep one"},
		"text":             {header + line + strings.Replace(line, "1,1000", "2,many", 1), `line 3, column LIMIT_BAL: "many" is no whole number; write it as 50000`},
		"a fraction":       {header + strings.Replace(line, "500", "500.5", 1), `line 2, column BILL_AMT1: "500.5" is no whole number; write it as 50000`},
		"nothing":          {header + strings.Replace(line, "1000", " ", 1), "line 2, column LIMIT_BAL: is empty; write a whole number, or leave the account out"},
		"no id":            {header + strings.Replace(line, "1,", ",", 1), "line 2, column ID: is empty; give the account an id"},
		"no limit":         {header + strings.Replace(line, "1000", "0", 1), "line 2, column LIMIT_BAL: 0 must lie between 1 and 1000000000000"},
		"no status":        {header + strings.Replace(line, "2,0,0", "2,10,0", 1), "line 2, column PAY_0: 10 must lie between -2 and 9"},
		"too much":         {header + strings.Replace(line, "500", "99999999999999999999", 1), "line 2, column BILL_AMT1: 99999999999999999999 must lie between"},
		"a payment back":   {header + strings.Replace(line, "50,1", "-50,1", 1), "line 2, column PAY_AMT6: -50 must lie between 0 and"},
		"no end":           {header + strings.Replace(line, "50,1", "50,2", 1), "line 2, column default.payment.next.month: 2 must lie between 0 and 1"},
		"an account twice": {header + line + line, "line 3, column ID: 1 stands on line 2 too; give each account once"},
		"too few fields":   {header + "1,2\n", "line 2: has 2 fields, and line 1 names 22 columns; give each column a field"},
		"a lone quote":     {header + "\"1,2\n", "line 2, character 6: extraneous or missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := train.Read(zipped(t, c.text))
			require.ErrorContains(t, err, c.says)
		})
	}
	accounts, err := train.Read(zipped(t, "\ufeff"+header+line))
	require.NoError(t, err, "a spreadsheet writes a byte order mark")
	require.Len(t, accounts, 1)
	_, err = train.Read(strings.NewReader(header + line))
	require.EqualError(t, err, "the file is not packed with gzip; pack it: gzip FILE.csv")
	_, err = train.Read(strings.NewReader(""))
	require.EqualError(t, err, "the file is empty; it should be a CSV file with a line per account, packed with gzip")
	whole := zipped(t, header+line).Bytes()
	_, err = train.Read(bytes.NewReader(whole[:len(whole)-8]))
	require.ErrorContains(t, err, "the file cannot be unpacked, it may be cut off: unexpected EOF")
}

// dataset reads the accounts of the data set, once.
var dataset = sync.OnceValues(func() ([]train.Account, error) {
	file, err := os.Open("../../../examples/data/uci_credit_card.csv.gz")
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return train.Read(file)
})

func accounts(t testing.TB) []train.Account {
	t.Helper()
	all, err := dataset()
	require.NoError(t, err)
	return slices.Clone(all)
}

func TestTheDataSetIsReadWhole(t *testing.T) {
	t.Parallel()
	all := accounts(t)
	defaulted := 0
	for _, a := range all {
		if a.Defaulted {
			defaulted++
		}
	}
	require.Len(t, all, 30_000)
	require.Equal(t, 6_636, defaulted)
}

func TestWhoSomebodyIsIsNotRead(t *testing.T) {
	t.Parallel()
	const line = "1,1000,2,1,0,2,0,0,-1,500,400,400,400,400,400,100,100,0,100,100,50,1\n"
	with, err := train.Read(zipped(t, header+line))
	require.NoError(t, err)
	without, err := train.Read(zipped(t, strings.Replace(header, "SEX,", "", 1)+strings.Replace(line, "1000,2,", "1000,", 1)))
	require.NoError(t, err)
	require.Equal(t, with, without)
	source, err := os.ReadFile("read.go")
	require.NoError(t, err)
	require.NotRegexp(t, regexp.MustCompile(`"(SEX|EDUCATION|MARRIAGE|AGE)"`), string(source))
}

func TestAnAccountStaysInItsHalfWhateverElseThereIs(t *testing.T) {
	t.Parallel()
	all := accounts(t)
	first, second := train.Halves(all)
	require.Len(t, all, len(first)+len(second))
	require.InDelta(t, len(first), len(second), 600)
	slices.Reverse(all)
	again, _ := train.Halves(all[:1000])
	in := map[string]bool{}
	for _, a := range first {
		in[a.ID] = true
	}
	for _, a := range again {
		require.True(t, in[a.ID], a.ID)
	}
}
