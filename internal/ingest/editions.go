package ingest

import (
	"bytes"
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
)

// entryTarget is the line of a published ranking. A table with one metric may
// have it in a column of its own: metric (often a fixed value) and value.
var entryTarget = Target{Name: "ranking", Label: i18n.Text{ZH: "公布的名次", EN: "Published rank"}, build: buildEntry, oneOf: []string{"name_zh", "name_en"}, Fields: []Field{
	must(field("edition", "版次", "Edition", "gii.cluster@2023", "版次编号", "edition id")),
	field("ranking", "榜单", "Ranking", "", "榜单编号"),
	field("rank", "名次", "Rank", "2", "排名", "位次", "position"),
	field("name_zh", nameZH, "Name in Chinese", "深圳—香港—广州", "机构名称", "城市", "集群", "中文名称", "name zh"),
	field("name_en", "英文名称", "Name in English", "Shenzhen–Hong Kong–Guangzhou", "英文名", "name", "institution", "city", "cluster"),
	field("economy", "经济体", "Economy", "CN", "国家", "国家或地区", "country"),
	field("unit", "主体编号", "Unit", "cluster:shenzhen-hongkong-guangzhou", "主体", "unit id"),
	field("values", "各项数值", "Values", "pct=113482|total=11.1", "各指标的值"),
	field("metric", "指标", "Metric", ""),
	field("value", "数值", "Value", "", "得分", "score"),
	field("previous_rank", "上期名次", "Previous rank", "2", "上期排名", "last rank"),
	field("locator", "出处位置", "Locator", "", "页码", "page"),
	sourceField, noteZH, noteEN,
}}

func buildEntry(b *builder, r *record) {
	e, err := edition.ParseEntry(func(column string) string {
		switch text := r.get(column); column {
		case "source_id":
			return b.source(r)
		case "values":
			if m, v := r.get("metric"), r.get("value"); m != "" && v != "" {
				text += "|" + m + "=" + v
			}
			return text
		default:
			return text
		}
	})
	r.observed(err)
	r.result, r.id = e, "ranked:"+e.ID
}

// readEditions reads a file of editions. A fault of one is a fault of the file:
// they refer to each other.
func readEditions(_ context.Context, j *job, f *feed) error {
	raw, err := j.readYAML()
	if err != nil {
		return err
	}
	list, err := edition.ParseEditions(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	j.head = []string{"id"}
	for i, e := range list {
		if err := f.emit(&item{number: int64(i) + 1, cells: []string{e.ID}, record: e}, "edition:"+e.ID); err != nil {
			return err
		}
	}
	return nil
}

// ledger fits the writers of package edition to oneByOne.
func ledger[T any](put func(context.Context, *db.Tx, change.Author, []T) ([]edition.Outcome, error)) putter[T] {
	return oneByOne(func(ctx context.Context, tx *db.Tx, by change.Author, rows []T) ([]observatory.Outcome, error) {
		done, err := put(ctx, tx, by, rows)
		out := make([]observatory.Outcome, len(done))
		for i, o := range done {
			out[i] = observatory.Outcome{ID: o.ID, Action: observatory.Action(o.Action)}
		}
		return out, err
	})
}
