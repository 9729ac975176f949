package ranking

import "github.com/kapok-city/kapok/internal/i18n"

// The words of a Query.
var (
	Units     = []string{"organisation", "city", "district", "country", "field", "year"}
	Countings = []string{"fractional", "full"}
)

// Indicators lists the numbers of a row, in the order of a wide table.
var Indicators = []Indicator{
	{ID: "share", Unit: "share", Interval: true,
		Title:      i18n.Text{ZH: "份额", EN: "Share"},
		Definition: i18n.Text{ZH: "每篇论文计 1，先由作者平分，每位作者的一份再由其单位平分；单位所得之和。算法与 Nature Index 的 Share 相同，论文范围不同。", EN: "Each work counts 1, split equally over its authors, each author's part equally over the author's affiliations; the sum of what a unit gets. The arithmetic of the Nature Index Share over another set of works."}},
	{ID: "p", Unit: "count", Interval: true,
		Title:      i18n.Text{ZH: "论文数", EN: "Works"},
		Definition: i18n.Text{ZH: "至少有一位作者署该单位的论文数，每篇计 1。", EN: "Works with at least one author at the unit, each counted as 1."}},
	{ID: "tcs", Unit: "count",
		Title:      i18n.Text{ZH: "被引次数", EN: "Citations"},
		Definition: i18n.Text{ZH: "这些论文的被引次数，按计数方式加权。", EN: "Citations of these works, weighted by the counting method."}},
	{ID: "mncs", Unit: "ratio", Interval: true,
		Title:      i18n.Text{ZH: "篇均标准化被引（MNCS）", EN: "Mean normalised citation score"},
		Definition: i18n.Text{ZH: "每篇论文的被引除以同领域、同年、同类型论文的平均被引，再按权重平均；1 为全库平均。平均为零的组记 1。", EN: "Citations of each work over the mean of its field, year and type, averaged by weight; 1 is the mean of the corpus. Where that mean is zero the score is 1."}},
	{ID: "p_top1", Unit: "count",
		Title:      i18n.Text{ZH: "前 1% 论文", EN: "Works in the top 1 %"},
		Definition: i18n.Text{ZH: "同领域、同年、同类型中被引最多的 1%；恰在界上的论文按比例计，使每组正好 1%。", EN: "The most cited 1 % of their field, year and type; works at the border count in part, so that exactly 1 % of each cell is in the top."}},
	{ID: "pp_top1", Unit: "percent", Interval: true,
		Title:      i18n.Text{ZH: "前 1% 论文占比", EN: "Proportion in the top 1 %"},
		Definition: i18n.Text{ZH: "前 1% 论文占该单位论文的比例。", EN: "Works in the top 1 % over all works of the unit."}},
	{ID: "p_top10", Unit: "count",
		Title:      i18n.Text{ZH: "前 10% 论文", EN: "Works in the top 10 %"},
		Definition: i18n.Text{ZH: "同领域、同年、同类型中被引最多的 10%；恰在界上的论文按比例计，使每组正好 10%。", EN: "The most cited 10 % of their field, year and type; works at the border count in part, so that exactly 10 % of each cell is in the top."}},
	{ID: "pp_top10", Unit: "percent", Interval: true,
		Title:      i18n.Text{ZH: "前 10% 论文占比", EN: "Proportion in the top 10 %"},
		Definition: i18n.Text{ZH: "前 10% 论文占该单位论文的比例。", EN: "Works in the top 10 % over all works of the unit."}},
	{ID: "p_top50", Unit: "count",
		Title:      i18n.Text{ZH: "前 50% 论文", EN: "Works in the top half"},
		Definition: i18n.Text{ZH: "同领域、同年、同类型中被引居前一半的论文；恰在界上的按比例计。", EN: "Works in the more cited half of their field, year and type; works at the border count in part."}},
	{ID: "pp_top50", Unit: "percent", Interval: true,
		Title:      i18n.Text{ZH: "前 50% 论文占比", EN: "Proportion in the top half"},
		Definition: i18n.Text{ZH: "前 50% 论文占该单位论文的比例。", EN: "Works in the top half over all works of the unit."}},
	{ID: "p_collab", Unit: "count",
		Title:      i18n.Text{ZH: "合作论文", EN: "Collaborative works"},
		Definition: i18n.Text{ZH: "署两个及以上机构的论文。", EN: "Works of two or more institutions."}},
	{ID: "pp_collab", Unit: "percent", Interval: true,
		Title:      i18n.Text{ZH: "合作论文占比", EN: "Proportion of collaborative works"},
		Definition: i18n.Text{ZH: "合作论文占该单位论文的比例。", EN: "Collaborative works over all works of the unit."}},
	{ID: "p_int_collab", Unit: "count",
		Title:      i18n.Text{ZH: "国际合作论文", EN: "International works"},
		Definition: i18n.Text{ZH: "署两个及以上国家的论文；香港、澳门与内地算同一国家。", EN: "Works of two or more countries; Hong Kong, Macao and the mainland are one."}},
	{ID: "pp_int_collab", Unit: "percent", Interval: true,
		Title:      i18n.Text{ZH: "国际合作论文占比", EN: "Proportion of international works"},
		Definition: i18n.Text{ZH: "国际合作论文占该单位论文的比例。", EN: "International works over all works of the unit."}},
	{ID: "p_short_dist", Unit: "count",
		Title:      i18n.Text{ZH: "近距离合作论文", EN: "Short-distance works"},
		Definition: i18n.Text{ZH: "合作机构之间最远不超过 100 公里（大圆距离）的合作论文。", EN: "Collaborative works whose institutions lie at most 100 km apart (great circle)."}},
	{ID: "p_long_dist", Unit: "count",
		Title:      i18n.Text{ZH: "远距离合作论文", EN: "Long-distance works"},
		Definition: i18n.Text{ZH: "合作机构之间最远达到 5,000 公里（大圆距离）的合作论文。", EN: "Collaborative works whose institutions lie 5,000 km apart or more (great circle)."}},
}

// IndicatorIDs lists the ids of Indicators.
func IndicatorIDs() []string {
	ids := make([]string, len(Indicators))
	for i, x := range Indicators {
		ids[i] = x.ID
	}
	return ids
}

// IndicatorOf returns the indicator of an id, false when there is none.
func IndicatorOf(id string) (Indicator, bool) {
	for _, x := range Indicators {
		if x.ID == id {
			return x, true
		}
	}
	return Indicator{}, false
}
