package train

// Logit is for tests.
var Logit = logit

// Discriminate is for tests: of risks, and whether each went wrong.
func Discriminate(risks []float64, bad []bool) Discrimination {
	return discriminate(levelsOf(risks, bad))
}

// Deciles is for tests, as Discriminate.
func Deciles(risks []float64, bad []bool) []Decile { return deciles(levelsOf(risks, bad)) }

func levelsOf(risks []float64, bad []bool) []level {
	at := map[float64]Count{}
	for n, r := range risks {
		here := at[r]
		here.add(bad[n])
		at[r] = here
	}
	return levels(at)
}
