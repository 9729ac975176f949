package lookthrough_test

import (
	"fmt"

	"github.com/kapok-city/kapok/internal/finance/lookthrough"
)

// A fund of funds holds 40 % of a sub-fund, which holds 10 % of a company.
func ExampleGraph_Stakes() {
	share := func(v int64) *int64 { return &v }
	g, err := lookthrough.Build(
		[]lookthrough.Node{{ID: "mother", Kind: lookthrough.Fund}, {ID: "sub", Kind: lookthrough.Fund}, {ID: "company", Kind: lookthrough.Company}},
		[]lookthrough.Holding{
			{From: "mother", To: "sub", SharePPM: share(400_000), FromDay: "2021-01-01"},
			{From: "sub", To: "company", SharePPM: share(100_000), FromDay: "2022-01-01"},
		}, "2025-01-01")
	if err != nil {
		fmt.Println(err)
		return
	}
	stakes, err := g.Stakes("mother")
	for _, s := range stakes {
		fmt.Printf("%s %.2f\n", s.ID, s.Effective())
	}
	fmt.Println(err)
	// Output:
	// sub 0.40
	// company 0.04
	// <nil>
}
