package api

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/claims"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

func TestSmallRegisters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for path, want := range map[string]string{
			"/platforms?group=2a&level=national&division=440100": gznl,
			"/platforms?organisation=" + sysu:                    gznl,
			"/platforms?status=unverified":                       "",
			"/parks?status=unverified&organisation=" + sysu:      "park-1",
			"/parks?q=%E7%A7%91%E5%AD%A6":                        "park-1",
			"/people?q=%E6%9D%8E":                                "person-1",
			"/people?orcid=0000-0002-1825-0097":                  "",
			"/papers?organisation=" + sysu + "&sort=name":        "paper-1",
			"/papers?year=1999":                                  "",
			"/papers?city=%E5%B9%BF%E5%B7%9E":                    "paper-1",
		} {
			if got := strings.Join(w.walk("", base+path), " "); got != want {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
		}
		var f FacetMap
		w.get(base + "/platforms/facets").want(200).in(&f)
		if len(f["group"]) != 1 || f["group"][0].Count != 1 {
			t.Errorf("facets %v", f)
		}
		w.get(base + "/parks/facets?class=park").want(200)
		var years PaperYears
		w.get(base + "/papers/years?organisation=" + sysu).want(200).in(&years)
		if len(years.Years) != 1 || years.Years[0] != (registry.YearCount{Year: 2024, Count: 1}) {
			t.Errorf("years %v", years)
		}
		var d DivisionOut
		w.get(base + "/divisions/440105").want(200).in(&d)
		if d.Division.Name.ZH != "海珠区" || len(d.Path) != 3 || len(d.History) != 1 {
			t.Errorf("division %+v", d)
		}
		var list Page[registry.Division]
		if w.get(base + "/divisions?name=%E5%B9%BF%E5%B7%9E%E5%B8%82").want(200).in(&list); len(list.Items) != 1 {
			t.Errorf("by name %+v", list.Items)
		}
		for _, path := range []string{"/platforms/x", "/parks/x", "/people/x", "/papers/x", "/divisions/999999", "/sources/x", "/batches/x"} {
			w.get(base+path).problem(404, "errs.not_found")
		}
		w.get(base+"/divisions/44").problem(422, "api.pattern")
		w.get(base+"/platforms?division=guangzhou").problem(422, "api.pattern")
	})
}

func TestBatches(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var b source.Batch
		w.get(base + "/batches/batch-1").want(200).in(&b)
		if b.Counts.Created != 2 || b.Actor+b.FileName != "" {
			t.Errorf("readers are not told who imported which file: %+v", b)
		}
		w.ask(account.Editor, "GET", base+"/batches/batch-1", nil).in(&b)
		if b.FileName != "张三.csv" {
			t.Errorf("editors are: %+v", b)
		}
		var page Page[source.Batch]
		if w.get(base + "/batches?source=made-up").want(200).in(&page); len(page.Items) != 0 {
			t.Errorf("batches %+v", page.Items)
		}
		w.ask(account.Editor, "POST", base+"/batches/batch-1/undo", nil).problem(403, "errs.forbidden")
		w.ask(account.Admin, "POST", base+"/batches/batch-1/undo", ReasonIn{Reason: "wrong file"}, "Idempotency-Key", "u").want(200).in(&b)
		if b.State != source.Undone || b.UndoneBy != w.users[account.Admin].ID {
			t.Errorf("undone %+v", b)
		}
		w.ask(account.Admin, "POST", base+"/batches/batch-1/undo", ReasonIn{Reason: "wrong file"}, "Idempotency-Key", "u").want(200)
		w.ask(account.Admin, "POST", base+"/batches/batch-1/undo", nil).problem(409, "source.batch_not_done")
		w.ask(account.Admin, "POST", base+"/batches/none/undo", nil).want(409)
	})
}

func TestChangesFollowTheLog(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var page Page[Change]
		w.ask(account.Editor, "GET", base+"/changes?limit=500", nil).want(200).in(&page)
		last := int64(0)
		for _, e := range page.Items {
			if e.Seq <= last || e.Kind == account.Kind {
				t.Errorf("out of order, or of a user: %+v", e)
			}
			last = e.Seq
		}
		w.ask(account.Admin, "GET", base+"/changes?kind=user", nil).want(200).in(&page)
		if len(page.Items) != 3 {
			t.Errorf("%d changes of users", len(page.Items))
		}
		head := page.Items[2].Seq
		w.ask(account.Admin, "GET", base+"/changes?after="+strconv.FormatInt(head, 10), nil).want(200).in(&page)
		if len(page.Items) != 0 || page.Next != "" {
			t.Errorf("after the end %+v", page)
		}
		w.get(base+"/changes").problem(401, "errs.sign_in")
		w.ask(account.Viewer, "GET", base+"/changes", nil).problem(403, "errs.forbidden")
	})
}

