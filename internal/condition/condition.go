// Package condition is the language of conditions in YAML: which borrower a plan is for, which segment a loan belongs to.
// It is CEL over a list of facts, checked when a file is read, so that a mistake is found then and not when the first
// borrower is in need. It has no numbers with a fraction: amounts are whole minor units, rates basis points.
package condition

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/loan"
)

// Fact is something that a condition can ask about.
type Fact struct {
	// Name is how conditions call it, such as loan.past_due_days.
	Name string `json:"name"`
	// Type is int, string or bool.
	Type string `json:"type"`
	// Meaning says what it is, and in which unit. Amounts are ints, in minor units of the loan's currency.
	Meaning string `json:"meaning"`
	// Words are all words that a fact of type string can be, besides none at all; nil when there is no such list.
	Words []string `json:"words,omitempty"`
	// Check refuses text that a fact of type string can never be; nil when it can be any.
	Check func(text string) error `json:"-"`
}

// Currency is the fact that a language needs for amount('100.00'): the ISO 4217 code of the loan's currency.
const Currency = "loan.currency"

// Language is what the conditions of one kind are written in.
type Language struct {
	env   *cel.Env
	words map[string][]string
	// names are those of all facts, check what else a text that a fact is compared with must be.
	names []string
	check map[string]func(string) error
}

// Condition is one that was checked.
type Condition struct {
	program cel.Program
	asks    bool
}

// Asks reports whether the condition asks about any fact. One that does not is the same for everybody.
func (c *Condition) Asks() bool { return c.asks }

// costliest bounds the work of one evaluation, in CEL's own units; a condition of the usual kind costs some dozens.
const costliest = 10_000

// NewLanguage returns the language whose variables are facts. Its amount('100.00') is an amount of the loan's currency.
func NewLanguage(facts []Fact) *Language {
	options := []cel.EnvOption{
		cel.Macros(slices.Concat(cel.StandardMacros, []cel.Macro{cel.GlobalMacro("amount", 1, expandAmount)})...),
		cel.Function("minor_units",
			cel.Overload("minor_units_of_text_in_currency", []*cel.Type{cel.StringType, cel.StringType}, cel.IntType, cel.BinaryBinding(minorUnits))),
		cel.ParserRecursionLimit(50),
		cel.ParserExpressionSizeLimit(2_000),
	}
	kinds := map[string]*cel.Type{"int": cel.IntType, "string": cel.StringType, "bool": cel.BoolType}
	l := &Language{words: map[string][]string{}, check: map[string]func(string) error{}}
	for _, f := range facts {
		options = append(options, cel.Variable(f.Name, kinds[f.Type]))
		l.names = append(l.names, f.Name)
		if f.Words != nil {
			l.words[f.Name] = f.Words
		}
		if f.Check != nil {
			l.check[f.Name] = f.Check
		}
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		panic(err) // a mistake in the list of facts, found by the first test that runs
	}
	l.env = env
	return l
}

// expandAmount makes amount('100.00') an amount of the loan's currency, which is known only when the condition is evaluated.
func expandAmount(make cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
	text, ok := literal(args[0])
	if !ok {
		return nil, make.NewError(args[0].ID(), "amount takes an amount in quotes, such as amount('100.00')")
	}
	if d, err := decimal.Parse(text); err != nil || d.IsNeg() {
		return nil, make.NewError(args[0].ID(), fmt.Sprintf("amount(%q) is no amount; write it as amount('100.00')", text))
	}
	return make.NewCall("minor_units", args[0], make.NewSelect(make.NewIdent("loan"), "currency")), nil
}

func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	text, ok := e.AsLiteral().(types.String)
	return string(text), ok
}

// minorUnits is the value of amount. An amount finer than the currency's minor units has none.
func minorUnits(text, currency ref.Val) ref.Val {
	d, err := decimal.Parse(string(text.(types.String)))
	if err != nil {
		return types.NewErr("%v", err)
	}
	scale, err := loan.MinorUnits(string(currency.(types.String)))
	if err != nil {
		return types.NewErr("%v", err)
	}
	units, ok := InMinor(d, scale)
	if !ok {
		return types.NewErr("amount('%s') has more than the %d decimal places of %s, or is too great", d, scale, currency)
	}
	return types.Int(units)
}

// InMinor returns an amount in minor units of a currency that has so many decimal places, and whether it can be said in
// them: finer amounts cannot, nor can those above 10^18 minor units.
func InMinor(d decimal.Decimal, scale int) (int64, bool) {
	if d.MinScale() > scale {
		return 0, false
	}
	whole, frac, ok := d.Rescale(scale).Int64(scale)
	if !ok {
		return 0, false
	}
	one := int64(1)
	for range scale {
		one *= 10
	}
	if most := int64(1e18) / one; whole > most || whole < -most {
		return 0, false
	}
	return whole*one + frac, true
}

