package quantity_test

import (
	"fmt"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

func ExampleFind() {
	for _, f := range quantity.Find("子基金实缴规模超260亿元,近1.2万家企业受益,居全国第8位") {
		fmt.Println(f.Kind, f.Quantity.Bound, f.Quantity.Exact(), f.Quantity.Unit)
	}
	// Output:
	// measure gt 26000000000 CNY
	// measure lt_near 12000 count:家
	// ordinal eq 8 rank
}

func ExampleCompare() {
	led, _ := quantity.Ratio(quantity.Of(11, quantity.Count), quantity.Of(14, quantity.Count))
	all, _ := quantity.Ratio(quantity.Of(26, quantity.Count), quantity.Of(53, quantity.Count))
	stated := quantity.With(quantity.Nearly, 80, quantity.Percent)
	for _, known := range []quantity.Quantity{led, all} {
		relation, _ := quantity.Compare(stated, known)
		fmt.Println(stated.Format(i18n.EN), "against", known.Format(i18n.EN)+":", relation)
	}
	// Output:
	// nearly 80% against 78.57%: compatible
	// nearly 80% against 49.06%: incompatible
}
