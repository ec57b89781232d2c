package train

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// mostSteps is far more than Newton's method takes where there is something to find: five to eight.
const mostSteps = 50

var errUnsettled = errors.New("the regression does not settle: on these accounts an attribute alone tells who defaults, or two say the same; give more accounts")

// logit fits a logistic regression by maximum likelihood, with Newton's method: the log odds that y is true are the first
// coefficient, plus the others times a row of x.
func logit(x [][]float64, y []bool) ([]float64, error) {
	l := likelihood{y: y}
	for _, row := range x {
		l.x = append(l.x, append([]float64{1}, row...))
	}
	found := make([]float64, len(l.x[0]))
	for range mostSteps {
		step, err := l.step(found)
		if err != nil {
			return nil, err
		}
		// A whole step may lead too far; a short enough one never does.
		for next := make([]float64, len(found)); ; floats.Scale(.5, step) {
			floats.SubTo(next, found, step)
			if floats.Norm(step, math.Inf(1)) < 1e-10 {
				return next, nil
			}
			if l.loss(next) <= l.loss(found) {
				found = next
				break
			}
		}
	}
	return nil, errUnsettled
}

// likelihood is the mean negative log likelihood of coefficients. Each row of x starts with 1.
type likelihood struct {
	x [][]float64
	y []bool
}

func (l likelihood) loss(coefficients []float64) (sum float64) {
	for n, row := range l.x {
		z := floats.Dot(coefficients, row)
		if l.y[n] {
			z = -z
		}
		sum += max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) // log(1 + e^z) without overflow
	}
	return sum / float64(len(l.x))
}

// step is by how much Newton's method moves away from coefficients: the gradient over the second derivatives.
func (l likelihood) step(coefficients []float64) ([]float64, error) {
	size := len(coefficients)
	gradient, second := mat.NewVecDense(size, nil), mat.NewSymDense(size, nil)
	for n, row := range l.x {
		p, v := sigmoid(floats.Dot(coefficients, row)), mat.NewVecDense(size, row)
		off := p
		if l.y[n] {
			off--
		}
		gradient.AddScaledVec(gradient, off, v)
		second.SymRankOne(second, p*(1-p), v)
	}
	var factors mat.Cholesky
	if !factors.Factorize(second) {
		return nil, errUnsettled
	}
	step := make([]float64, size)
	if err := factors.SolveVecTo(mat.NewVecDense(size, step), gradient); err != nil {
		return nil, errUnsettled
	}
	return step, nil
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
