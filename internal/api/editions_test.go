package api

import (
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/edition"
)

func TestEditions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, withLedger)
		w.publishEditions()
		var list Page[HeldEdition]
		w.get(base + "/editions").want(200).in(&list)
		if len(list.Items) != 2 || list.Items[0].ID != "gii.cluster@2024" || list.Items[0].Held != 1 || list.Items[1].Held != 3 || list.Items[0].Style.EN == "" || list.Sources["ror"].Licence == "" {
			t.Errorf("editions %+v", list.Items)
		}
		if w.ask(account.Editor, "GET", base+"/editions?ranking=private", nil).want(200).in(&list); len(list.Items) != 1 {
			t.Errorf("editors see %+v", list.Items)
		}
		if ids := w.walk("", base+"/editions?limit=1"); len(ids) != 2 {
			t.Errorf("%v", ids)
		}
		var one HeldEdition
		if r := w.get(base + "/editions/gii.cluster@2023").want(200).in(&one); one.Held != 3 || !strings.HasPrefix(r.header.Get("ETag"), `"v1-`) {
			t.Errorf("edition %s", r.body)
		}
		w.get(base+"/editions/none").problem(404, "edition.not_found")
		w.get(base+"/editions/private.cluster@2024").problem(404, "edition.not_found")
		w.get(base+"/editions/private.cluster@2024/entries").problem(404, "edition.not_found")
		var lines Page[edition.Entry]
		w.get(base + "/editions/gii.cluster@2023/entries").want(200).in(&lines)
		if len(lines.Items) != 2 || lines.Items[0].Unit != "cluster:shg" || lines.Items[1].Rank.Bound != "le" {
			t.Errorf("lines %+v", lines.Items)
		}
		rows := csvOf(t, w.ask(account.Admin, "GET", base+"/editions/gii.cluster@2023/entries?format=csv", nil))
		if len(rows) != 2 || rows[1]["rank"] != "<=23" || rows[1]["values"] != "score=>=1.5" || rows[0]["rank"] != "2" || rows[0]["source_id"] != "ror" {
			t.Errorf("file %v", rows)
		}
		if rows := csvOf(t, w.ask(account.Admin, "GET", base+"/editions?format=csv", nil)); len(rows) != 2 {
			t.Errorf("file %v", rows)
		}
	})
}

func TestEditionsAreCompared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, withLedger)
		w.publishEditions()
		const compare = base + "/editions/compare?a=gii.cluster@2024&b=gii.cluster@2023"
		var c ComparisonOut
		r := w.get(compare).want(200).in(&c)
		if c.A.Edition != "2023" || c.Comparable != edition.No || len(c.Why) != 1 || len(c.Changes) != 1 || len(c.Items) != 2 || *c.Items[0].Places != 1 || c.Items[0].Comparable != edition.No || strings.Contains(string(r.body), "Secret") {
			t.Errorf("comparison %s", r.body)
		}
		if w.ask(account.Editor, "GET", compare+"&limit=1", nil).want(200).in(&c); *c.Total != 3 || c.Next == "" {
			t.Errorf("editors see %+v", c)
		}
		if rows := csvOf(t, w.get(compare+"&format=csv")); len(rows) != 2 || rows[0]["places"] != "1" || rows[0]["comparable"] != "no" || rows[0]["values_a"] != "score=10.36" {
			t.Errorf("file %v", rows)
		}
		w.get(base+"/editions/compare?a=gii.cluster@2024&b=gii.cluster@2024").problem(422, "edition.not_comparable")
		w.get(base+"/editions/compare?a=gii.cluster@2024&b=private.cluster@2024").problem(404, "edition.not_found")
		var h Page[edition.Point]
		w.get(base + "/editions/history?unit=cluster:shg").want(200).in(&h)
		if len(h.Items) != 2 || h.Items[0].Entry.Rank.Value != 2 || h.Items[1].Comparable != edition.No {
			t.Errorf("history %+v", h.Items)
		}
		if w.ask(account.Editor, "GET", base+"/editions/history?unit=cluster:shg", nil).in(&h); len(h.Items) != 3 {
			t.Errorf("editors see %+v", h.Items)
		}
		if rows := csvOf(t, w.get(base+"/editions/history?unit=cluster:shg&ranking=gii&format=csv")); len(rows) != 2 || rows[1]["rank"] != "1" {
			t.Errorf("file %v", rows)
		}
		if w.get(base + "/editions/history?unit=cluster:secret").in(&h); len(h.Items) != 0 {
			t.Errorf("readers see %+v", h.Items)
		}
	})
}
