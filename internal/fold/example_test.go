package fold_test

import (
	"fmt"

	"github.com/kapok-city/kapok/internal/fold"
)

func ExampleName() {
	fmt.Println(fold.Name("Ｓｕｎ Yat-sen  University"))
	fmt.Println(fold.Name("中 山 大 學"))
	fmt.Println(fold.Name("Xi'an Łódź"))
	// Output:
	// sun yat sen university
	// 中山大学
	// xian lodz
}
