package ingest_test

import (
	"fmt"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/sheet"
)

func ExamplePropose() {
	p, err := ingest.Propose("", []string{"序号", "企业名称", "统一社会信用代码", "成立日期"})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(p.Target, p.Columns["name_zh"], p.Columns["uscc"], p.Columns["established"], p.Unmapped)
	// Output: organisation 企业名称 统一社会信用代码 成立日期 [序号]
}

func ExampleDetect() {
	fmt.Println(ingest.Detect([]byte("名称,所在区\n")).Encoding)
	fmt.Println(ingest.Detect([]byte("\xc3\xfb\xb3\xc6,\xcb\xf9\xd4\xda\xc7\xf8\n")).Encoding) // the same in GBK
	// Output:
	// utf-8
	// gb18030
}

func ExampleWriteTemplate() {
	var b strings.Builder
	if err := ingest.WriteTemplate(&b, sheet.CSV, "person", i18n.EN); err != nil {
		fmt.Println(err)
	}
	fmt.Print(strings.NewReplacer("\ufeff", "", "\r", "").Replace(b.String())) // without what office programs need
	// Output: Key,Name in Chinese,Name in English,ORCID iD,Organisation,Source id,Evidence
	// ,张示例,,,,,
}
