package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/level"
)

func TestCapitalForms(t *testing.T) {
	x := newMoney(t)
	b := x.reader(t, "editor")
	for _, h := range shelves {
		x.look(t, "editor", h.path()+"/new?org="+x.co.ID, 200, `name="company_id" value="`+x.co.ID+`" checked`, `name="key" value="`)
	}
	x.look(t, "editor", "/rounds/"+x.ids["round/a"]+"/edit", 200, `value="3000万元"`, `name="version" value="1"`, "云山创投", "A&#43;轮")
	form := []string{"key", "round_test", "company", "新创科技", "on", "2024-05", "stage", "angel", "amount", "约2000万美元", "investors-0-name", "天使甲", "investors-0-lead", "1", "investors-0-amount", "500万美元", "level", "public", "source_id", "own", "reason", "公告"}
	with := func(pairs ...string) []string {
		out := append([]string{}, form...)
		for i := 0; i+1 < len(pairs); i += 2 {
			found := false
			for j := 0; j+1 < len(out); j += 2 {
				if out[j] == pairs[i] {
					out[j+1], found = pairs[i+1], true
				}
			}
			if !found {
				out = append(out, pairs[i], pairs[i+1])
			}
		}
		return out
	}
	for _, tc := range []struct {
		name string
		form []string
		want string
	}{
		{"no company", with("company", ""), `id="e-company"`}, {"a day that is none", with("on", "2024-13"), `id="e-on"`}, {"no stage", with("stage", ""), `id="e-stage"`},
		{"no amount", with("amount", "很多钱"), "很多钱"}, {"two amounts", with("amount", "1万元 2万元"), `id="e-amount"`}, {"parts beyond the whole", with("investors-0-amount", "9000万美元"), "天使甲"},
		{"no source", with("source_id", ""), `id="e-source_id"`}, {"no such organisation", with("company_id", "org-nowhere"), `role="alert"`}, {"no level", with("level", ""), `role="alert"`},
		{"a key that is taken", with("key", "a"), `role="alert"`}, {"a part that is no amount", with("investors-0-amount", "一些"), "一些"},
	} {
		r := b.post("/rounds", tc.form...)
		if page := body(t, r); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, tc.want) || !strings.Contains(page, "天使甲") {
			t.Errorf("%s: %d, want 422 and %q with all that was typed\n%s", tc.name, r.StatusCode, tc.want, page)
		}
	}
	if page := body(t, b.post("/rounds", with("company", "木棉智能", "find_company", "1")...)); !strings.Contains(page, `value="`+x.co.ID+`"`) || !strings.Contains(page, "天使甲") {
		t.Errorf("the company is not found:\n%s", page)
	}
	if page := body(t, b.post("/rounds", with("more", "1")...)); !strings.Contains(page, "investors-4-name") {
		t.Error("no more rows")
	}
	page := b.follow("/rounds", form...)
	for _, want := range []string{"新创科技", "天使甲", `class="flash"`, "2024年5月", "公告"} {
		if !strings.Contains(page, want) {
			t.Errorf("the new round lacks %q:\n%s", want, page)
		}
	}
	b.follow("/rounds", form...) // sent twice, made once
	got, err := x.Capital.Rounds.List(t.Context(), level.Program, capital.Filter{Query: "新创科技"})
	x.must(t, err)
	if got.Total != 1 || got.Items[0].Amount.Value != 20e6 || got.Items[0].Amount.Unit != "USD" || !got.Items[0].Investors[0].Lead {
		t.Fatalf("%d rounds, %+v", got.Total, got.Items)
	}
	at := "/rounds/" + got.Items[0].ID + "/edit"
	edit := with("version", "1", "stage", "a", "note", "更正轮次")
	if page := b.follow(at, edit...); !strings.Contains(page, "更正轮次") || !strings.Contains(page, `id="history"`) {
		t.Errorf("the round is not changed:\n%s", page)
	}
	if r := b.post(at, with("version", "1", "stage", "b")...); r.StatusCode != http.StatusConflict || !strings.Contains(body(t, r), `class="differ"`) {
		t.Errorf("an old version: %d", r.StatusCode)
	}
	if r := b.post(at, with("stage", "b")...); r.StatusCode != http.StatusConflict {
		t.Errorf("no version: %d", r.StatusCode)
	}
	if r := x.reader(t, "viewer").post(at, edit...); r.StatusCode != http.StatusForbidden {
		t.Errorf("a viewer writes: %d", r.StatusCode)
	}
	if r := x.reader(t, "").post("/rounds", form...); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger writes: %d", r.StatusCode)
	}
}

