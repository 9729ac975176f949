package edition_test

import (
	"fmt"

	"github.com/kapok-city/kapok/internal/edition"
)

func ExampleTotals() {
	print := func(s string) edition.Printed { p, _ := edition.ParsePrinted(s, 1); return p }
	rows := []edition.Row{
		{Name: "Tokyo–Yokohama", Counts: [2]int64{127418, 115020}, Shares: [2]edition.Printed{print("10.1"), print("1.5")}, Total: print("11.7")},
		{Name: "Beijing", Counts: [2]int64{38067, 279485}, Shares: [2]edition.Printed{print("3.0"), print("3.7")}, Total: print("6.8")},
	}
	region, err := edition.Totals(rows, edition.RoundedCounts)
	if err != nil {
		panic(err)
	}
	low, high := region.First.Floats()
	held, _ := edition.Held(rows, edition.RoundedCounts, 1255500, 7460000)
	fmt.Printf("world PCT applications: %.0f to %.0f; %d of 2 rows hold at 1,255,500 and 7,460,000\n", low, high, held)
	// Output:
	// world PCT applications: 1255345 to 1260732; 2 of 2 rows hold at 1,255,500 and 7,460,000
}
