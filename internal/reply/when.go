package reply

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govalues/decimal"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
)

// promised returns what some sentences say will be paid, and by when. What they say in two ways they do not say; vague is whether
// they name an amount that cannot be told.
func promised(all []*sentence, on bizclock.Date) (amount decimal.Decimal, by bizclock.Date, vague bool) {
	var dates []bizclock.Date
	var amounts []decimal.Decimal
	for _, s := range all {
		if slices.Contains(s.intents, Plan) && !slices.Contains(s.intents, WillPay) {
			continue
		}
		said := s.raw
		if s.promise != "" {
			said = s.promise
		}
		text := clauses(cases.Fold().String(norm.NFKC.String(said)))
		rest, found := datesIn(text, on)
		dates = append(dates, found...)
		those := amountsIn(rest)
		amounts = append(amounts, those...)
		vague = vague || len(those) == 0 && partly.MatchString(rest)
	}
	slices.SortFunc(dates, bizclock.Date.Compare)
	if dates = slices.Compact(dates); len(dates) == 1 && !dates[0].Before(on) {
		by = dates[0]
	}
	slices.SortFunc(amounts, decimal.Decimal.Cmp)
	if amounts = slices.CompactFunc(amounts, decimal.Decimal.Equal); len(amounts) == 1 {
		amount = amounts[0]
	}
	return amount, by, vague || len(amounts) > 1
}

// partly finds words that name an amount without saying which.
var partly = regexp.MustCompile(`\b(half|part|some|partly|partial|most|a bit|a little|hundred|thousand|couple|few|quarter|third|minimum|fifty|sixty|seventy|eighty|ninety|twenty|thirty|forty)\b|一半|半|部分|一点|点儿|一些|几百|几千|最低|先还点|少还`)

// past finds clauses that tell of what was paid already: their amounts and dates are not promised.
var past = regexp.MustCompile(`\b(paid|sent|deposited|transferred|debited|borrowed|got laid|lost|yesterday)\b|已经?还|还了|还过|付了|转了|昨天|借了`)

var clauseEnd = regexp.MustCompile(`,\s|;|，|、|\band\b|\bbut\b|但是|不过`)

// tight finds a comma that no space follows, and that stands in no number.
var tight = regexp.MustCompile(`,([^\d\s])`)

// clausesOf splits a sentence into its clauses.
func clausesOf(text string) []string {
	return clauseEnd.Split(tight.ReplaceAllString(text, ", $1"), -1)
}

// clauses leaves out of a sentence those clauses that tell of the past, where others remain.
func clauses(text string) string {
	var kept []string
	for _, c := range clausesOf(text) {
		if !past.MatchString(c) {
			kept = append(kept, c)
		}
	}
	if len(kept) == 0 {
		return text
	}
	return strings.Join(kept, " , ")
}

const numeral = `(\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|[一二两三四五六七八九十]{1,3}|半)`

var numerals = map[string]int{
	"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fourteen": 14,
}

