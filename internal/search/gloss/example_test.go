package gloss_test

import (
	"fmt"

	"github.com/kapok-city/kapok/internal/search/gloss"
)

func Example() {
	table := gloss.New([]gloss.Term{{ZH: "钙钛矿", EN: "perovskite"}}, []gloss.Word{{ZH: "研究", Senses: []string{"research", "a study"}}})
	for _, g := range table.Gloss("钙钛矿的研究") {
		fmt.Println(g.From, g.Origin)
		for _, w := range g.To {
			fmt.Printf("  %s %.2f\n", w.Term, w.Weight)
		}
	}
	// Output:
	// 钙钛矿 termbase
	//   perovskite 1.00
	// 研究 dictionary
	//   research 0.67
	//   study 0.33
}
