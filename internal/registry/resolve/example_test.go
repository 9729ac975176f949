package resolve_test

import (
	"fmt"
	"slices"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry/resolve"
)

func Example() {
	x := resolve.Build(slices.Values([]resolve.Org{{
		ID: "org_1", Country: "CN", City: "Guangzhou", Types: []string{"education"},
		Names: []resolve.Name{{Text: "中山大学", Kind: resolve.Label}, {Text: "Sun Yat-sen University", Kind: resolve.Label}},
	}}))
	for _, text := range []string{"中山大學化学学院", "Sun Yat-Sen Univ., Guangzhou", "Department of Physics"} {
		a := x.Resolve(text, resolve.Hint{})
		if a.None != nil {
			fmt.Println("none:", a.None.In(i18n.EN))
			continue
		}
		fmt.Println(a.Matches[0].OrgID, a.Matches[0].Reason.In(i18n.EN))
	}
	// Output:
	// org_1 The unit named has no record of its own and counts for “中山大学”; the text states no place to check it by.
	// org_1 The text has the registered name “Sun Yat-sen University”, and the city (Guangzhou) agrees.
	// none: No registered name stands in the text.
}