var hanDigits = map[rune]int{'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}

// number reads a numeral in digits, in English or in Chinese up to 99.
func number(text string) (int, bool) {
	if n, err := strconv.Atoi(text); err == nil {
		return n, true
	}
	if n, ok := numerals[text]; ok {
		return n, true
	}
	d, ok := hanNumber(text)
	if !ok || !d.IsInt() || d.Cmp(decimal.Hundred) >= 0 {
		return 0, false
	}
	n, _, _ := d.Int64(0)
	return int(n), true
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

var hanWeekdays = map[string]int{"日": 0, "天": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}

var months = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// dated is a way to name a date. read returns it, or the zero date when what was found names none.
type dated struct {
	find *regexp.Regexp
	read func(found []string, on bizclock.Date) bizclock.Date
}

const (
	weekdayWord = `(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?`
	weekdayName = `(mon|tues|wednes|thurs|fri|satur|sun)day`
	monthWord   = `(jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?`
)

// datings are tried in this order; what one has read no other reads.
var datings = []dated{
	{regexp.MustCompile(`\b(\d{4})-(\d{2})-(\d{2})\b`), func(f []string, _ bizclock.Date) bizclock.Date {
		date, _ := bizclock.ParseDate(f[1] + "-" + f[2] + "-" + f[3])
		return date
	}},
	{regexp.MustCompile(`\b` + numeral + ` days? from (?:now|today)\b`), func(f []string, on bizclock.Date) bizclock.Date { return in(on, f[1], 1) }},
	{regexp.MustCompile(`\b` + numeral + ` weeks? from (?:now|today)\b`), func(f []string, on bizclock.Date) bizclock.Date { return in(on, f[1], 7) }},
	// What is counted from elsewhere, or in months, is no date that is certain.
	{regexp.MustCompile(`\b` + numeral + `\s+(?:days?|weeks?|months?|years?)\s+(?:from|after)\s+(?:\w+)\b`), func([]string, bizclock.Date) bizclock.Date { return bizclock.Date{} }},
	// With a year, which is no amount.
	{regexp.MustCompile(`(\d{4})年(\d{1,2})月(\d{1,2})[日号號]?`), func(f []string, _ bizclock.Date) bizclock.Date { return written(f[1], f[2], f[3]) }},
	{regexp.MustCompile(`\b` + monthWord + `\s+(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?,?\s+(20\d{2})\b`), func(f []string, _ bizclock.Date) bizclock.Date { return written(f[3], monthNumber(f[1]), f[2]) }},
	{regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?` + monthWord + `,?\s+(20\d{2})\b`), func(f []string, _ bizclock.Date) bizclock.Date { return written(f[3], monthNumber(f[2]), f[1]) }},
	{regexp.MustCompile(`(\d{1,2})月(\d{1,2})[日号號]?`), func(f []string, on bizclock.Date) bizclock.Date { return dayOfMonth(f[2], f[1], on) }},
	{regexp.MustCompile(`\b` + monthWord + `\s+(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?\b`), func(f []string, on bizclock.Date) bizclock.Date { return namedMonth(f[2], f[1], on) }},
	{regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?` + monthWord), func(f []string, on bizclock.Date) bizclock.Date { return namedMonth(f[1], f[2], on) }},
	{regexp.MustCompile(`(?:下个?月|次月)(\d{1,2})[日号號]`), func(f []string, on bizclock.Date) bizclock.Date {
		next := on.AddMonths(1)
		_, month, _ := next.Civil()
		return dayOfMonth(f[1], strconv.Itoa(int(month)), on)
	}},
	{regexp.MustCompile(`(?:下个?月底|下月末)|\bend of next month\b`), func(_ []string, on bizclock.Date) bizclock.Date { return monthEnd(on, 1) }},
	{regexp.MustCompile(`月底|月末|\b(?:end of|by the end of) (?:the |this )?month\b|\bmonth[ -]?end\b|\beom\b`), func(_ []string, on bizclock.Date) bizclock.Date { return monthEnd(on, 0) }},
	{regexp.MustCompile(`(?:下下)(?:周|星期|礼拜)[一二三四五六日天]`), func([]string, bizclock.Date) bizclock.Date { return bizclock.Date{} }},
	{regexp.MustCompile(`下个?(?:周|星期|礼拜)([一二三四五六日天])`), func(f []string, on bizclock.Date) bizclock.Date { return inWeek(on, 1, hanWeekdays[f[1]]) }},
	{regexp.MustCompile(`(这|本|这个)?(?:周|星期|礼拜)([一二三四五六日天])`), func(f []string, on bizclock.Date) bizclock.Date {
		if f[1] != "" {
			return inWeek(on, 0, hanWeekdays[f[2]])
		}
		return upcoming(on, hanWeekdays[f[2]])
	}},
	// What comes again and again, or is counted from, is no date that is certain.
	{regexp.MustCompile(`\b(?:every|each|from|since|last|past) ` + weekdayWord + `s?\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days\b`), func([]string, bizclock.Date) bizclock.Date { return bizclock.Date{} }},
	{regexp.MustCompile(`\bnext ` + weekdayWord + `\b`), func(f []string, on bizclock.Date) bizclock.Date { return inWeek(on, 1, weekday(f[1])) }},
	{regexp.MustCompile(`\b` + weekdayName + `\b`), func(f []string, on bizclock.Date) bizclock.Date { return upcoming(on, weekday(f[1])) }},
	{regexp.MustCompile(`\b(?:this |coming |on |by |till |until |before |for |comes? |latest )+` + weekdayWord + `\b`), func(f []string, on bizclock.Date) bizclock.Date { return upcoming(on, weekday(f[1])) }},
	{regexp.MustCompile(`大后天`), func(_ []string, on bizclock.Date) bizclock.Date { return on.AddDays(3) }},
	{regexp.MustCompile(`后天|\b(?:the )?day after (?:tomorrow|tmrw?|2moro)\b|\bovermorrow\b`), func(_ []string, on bizclock.Date) bizclock.Date { return on.AddDays(2) }},
	{regexp.MustCompile(`明天|明儿|明早|明晚|明日|\b(?:tomorrow|tomorow|tommorow|tommorrow|tomoz|tmrw|tmr|tmw|2moro|2mrw|bukas)\b`), func(_ []string, on bizclock.Date) bizclock.Date { return on.AddDays(1) }},
	{
		regexp.MustCompile(`今天|今儿|今晚|今日|今夜|现在|马上|立刻|这就|待会|等会|一会|等下|正在|\b(?:today|tonight|tonite|2day|2nite|right now|now|immediately|this (?:morning|afternoon|evening)|in (?:an?|one|two|three|\d) (?:hours?|mins?|minutes?)|ngayon|mamaya)\b`),
		func(_ []string, on bizclock.Date) bizclock.Date { return on },
	},
	{regexp.MustCompile(numeral + `\s*(?:天|日)(?:之?[后内]|以内)`), func(f []string, on bizclock.Date) bizclock.Date { return in(on, f[1], 1) }},
	{regexp.MustCompile(numeral + `\s*个?(?:周|星期|礼拜)(?:之?[后内]|以内)`), func(f []string, on bizclock.Date) bizclock.Date { return in(on, f[1], 7) }},
	{regexp.MustCompile(`\b(?:in|within) ` + numeral + ` days?\b`), func(f []string, on bizclock.Date) bizclock.Date { return in(on, f[1], 1) }},
	{regexp.MustCompile(`\b(?:in|within) ` + numeral + ` weeks?\b`), func(f []string, on bizclock.Date) bizclock.Date { return in(on, f[1], 7) }},
	{regexp.MustCompile(`\b(?:in|within) a fortnight\b`), func(_ []string, on bizclock.Date) bizclock.Date { return on.AddDays(14) }},
	{regexp.MustCompile(`\b(?:the )?(\d{1,2})(?:st|nd|rd|th)\b|\b(?:sa|dated) (\d{1,2})\b`), func(f []string, on bizclock.Date) bizclock.Date { return dayOfMonth(f[1]+f[2], "", on) }},
	{regexp.MustCompile(`([一二三]?十[一二三四五六七八九]?|[一二三四五六七八九]|\d{1,2})[号號]|(\d{1,2})日`), func(f []string, on bizclock.Date) bizclock.Date {
		n, ok := number(f[1] + f[2])
		if !ok {
			return bizclock.Date{}
		}
		return dayOfMonth(strconv.Itoa(n), "", on)
	}},
}

// written returns the date of a year, a month and a day in digits, and the zero date where there is none.
func written(year, month, day string) bizclock.Date {
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	date, _ := bizclock.ParseDate(fmt.Sprintf("%s-%02d-%02d", year, m, d))
	return date
}

// monthNumber is the number of a month by the beginning of its name.
func monthNumber(name string) string {
	return strconv.Itoa(slices.IndexFunc(months, func(m string) bool { return strings.HasPrefix(name, m) }) + 1)
}

// datesIn returns the dates that a text names, and the text without them.
func datesIn(text string, on bizclock.Date) (rest string, dates []bizclock.Date) {
	for _, d := range datings {
		for {
			at := d.find.FindStringSubmatchIndex(text)
			if at == nil {
				break
			}
			found := make([]string, len(at)/2)
			for n := range found {
				if at[2*n] >= 0 {
					found[n] = text[at[2*n]:at[2*n+1]]
				}
			}
			if date := d.read(found, on); !date.IsZero() {
				dates = append(dates, date)
			}
			text = text[:at[0]] + " ; " + text[at[1]:]
		}
	}
	return text, dates
}

func weekday(word string) int { return slices.Index(weekdays, word[:3]) }

// upcoming returns the next such weekday after a date.
func upcoming(on bizclock.Date, weekday int) bizclock.Date {
	days := (weekday - int(on.Weekday()) + 7) % 7
	if days == 0 {
		days = 7
	}
	return on.AddDays(days)
}

// inWeek returns the weekday in a week, from Monday on, that is so many weeks ahead.
func inWeek(on bizclock.Date, weeks, weekday int) bizclock.Date {
	monday := on.AddDays(-(int(on.Weekday()) + 6) % 7)
	return monday.AddDays(7*weeks + (weekday+6)%7)
}

func in(on bizclock.Date, count string, days int) bizclock.Date {
	n, ok := number(count)
	if !ok || n == 0 {
		return bizclock.Date{}
	}
	return on.AddDays(n * days)
}

func monthEnd(on bizclock.Date, months int) bizclock.Date {
	year, month, _ := on.Civil()
	return bizclock.NewDate(year, month, 1).AddMonths(months + 1).AddDays(-1)
}

// dayOfMonth returns the first such day on or after a date; in a month that is named, that of this year or the next.
func dayOfMonth(day, month string, on bizclock.Date) bizclock.Date {
	d, err := strconv.Atoi(day)
	if err != nil || d < 1 || d > 31 {
		return bizclock.Date{}
	}
	year, current, _ := on.Civil()
	if month != "" {
		m, _ := strconv.Atoi(month)
		if m < 1 || m > 12 {
			return bizclock.Date{}
		}
		date := civil(year, time.Month(m), d)
		if !date.IsZero() && date.Before(on.AddDays(-90)) {
			date = civil(year+1, time.Month(m), d)
		}
		return date
	}
	if date := civil(year, current, d); !date.IsZero() && !date.Before(on) {
		return date
	}
	next := bizclock.NewDate(year, current, 1).AddMonths(1)
	year, current, _ = next.Civil()
	return civil(year, current, d)
}

func namedMonth(day, month string, on bizclock.Date) bizclock.Date {
	return dayOfMonth(day, strconv.Itoa(slices.Index(months, month[:3])+1), on)
}

// civil returns a date, or none where the month has no such day.
func civil(year int, month time.Month, day int) bizclock.Date {
	date := bizclock.NewDate(year, month, day)
	if _, m, d := date.Civil(); m != month || d != day {
		return bizclock.Date{}
	}
	return date
}

var (
	money = regexp.MustCompile(`(?:([$£€¥₹₱₦฿₩₫]|\b(?:rs|inr|usd|ngn|php|gbp|eur|cny|rmb|krw|idr|rp)\.?)\s*)?(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,2})?)\s*(k\b|万|千|百)?\s*(元|块|塊|人民币|dollars?|bucks|quid|pounds?|pesos?|naira|rupees|rs\b|usd\b)?`)
	// noMoney are numbers that are no amounts: of hours, percent, times, codes.
	noMoney  = regexp.MustCompile(`^\s*(?:am\b|pm\b|a\.m|p\.m|%|percent|per cent|o'?clock|hours?|hrs?|mins?|minutes?|days?|weeks?|months?|years?|times|点|时|號|号|个|次|天|周|年|期|岁|分钟|小时|日|月|th\b|:)`)
	hanMoney = regexp.MustCompile(`([一二两三四五六七八九十百千万零〇]{1,9})(?:元|块|塊)?`)
	hanUnits = regexp.MustCompile(`[百千万]|元|块|塊`)
)

// amountsIn returns the amounts that a text names.
func amountsIn(text string) (all []decimal.Decimal) {
	for _, at := range money.FindAllStringSubmatchIndex(text, -1) {
		if longNumber(text[at[4]:at[5]]) || named.MatchString(text[:at[0]]) {
			continue
		}
		if before := text[:at[0]]; noMoney.MatchString(text[at[1]:]) || strings.HasSuffix(before, ".") || strings.HasSuffix(before, ":") || endsInLetter(before) {
			continue
		}
		d, err := decimal.Parse(strings.ReplaceAll(text[at[4]:at[5]], ",", ""))
		if err != nil || d.IsZero() {
			continue
		}
		if at[6] >= 0 {
			factor := map[string]int64{"k": 1000, "万": 10_000, "千": 1000, "百": 100}[text[at[6]:at[7]]]
			d, err = d.Mul(decimal.MustNew(factor, 0))
		}
		if err == nil {
			all = append(all, d.Trim(0))
		}
	}
	if len(all) > 0 {
		return all
	}
	for _, found := range hanMoney.FindAllStringSubmatch(text, -1) {
		if d, ok := hanNumber(found[1]); ok && hanUnits.MatchString(found[0]) && !d.IsZero() {
			all = append(all, d)
		}
	}
	return all
}

// named finds before a number what says that it is no amount but names something.
var named = regexp.MustCompile(`(?:\b(?:account|acct|a/c|acc|card|ref|reference|number|no|num|code|otp|phone|mobile|tel|loan|id|utr|upi|ending|ends)\b\.?\s*(?:in|no\.?|number|num|is|with|#|:|：)?\s*|(?:卡号|账号|帐号|账户|尾号|卡|单号|流水号|号码|电话|手机号?|编号|合同号?)\s*(?:是|为|:|：)?\s*)$`)

// longNumber reports whether digits are too many to be an amount that somebody promises: those of an account or a telephone.
func longNumber(text string) bool {
	whole, _, _ := strings.Cut(text, ".")
	return !strings.Contains(whole, ",") && len(whole) > 7
}

func endsInLetter(text string) bool {
	if text == "" {
		return false
	}
	last := text[len(text)-1]
	return last >= 'a' && last <= 'z' || last == '#' || last == '-'
}

// hanNumber reads a number in Chinese characters, such as 一千五 (1500), 三百 or 两万.
func hanNumber(text string) (decimal.Decimal, bool) {
	if text == "半" || text == "" {
		return decimal.Zero, false
	}
	total, section, digit, last := int64(0), int64(0), int64(-1), int64(1)
	for _, r := range text {
		switch r {
		case '十', '百', '千':
			unit := map[rune]int64{'十': 10, '百': 100, '千': 1000}[r]
			section, digit, last = section+max(1, digit)*unit, -1, unit
			if digit == 0 {
				return decimal.Zero, false
			}
		case '万':
			total, section, digit, last = (section+max(0, digit))*10_000, 0, -1, 10_000
		default:
			d, ok := hanDigits[r]
			if !ok || digit > 0 {
				return decimal.Zero, false
			}
			if digit = int64(d); d == 0 {
				last = 10
			}
		}
	}
	if digit > 0 {
		unit := max(1, last/10)
		section += digit * unit
	}
	return decimal.MustNew(total+section, 0), true
}

var (
	hourWord = `(\d{1,2})(?::?([0-5]\d))?\s*(am|pm|a\.m\.?|p\.m\.?|noon)?`
	between  = regexp.MustCompile(`(?:^|[^\d-])(?:between|from)?\s*\b` + hourWord + `\s*(?:-|–|to|and|till|until)\s*` + hourWord + `(?:[^\d-]|$)`)
	after    = regexp.MustCompile(`\b(not |never |nothing |don'?t \w+ (?:me )?)?(?:\w+ )?(after|past|before|until|till)\s+` + hourWord + `(?:\b|$)`)
	spelled  = regexp.MustCompile(`\b(six|seven|eight|nine|ten|eleven|twelve|one|two|three|four|five|noon|lunch)\b`)
	hanHour  = regexp.MustCompile(`(早上|上午|中午|下午|晚上|傍晚)?(\d{1,2}|[一二两三四五六七八九十]{1,2})[点點:：](半|\d{2})?(?:钟)?\s*(以后|之后|过后|后|以前|之前|前)?`)
	hanRange = regexp.MustCompile(`(早上|上午|中午|下午|晚上)?(\d{1,2}|[一二两三四五六七八九十]{1,2})[点點]?(?:半|钟)?\s*(?:到|至|-|~)\s*(早上|上午|中午|下午|晚上)?(\d{1,2}|[一二两三四五六七八九十]{1,2})[点點]`)
)

var spelledHours = map[string]string{
	"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10",
	"eleven": "11", "twelve": "12", "noon": "12 noon", "lunch": "13:00",
}

// hours returns between which hours of the day some sentences say that contacts are welcome.
func hours(all []*sentence) (from, to *contact.TimeOfDay) {
	for _, s := range all {
		text := cases.Fold().String(norm.NFKC.String(s.raw))
		text = spelled.ReplaceAllStringFunc(text, func(word string) string { return spelledHours[word] })
		if f := between.FindStringSubmatch(text); f != nil && (f[3]+f[6] != "" || strings.Contains(f[0], ":")) { // else digits may be those of a telephone
			end := clock(f[4], f[5], f[6], "")
			start := clock(f[1], f[2], f[3], "")
			if f[3] == "" && end != nil && start != nil && *start < *end-12*3600 {
				*start += 12 * 3600
			}
			return start, end
		}
		if f := hanRange.FindStringSubmatch(text); f != nil {
			part := f[3]
			if part == "" {
				part = f[1]
			}
			return hanClock(f[1], f[2], ""), hanClock(part, f[4], "")
		}
		for _, f := range after.FindAllStringSubmatch(text, -1) {
			at := clock(f[3], f[4], f[5], f[2])
			if (f[2] == "after" || f[2] == "past") != (f[1] != "") {
				from = at
			} else {
				to = at
			}
		}
		for _, f := range hanHour.FindAllStringSubmatch(text, -1) {
			at := hanClock(f[1], f[2], f[3])
			never := strings.Contains(text, "别") || strings.Contains(text, "不要") || strings.Contains(text, "勿")
			switch {
			case f[4] == "":
			case strings.Contains(f[4], "后") != never:
				from = at
			default:
				to = at
			}
		}
	}
	return from, to
}

// clock reads an hour. One of an afternoon is often said without saying so: nobody wants to be called from 6 in the morning on.
func clock(hour, minute, half, side string) *contact.TimeOfDay {
	h, err := strconv.Atoi(hour)
	if err != nil || h > 24 {
		return nil
	}
	m, _ := strconv.Atoi(minute)
	switch {
	case half == "noon":
		h = 12
	case strings.HasPrefix(half, "p") && h < 12:
		h += 12
	case half == "" && h < 8 && side != "":
		h += 12
	}
	at := contact.TimeOfDay(h*3600 + m*60)
	return &at
}

func hanClock(part, hour, minute string) *contact.TimeOfDay {
	h, ok := number(hour)
	if !ok || h > 24 {
		return nil
	}
	m, _ := strconv.Atoi(minute)
	if minute == "半" {
		m = 30
	}
	if (part == "下午" || part == "晚上" || part == "傍晚" || part == "中午" && h < 3 || part == "" && h < 7) && h < 12 {
		h += 12
	}
	at := contact.TimeOfDay(h*3600 + m*60)
	return &at
}