// TestCapitalFormKeeps holds that a form which is sent back as it was shown
// changes nothing.
func TestCapitalFormKeeps(t *testing.T) {
	x := newMoney(t)
	b := x.reader(t, "editor")
	for name, id := range x.ids {
		h := shelfFor(name[:strings.Index(name, "/")])
		if strings.HasSuffix(name, "/hidden") {
			continue
		}
		v := &capitalReading{reading: &reading{s: &Site{svc: x.Services}, ctx: t.Context(), l: "zh"}, rooms: x.Capital, viewer: level.Program}
		of, err := h.one(v, id)
		x.must(t, err)
		var form []string
		for k, values := range v.valuesOf(h, of) {
			form = append(form, k, values[0])
		}
		b.follow(h.path()+"/"+id+"/edit", append(form, "version", "1")...)
		if of, err = h.one(v, id); err != nil || of.common.Version != 1 {
			t.Errorf("%s is changed by its own form: version %d, %v", name, of.common.Version, err)
		}
	}
}

func TestListingSteps(t *testing.T) {
	x := newMoney(t)
	b := x.reader(t, "editor")
	id := x.ids["listing/l"]
	at := "/listings/" + id + "/step"
	x.look(t, "editor", at, 200, `name="state"`, `name="version" value="1"`)
	x.look(t, "editor", at+"?corrects=2", 200, `name="corrects" value="2"`, `value="2023-05-01"`)
	x.look(t, "editor", at+"?corrects=9", 404)
	x.look(t, "editor", at+"?corrects=x", 404)
	for _, tc := range []struct {
		name   string
		form   []string
		status int
	}{
		{"no state", []string{"version", "1", "on", "2024"}, 422}, {"a state twice", []string{"version", "1", "state", "approved", "on", "2024-01-01"}, 422},
		{"before an earlier one", []string{"version", "1", "state", "listed", "on", "2021-01-01"}, 422}, {"an exit from elsewhere", []string{"version", "1", "state", "delisted", "on", "2024-01-01"}, 422},
		{"an old version", []string{"version", "7", "state", "registered", "on", "2023-08-01"}, 412}, {"no version", []string{"state", "registered"}, 412},
		{"a correction without a reason", []string{"version", "1", "corrects", "2", "state", "approved", "on", "2023-05-02"}, 422}, {"a correction of nothing", []string{"version", "1", "corrects", "8", "reason", "x"}, 404},
	} {
		r := b.post(at, tc.form...)
		if page := body(t, r); r.StatusCode != tc.status || tc.status != 404 && !strings.Contains(page, `role="alert"`) {
			t.Errorf("%s: %d, want %d\n%s", tc.name, r.StatusCode, tc.status, page)
		}
	}
	if page := b.follow(at, "version", "1", "state", "registered", "on", "2023-08-01", "evidence", "证监许可〔2023〕1 号"); !strings.Contains(page, "证监许可") {
		t.Errorf("the step is not there:\n%s", page)
	}
	if page := b.follow(at, "version", "2", "corrects", "2", "state", "approved", "on", "2023-05-06", "reason", "公告日期有误"); !strings.Contains(page, "公告日期有误") || !strings.Contains(page, "2023-05-06") {
		t.Errorf("the correction is not there:\n%s", page)
	}
	page := b.follow(at, "version", "3", "corrects", "3", "state", "", "reason", "注册尚未完成")
	l, err := x.Capital.Listings.One(t.Context(), level.Program, id)
	x.must(t, err)
	if l.State != capital.Approved || l.On != "2023-05-06" || len(l.Steps) != 5 || !strings.Contains(page, "注册尚未完成") {
		t.Errorf("the listing stands at %s of %s after %d steps", l.State, l.On, len(l.Steps))
	}
	x.look(t, "editor", at+"?corrects=3", 404)
	if r := x.reader(t, "viewer").post(at, "version", "4", "state", "listed"); r.StatusCode != http.StatusForbidden {
		t.Errorf("a viewer records a step: %d", r.StatusCode)
	}
	form := []string{"key", "listing_new", "company", "新创科技", "market", "BSE", "steps-0-state", "tutoring", "steps-0-on", "2024-01", "level", "public", "source_id", "own"}
	if page := b.follow("/listings", form...); !strings.Contains(page, "北京证券交易所") {
		t.Errorf("no new listing:\n%s", page)
	}
	if r := b.post("/listings", "key", "listing_none", "company", "新创科技", "market", "BSE", "level", "public", "source_id", "own"); r.StatusCode != 422 || !strings.Contains(body(t, r), `href="#f-steps"`) {
		t.Errorf("a listing without a step: %d", r.StatusCode)
	}
}
