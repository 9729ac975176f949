package search_test

import (
	"fmt"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/search"
)

func Example() {
	x := search.New()
	_ = x.Put(search.Doc{Kind: "org", ID: "org-1", Title: i18n.Text{ZH: "中山大学", EN: "Sun Yat-sen University"}})
	_ = x.Put(search.Doc{Kind: "org", ID: "org-2", Title: i18n.Text{ZH: "中山大学附属第一医院"}})
	_ = x.Put(search.Doc{Kind: "paper", ID: "paper-1", Title: i18n.Text{ZH: "广州地区肿瘤登记"}, Body: "中山大学的资料"})
	r := x.Search(search.Query{Text: "中山大學", Kinds: []string{"org"}, Limit: 10})
	for _, h := range r.Hits {
		m := h.Marks[0]
		fmt.Println(h.ID, m.Text[m.Ranges[0][0]:m.Ranges[0][1]])
	}
	fmt.Println(r.Total, r.Kinds)
	// Output:
	// org-1 中山大学
	// org-2 中山大学
	// 2 map[org:2 paper:1]
}