// Compile checks a condition and makes it ready. What is no condition of the facts is an error here.
func (l *Language) Compile(when string) (*Condition, error) { return l.compile(when, true) }

// Trust makes a condition ready that was checked before: facts may have other words by now.
func (l *Language) Trust(when string) (*Condition, error) { return l.compile(when, false) }

func (l *Language) compile(when string, anew bool) (*Condition, error) {
	if strings.TrimSpace(when) == "" {
		return nil, fmt.Errorf("is missing; write a condition that asks about %s", strings.Join(l.names, ", "))
	}
	checked, issues := l.env.Compile(when)
	if issues.Err() != nil {
		return nil, l.explain(when, issues.Errors()[0])
	}
	if checked.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("gives a value of type %s; a condition gives true or false", checked.OutputType())
	}
	for _, kind := range checked.NativeRep().TypeMap() {
		if kind.Kind() == types.DoubleKind {
			return nil, errors.New("has a number with a fraction; write amounts as amount('100.00') and rates in basis points")
		}
	}
	if err := l.checkWords(checked.NativeRep()); err != nil && anew {
		return nil, err
	}
	program, err := l.env.Program(checked, cel.CostLimit(costliest))
	if err != nil {
		return nil, err
	}
	asks := false
	for _, r := range checked.NativeRep().ReferenceMap() {
		asks = asks || slices.Contains(l.names, r.Name)
	}
	return &Condition{program, asks}, nil
}

// explain says what is wrong with a condition that CEL does not take.
func (l *Language) explain(when string, first *common.Error) error {
	if message, ok := strings.CutPrefix(first.Message, "undeclared reference to "); ok {
		name, _, _ := strings.Cut(message, " (")
		name = strings.Trim(name, "'")
		// CEL names the first part alone; the whole path is what the reader wrote.
		for _, path := range regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`(\.\w+)*`).FindAllString(quoted.ReplaceAllString(when, ""), -1) {
			if !slices.Contains(l.names, path) {
				return fmt.Errorf("there is no fact or function '%s'%s%s", path, near(first), l.nearest(path))
			}
		}
		return fmt.Errorf("there is no fact or function '%s'%s", name, near(first))
	}
	message, _, _ := strings.Cut(first.Message, " expecting ")
	return fmt.Errorf("%s%s", strings.ReplaceAll(message, "mismatched input '<EOF>'", "it ends too early"), near(first))
}

// quoted is text in quotes, in which no facts stand.
var quoted = regexp.MustCompile(`"[^"]*"|'[^']*'`)

// nearest names the facts of the same subject, or else all.
func (l *Language) nearest(path string) string {
	subject, _, _ := strings.Cut(path, ".")
	names := []string{}
	for _, name := range l.names {
		if strings.HasPrefix(name, subject+".") {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		names = l.names
	}
	return "; there are " + strings.Join(names, ", ")
}

func near(err *common.Error) string {
	return fmt.Sprintf(", near its %s", place(err.Location))
}

func place(at common.Location) string {
	if at.Line() > 1 {
		return fmt.Sprintf("line %d, character %d", at.Line(), at.Column()+1)
	}
	return fmt.Sprintf("character %d", at.Column()+1)
}

// checkWords refuses a comparison of a fact with a word that it can never be: it would be false for everybody, unseen.
func (l *Language) checkWords(condition *ast.AST) (err error) {
	ast.PostOrderVisit(condition.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || !slices.Contains([]string{operators.Equals, operators.NotEquals, operators.In}, e.AsCall().FunctionName()) {
			return
		}
		texts, about := []ast.Expr{}, ""
		for _, side := range e.AsCall().Args() {
			if r := condition.ReferenceMap()[side.ID()]; r != nil && (l.words[r.Name] != nil || l.check[r.Name] != nil) {
				about = r.Name
			}
			if side.Kind() == ast.ListKind {
				texts = append(texts, side.AsList().Elements()...)
			}
			texts = append(texts, side)
		}
		for _, e := range texts {
			text, ok := literal(e)
			if about == "" || !ok || text == "" || err != nil || slices.Contains(l.words[about], text) {
				continue
			}
			if check := l.check[about]; check != nil {
				err = check(text)
				continue
			}
			name := about[strings.LastIndex(about, ".")+1:]
			err = fmt.Errorf("unknown %s %q; use one of %s", name, text, strings.Join(l.words[about], ", "))
		}
	}))
	return err
}

// Holds evaluates the condition over the values of all facts: int64, string or bool. It has no answer, and an error, where
// amount('0.001') meets a currency of two decimal places, or a list is read beyond its end.
func (c *Condition) Holds(facts map[string]any) (bool, error) {
	value, _, err := c.program.Eval(facts)
	return value == types.True, err
}
