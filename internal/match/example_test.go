package match_test

import (
	"fmt"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/match"
)

// A score is the sum of what each feature adds, to the last digit that is
// shown.
func ExampleWeights_Explain() {
	w := match.Default()
	v := match.ValuesOf(map[string]float64{"words": .8, "gloss": .6, "coverage": .45})
	for _, p := range w.Explain(v) {
		if p.Known {
			fmt.Printf("%-8s %.2f × %.2f = %.4f\n", p.Name, p.Weight, p.Value, p.Contribution)
		}
	}
	fmt.Printf("score %.4f\n", w.Score(v))
	// Output:
	// words    0.12 × 0.80 = 0.0960
	// gloss    0.32 × 0.60 = 0.1920
	// coverage 0.15 × 0.45 = 0.0675
	// score 0.3555
}

// A record that does not say is not one that fails.
func ExampleConstraints_Check() {
	wants := match.Constraints{TRLMin: 6, TRLScale: "gbt22900", Regions: []string{"440100"}, Rights: "granted"}
	offer := match.Card{TRL: match.TRL{Level: 7, Scale: "nasa"}, Division: "440106", Rights: []string{"applied"}}
	for _, c := range wants.Check(&offer) {
		why := ""
		if c.Why != "" {
			why = ": " + i18n.T(i18n.EN, c.Why)
		}
		fmt.Printf("%s %s%s\n", c.Name, c.State, why)
	}
	// Output:
	// trl unknown: assessed on another scale, which does not compare
	// region met
	// rights failed
}
