package hardship

import (
	"errors"
	"fmt"
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

// Condition is one thing that must hold for a borrower to qualify for a product.
type Condition struct {
	// When is a CEL expression over [Facts] that gives true or false. amount('100.00') is an amount of the loan's currency.
	When string `yaml:"when" json:"when"`
	// Why is the sentence that says why not, when it gives false.
	Why string `yaml:"why" json:"why"`

	program cel.Program
}

// costliest bounds the work of one evaluation, in CEL's own units; a condition of the usual kind costs some dozens.
const costliest = 10_000

// language is the CEL in which conditions are written: the facts as variables, and amount.
var language = must(cel.NewEnv(languageOptions()...))

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func languageOptions() []cel.EnvOption {
	options := []cel.EnvOption{
		cel.Macros(slices.Concat(cel.StandardMacros, []cel.Macro{cel.GlobalMacro("amount", 1, expandAmount)})...),
		cel.Function("minor_units",
			cel.Overload("minor_units_of_text_in_currency", []*cel.Type{cel.StringType, cel.StringType}, cel.IntType, cel.BinaryBinding(minorUnits))),
		cel.ParserRecursionLimit(50),
		cel.ParserExpressionSizeLimit(2_000),
	}
	kinds := map[string]*cel.Type{"int": cel.IntType, "string": cel.StringType, "bool": cel.BoolType}
	for _, f := range Facts {
		options = append(options, cel.Variable(f.Name, kinds[f.Type]))
	}
	return options
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
	units, ok := inMinor(d, scale)
	if !ok {
		return types.NewErr("amount('%s') has more than the %d decimal places of %s, or is too great", d, scale, currency)
	}
	return types.Int(units)
}

// compile checks the condition and makes it ready. What is no condition of the facts is an error here, and not when the
// first borrower is in need.
func (c *Condition) compile() error {
	checked, issues := language.Compile(c.When)
	if issues.Err() != nil {
		first := issues.Errors()[0]
		if message, ok := strings.CutPrefix(first.Message, "undeclared reference to "); ok {
			name, _, _ := strings.Cut(message, " (")
			return fmt.Errorf("there is no fact or function %s%s", name, near(first))
		}
		return fmt.Errorf("%s%s", first.Message, near(first))
	}
	if checked.OutputType() != cel.BoolType {
		return fmt.Errorf("gives a value of type %s; a condition gives true or false", checked.OutputType())
	}
	for _, kind := range checked.NativeRep().TypeMap() {
		if kind.Kind() == types.DoubleKind {
			return errors.New("has a number with a fraction; write amounts as amount('100.00') and rates in basis points")
		}
	}
	if err := checkWords(checked.NativeRep()); err != nil {
		return err
	}
	program, err := language.Program(checked, cel.CostLimit(costliest))
	c.program = program
	return err
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

// checkWords refuses a comparison of the cause with a word that is none: it would be false for everybody, unseen.
func checkWords(condition *ast.AST) (err error) {
	ast.PostOrderVisit(condition.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || !slices.Contains([]string{operators.Equals, operators.NotEquals, operators.In}, e.AsCall().FunctionName()) {
			return
		}
		words, about := []ast.Expr{}, false
		for _, side := range e.AsCall().Args() {
			about = about || condition.ReferenceMap()[side.ID()] != nil && condition.ReferenceMap()[side.ID()].Name == "hardship.cause"
			if side.Kind() == ast.ListKind {
				words = append(words, side.AsList().Elements()...)
			}
			words = append(words, side)
		}
		for _, word := range words {
			text, ok := literal(word)
			if !about || !ok || text == "" || err != nil {
				continue
			}
			err = known("cause", Causes, Cause(text))
		}
	}))
	return err
}

// holds evaluates the condition. It returns why not, or nothing when it holds.
func (c *Condition) holds(facts map[string]any) (why string) {
	value, _, err := c.program.Eval(facts)
	switch {
	case err != nil:
		return fmt.Sprintf("The condition %q has no answer for this case: %v.", c.When, err)
	case value == types.True:
		return ""
	}
	return c.Why
}
