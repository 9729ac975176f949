package capital_test

import (
	"fmt"

	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/money"
)

// A sum of which one part is not known is a lower bound; of nothing known there
// is no sum.
func ExampleTally() {
	var t, none capital.Tally
	_ = t.Add(capital.Yuan(120 * money.Wan))
	_ = t.Add(nil)
	_ = none.Add(nil)
	fmt.Println(t.Sums()[0].Bound, t.Sums()[0].Value, t.Sums()[0].Unit)
	fmt.Println(len(none.Sums()))
	// Output:
	// ge 1.2e+06 CNY
	// 0
}

// Steps may become known in any order; the course is that of the ladder.
func ExampleCourse() {
	course, err := capital.Course([]capital.Step{{State: capital.Listed, On: "2023-05-01"}, {State: capital.Filed, On: "2022"}})
	for _, s := range course {
		fmt.Println(s.On, s.State)
	}
	fmt.Println(err, capital.Unknown(course))
	_, err = capital.Course([]capital.Step{{State: capital.Filed, On: "2022"}, {State: capital.Delisted, On: "2023"}})
	fmt.Println(err != nil)
	// Output:
	// 2022 filed
	// 2023-05-01 listed
	// <nil> [tutoring approved registered]
	// true
}
