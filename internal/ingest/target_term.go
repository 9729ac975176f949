package ingest

import (
	"context"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/termbase"
)

// termTarget is the table of a city's own terms: what package termbase exports,
// and glossaries as offices keep them. Its column "source" is where the sense of
// a term is anchored, as in the bundled files, and not the source of the row.
var termTarget = Target{Name: "term", Label: i18n.Text{ZH: "术语", EN: "Term"}, build: buildTerm, Fields: []Field{
	must(field("zh", "中文术语", "Term in Chinese", "脑机接口", "术语", "中文", "中文名称", "名词", "zh", "chinese", "term")),
	must(field("en", "英文术语", "Term in English", "brain-computer interface", "英文", "英文名称", "译名", "英译", "en", "english", "translation")),
	field("also_zh", "其他中文写法", "Other Chinese forms", "", "同义词", "又称", "别称", "also_zh", "also zh", "synonyms zh"),
	field("also_en", "其他英文写法", "Other English forms", "BCI|brain-machine interface", "英文缩写", "缩写", "also_en", "also en", "synonyms", "abbreviation"),
	must(field("area", "领域", "Area", "biomedicine", "分类", "所属领域", "area", "field", "domain")),
	field("note", "备注", "Note", "", "说明", "释义", "note", "remarks"),
	field("anchor", "出处", "Anchor", "GB/T 22900", "依据", "标准", "anchor", "source", "reference"),
	field("state", "状态", "State", "active", "使用状态", "state", "status"),
	field("source_id", "来源编号", "Source id", "", "source_id", "source id"),
}}

func buildTerm(b *builder, r *record) {
	t := termbase.Term{ZH: r.get("zh"), EN: r.get("en"), AlsoZH: r.list("also_zh"), AlsoEN: r.list("also_en"), Area: termArea(r.get("area")),
		Note: r.get("note"), Anchor: r.get("anchor"), State: termState(r), Origin: termbase.City, SourceID: b.source(r)}
	r.result, r.id = t, "term:"+t.ZH
}

// termArea turns the name of an area in either language into its code; what is
// no name stays, for the termbase to refuse.
func termArea(text string) string {
	for _, a := range termbase.Areas {
		for _, l := range []i18n.Lang{i18n.ZH, i18n.EN} {
			if strings.EqualFold(text, i18n.T(l, "termbase.area."+a)) {
				return a
			}
		}
	}
	return strings.ToLower(text)
}

func termState(r *record) termbase.State {
	switch text := strings.ToLower(r.get("state")); text {
	case "", "active", "使用", "启用", "in use":
		return termbase.Active
	case "withdrawn", "停用", "废止":
		return termbase.Withdrawn
	default:
		r.bad("termbase.state", "state", errs.A{"value": text})
		return ""
	}
}

// putTerms writes terms as the other rooms write their rows.
func putTerms(ctx context.Context, tx *db.Tx, by change.Author, rows []termbase.Term) ([]registry.Outcome, error) {
	done, err := termbase.Put(ctx, tx, by, rows)
	out := make([]registry.Outcome, len(done))
	for i, o := range done {
		out[i] = registry.Outcome{ID: o.ID, Result: registry.Result(o.Result), Err: o.Err}
	}
	return out, err
}
