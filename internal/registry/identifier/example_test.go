package identifier_test

import (
	"fmt"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

func ExampleParse() {
	v, _ := identifier.Parse(identifier.ROR, "https://ror.org/0064KTY71")
	fmt.Println(v)
	_, err := identifier.Parse(identifier.USCC, "91350100M000100Y44")
	fmt.Println(i18n.Error(i18n.EN, err))
	fmt.Println(identifier.Detect("0000-0002-1825-0097"))
	// Output:
	// 0064kty71
	// 统一社会信用代码 (USCC) “91350100M000100Y44”: the check should be “3” and is “4”; a character before it, or the check itself, was copied wrongly.
	// [orcid isni]
}
