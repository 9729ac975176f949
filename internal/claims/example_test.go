package claims_test

import (
	"fmt"

	"github.com/kapok-city/kapok/internal/claims"
)

func ExampleExtract() {
	doc := claims.Extract("本市获26个奖项,居全省第二,建成全国首个深海中试基地。", claims.Options{})
	for _, c := range doc.Claims {
		fmt.Println(c.ID, c.Kind, c.Text)
	}
	// Output:
	// c1 amount 26个
	// c2 rank 全省第二
	// c3 superlative 全国首个
}