func TestSearchAndAudit(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	var out SearchOut
	w.get(base + "/search?q=sun+yat&kind=org").want(200).in(&out)
	if len(out.Hits) != 1 || out.Hits[0].ID != sysu || len(out.Hits[0].Marks) == 0 || out.Kinds["org"] != 1 {
		t.Errorf("found %+v", out)
	}
	w.get(base+"/search").problem(422, "api.required_parameter")
	w.get(base+"/search?q=x&kind=user").problem(422, "api.one_of")
	var r claims.Report
	w.ask("", "POST", base+"/audit", AuditIn{Text: "2024年，广州新增科技企业120家。", Lang: "en"}).want(200).in(&r)
	if len(r.Claims) != 1 || r.Claims[0].Quantity.Value != 120 {
		t.Errorf("report %+v", r)
	}
	w.ask("", "POST", base+"/audit", AuditIn{}).problem(422, "api.too_short")
	w.ask("", "POST", base+"/audit", AuditIn{Text: strings.Repeat("木", maxText/3+1)}).problem(413, "errs.too_large")
	w.ask("", "POST", base+"/audit", AuditIn{Text: strings.Repeat("\x01", maxText)}).problem(413, "errs.too_large")
}

func TestOnlyAFewAuditsAtOnce(t *testing.T) {
	inside, release := make(chan struct{}), make(chan struct{})
	w := newWorld(t, dbtest.SQLite(t), func(sv *Services) {
		sv.Audit = func(context.Context, string, i18n.Lang) (claims.Report, error) {
			inside <- struct{}{}
			<-release
			return claims.Report{}, errors.New("over")
		}
	})
	done := make(chan int)
	for range auditsAtOnce + 1 {
		go func() { done <- w.ask("", "POST", base+"/audit", AuditIn{Text: "x"}).status }()
	}
	for range auditsAtOnce {
		<-inside
	}
	select {
	case <-inside:
		t.Error("one too many is let in")
	default:
	}
	release <- struct{}{}
	<-inside // the last one takes the free seat
	close(release)
	for range auditsAtOnce + 1 {
		if status := <-done; status != 500 {
			t.Errorf("status %d", status)
		}
	}
}

func TestSmallRegistersAreWritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		name := []any{map[string]any{"text": "新平台", "lang": "zh"}}
		for area, in := range map[string]map[string]any{
			"platforms": {"key": "new", "names": name, "class": "laboratory", "host_ids": []any{sysu}, "source_id": "made-up"},
			"parks":     {"key": "new", "names": name, "class": "park", "org_id": sysu, "source_id": "made-up"},
			"people":    {"names": name, "orcid": "0000-0002-1825-0097", "source_id": "made-up"},
		} {
			path := base + "/" + area
			r := w.ask(account.Editor, "POST", path, in, "Idempotency-Key", area).want(201)
			made := r.header.Get("Location")
			if got := w.get(made).want(200).header.Get("ETag"); !strings.HasPrefix(got, `"v1-`) || !strings.HasPrefix(r.header.Get("ETag"), `"v1-`) {
				t.Errorf("%s: %s", made, got)
			}
			in["evidence"] = "seen"
			w.ask(account.Editor, "PUT", made, in).problem(428, "api.if_match_missing")
			w.ask(account.Editor, "PUT", made, in, "If-Match", `"v9"`).problem(412, "errs.stale")
			if r := w.ask(account.Editor, "PUT", made, in, "If-Match", `"v1"`).want(200); !strings.HasPrefix(r.header.Get("ETag"), `"v2-`) {
				t.Errorf("%s after a change: %s", made, r.header.Get("ETag"))
			}
			w.ask(account.Editor, "PUT", path+"/none", in, "If-Match", `"v1"`).want(404)
			delete(in, "names")
			w.ask(account.Editor, "POST", path, in).problem(422, "api.required_property")
		}
	})
}
