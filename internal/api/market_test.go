package api

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/termbase"
	"github.com/kapok-city/kapok/internal/transfer"
)

const openResult, openNeed, openService = "result-open", "need-open", "service-open"

// furnishMarket gives a city the rooms of results and needs, without a record.
func (w *world) furnishMarket() {
	w.sv.Transfer, w.sv.Terms = transfer.New(w.d), termbase.New(w.d)
	w.sv.Match = match.New(match.Config{DB: w.d, Index: w.index, Load: w.document, All: w.documents, Transfer: w.sv.Transfer,
		Viewer: func(ctx context.Context, user string) (level.Viewer, error) {
			for _, u := range w.users {
				if u.ID == user {
					return account.ViewerOf(&u), nil
				}
			}
			return level.Viewer{}, nil
		}})
	w.sv.Explain = func(_ context.Context, q search.Query, keys []search.Key) ([]search.Account, error) {
		return w.index.Explain(q, keys), nil
	}
}

// document stands in for what the program makes of a record.
func (w *world) document(ctx context.Context, kind, id string) (search.Doc, bool, error) {
	var d search.Doc
	of := func(c *transfer.Common, text string, card match.Card) {
		d = search.Doc{Kind: kind, ID: id, Title: c.Title, Body: text + " " + c.Summary.ZH}
		card.Describe(&d)
	}
	switch kind {
	case transfer.KindResult:
		if r, err := w.sv.Transfer.Result(ctx, level.Program, id); err == nil {
			of(&r.Common, "", match.OfResult(&r))
			d.Facets["stage"] = []string{string(r.Stage)}
		}
	case transfer.KindNeed:
		if n, err := w.sv.Transfer.Need(ctx, level.Program, id); err == nil {
			of(&n.Common, n.Text, match.OfNeed(&n))
		}
	case transfer.KindService:
		if o, err := w.sv.Transfer.Service(ctx, level.Program, id); err == nil {
			of(&o.Common, o.Text, match.OfService(&o))
		}
	case registry.KindOrg:
		if o, err := w.sv.Registry.Org(ctx, id); err == nil {
			d = search.Doc{Kind: kind, ID: id, Title: o.Title()}
			if o.SourceID == "private" {
				d.Level = level.Internal
			}
		}
	}
	return d, d.ID != "", nil
}

// documents yields the market, which is what match wants.
func (w *world) documents(ctx context.Context) iter.Seq2[search.Doc, error] {
	return func(yield func(search.Doc, error) bool) {
		var keys []search.Key
		rs, _ := w.sv.Transfer.Results(ctx, level.Program, transfer.ResultFilter{})
		for _, r := range rs.Items {
			keys = append(keys, search.Key{Kind: transfer.KindResult, ID: r.ID})
		}
		ns, _ := w.sv.Transfer.Needs(ctx, level.Program, transfer.NeedFilter{})
		for _, n := range ns.Items {
			keys = append(keys, search.Key{Kind: transfer.KindNeed, ID: n.ID})
		}
		ss, _ := w.sv.Transfer.Services(ctx, level.Program, transfer.ServiceFilter{})
		for _, o := range ss.Items {
			keys = append(keys, search.Key{Kind: transfer.KindService, ID: o.ID})
		}
		for _, k := range keys {
			if d, _, err := w.document(ctx, k.Kind, k.ID); !yield(d, err) {
				return
			}
		}
	}
}

// catchUp brings the index and the match to the state of the records.
func (w *world) catchUp() {
	w.t.Helper()
	w.must(w.index.CatchUp(w.t.Context(), w.d, w.document))
	w.must(w.sv.Match.CatchUp(w.t.Context()))
}

// trade fills the market: a result of each level, one from a source tagged R,
// a need of the administrator's, which is then told of a result, and what
// happens between them.
func (w *world) trade() {
	w.t.Helper()
	ctx := w.t.Context()
	result := func(id, title, summary string, l level.Level, more func(*transfer.Result)) transfer.Result {
		r := transfer.Result{Type: transfer.Material, Stage: transfer.Middle, Common: transfer.Common{ID: id, Key: id, Title: i18n.Text{ZH: title}, Summary: i18n.Text{ZH: summary},
			OwnerID: sysu, Division: "440105", Fields: transfer.Fields{IPC: []string{"H01M 4/525"}, Industry: []string{"C3841"}}, Level: l, SourceID: "ror"}}
		if more != nil {
			more(&r)
		}
		return r
	}
	low, high := money.Fen(1_000_000_00), money.Fen(2_000_000_00)
	rows := []transfer.Result{
		result(openResult, "高镍三元锂电池正极材料", "动力电池用高镍三元正极材料的制备工艺，循环寿命长。", level.Public, func(r *transfer.Result) {
			r.Price = transfer.Price{Min: &low, Max: &high}
			r.Team = []transfer.Member{{Name: "李明", PersonID: "person-1"}}
			r.Maturity = []transfer.TRL{{Level: 6, Scale: transfer.GBT22900, Edition: "2009", On: "2025-06", Assessor: "self", Evidence: "试验报告"}}
			r.Rights = []transfer.Right{{Kind: transfer.Invention, Status: transfer.Granted}}
			r.Forms = []transfer.Form{transfer.Licence}
		}),
		result("result-partner", "桥梁缆索检测机器人", "", level.Partner, nil),
		result("result-inner", "重组蛋白疫苗佐剂", "", level.Internal, nil),
		result("result-secret", "保密的隔膜工艺", "", level.Confidential, func(r *transfer.Result) { r.Readers = []string{w.users[account.Viewer].ID} }),
		result("result-red", "内部资料中的成果", "", level.Public, func(r *transfer.Result) { r.SourceID = "private" }),
	}
	w.must(w.d.InTx(ctx, func(tx *db.Tx) error {
		out, err := w.sv.Transfer.PutServices(ctx, tx, tester, []transfer.Offering{{Kind: transfer.EquipmentOffered, PlatformID: gznl, Text: "透射电镜开放共享。",
			Common: transfer.Common{ID: openService, Key: openService, Title: i18n.Text{ZH: "透射电子显微镜"}, Level: level.Public, SourceID: "ror"}}})
		return outcome(out, err)
	}))
	n := transfer.Need{Kind: transfer.Technical, Text: "寻求高镍三元锂电池正极材料的制备工艺，循环寿命长。", Constraints: transfer.Constraints{TRLMin: 5, TRLScale: transfer.GBT22900},
		Common: transfer.Common{ID: openNeed, Key: openNeed, Title: i18n.Text{ZH: "寻求高镍三元锂电池正极材料"}, Level: level.Public, SourceID: "ror"}}
	admin := w.users[account.Admin]
	_, err := w.sv.Transfer.SaveNeed(ctx, account.ViewerOf(&admin), admin.Author(""), n)
	w.must(err)
	w.catchUp()
	w.must(w.d.InTx(ctx, func(tx *db.Tx) error {
		out, err := w.sv.Transfer.PutResults(ctx, tx, change.Author{Actor: "import"}, rows)
		return outcome(out, err)
	}))
	w.catchUp()
	w.happen(admin)
}

// happen lets each area have a record: an introduction, a disclosure, a term, a
// saved search, a version of the weights.
func (w *world) happen(admin account.User) {
	w.t.Helper()
	ctx, v := w.t.Context(), account.ViewerOf(&admin)
	in, _, err := w.sv.Transfer.Introduce(ctx, v, admin.Author(""), transfer.Introduction{NeedKind: transfer.KindNeed, NeedID: openNeed, OfferKind: transfer.KindResult, OfferID: openResult, Reason: "同一工艺"})
	w.must(err)
	receipt, err := w.sv.Transfer.Submit(ctx, "192.0.2.9", transfer.Submission{Side: transfer.KindNeed, Submitter: transfer.Submitter{Name: "王芳", Email: "wang@example.org"},
		Need: &transfer.Need{Kind: transfer.Technical, Text: "求购检测仪", Common: transfer.Common{Title: i18n.Text{ZH: "检测仪"}}}})
	w.must(err)
	term, err := w.sv.Terms.Save(ctx, admin.Author(""), termbase.Term{ZH: "固态电池", EN: "solid-state battery", Area: "energy"})
	w.must(err)
	saved, err := w.sv.Transfer.SaveSearch(ctx, v, admin.Author(""), transfer.SavedSearch{Name: "电池", Kind: transfer.KindResult, Query: []byte(`{"q":"电池"}`)})
	w.must(err)
	_, err = w.sv.Match.Write(ctx, admin.Author("by hand"), match.Default())
	w.must(err)
	maps.Copy(w.ids, map[string]string{"introductions": in.ID, "disclosures": receipt.ID, "terms": term.ID, "saved_searches": saved.ID})
}

// traded is a city with a market, on both engines.
func traded(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	each(t, func(t *testing.T, w *world) {
		w.trade()
		fn(t, w)
	})
}

// TestLevelsHoldEverywhere asks for the same records in every way that there
// is, as everybody.
func TestLevelsHoldEverywhere(t *testing.T) {
	traded(t, func(t *testing.T, w *world) {
		for role, want := range map[account.Role]string{
			"":             "result-open",
			account.Viewer: "result-open result-partner result-secret", // it names him
			account.Editor: "result-inner result-open result-partner result-red",
		} {
			ids := w.walk(role, base+"/results?limit=1&sort=name")
			slices.Sort(ids)
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("%q lists %s, want %s", role, got, want)
			}
			n := int64(len(ids))
			var page Page[transfer.Result]
			w.ask(role, "GET", base+"/results", nil).want(200).in(&page)
			if page.Total == nil || *page.Total != n {
				t.Errorf("%q: total %v, want %d", role, page.Total, n)
			}
			for _, r := range page.Items {
				if hands := r.CreatedBy != "" || len(r.Readers) > 0; hands && role != account.Editor {
					t.Errorf("%q is told whose hands were on %s", role, r.ID)
				}
			}
			var facets FacetMap
			w.ask(role, "GET", base+"/results/facets", nil).want(200).in(&facets)
			if len(facets["type"]) != 1 || facets["type"][0].Count != n {
				t.Errorf("%q: facets %v, want %d", role, facets["type"], n)
			}
			file := string(w.ask(role, "GET", base+"/results?format=csv", nil).want(200).body)
			for _, id := range []string{"result-open", "result-partner", "result-inner", "result-secret", "result-red"} {
				in := slices.Contains(ids, id)
				if strings.Contains(file, id) != (in && id != "result-red") {
					t.Errorf("%q: %s in the file: %v", role, id, !in)
				}
				status := map[bool]int{true: 200, false: 404}[in]
				w.ask(role, "GET", base+"/results/"+id, nil).want(status)
			}
			w.levelsInSearch(role, ids)
		}
	})
}

// levelsInSearch holds search, its counts and the match against what a role may
// read.
func (w *world) levelsInSearch(role account.Role, ids []string) {
	w.t.Helper()
	for id, text := range map[string]string{"result-open": "高镍三元", "result-partner": "桥梁缆索", "result-inner": "重组蛋白", "result-secret": "隔膜工艺"} {
		want := 0
		if slices.Contains(ids, id) {
			want = 1
		}
		var out SearchOut
		w.ask(role, "GET", base+"/search?kind=result&facets=stage,status&q="+escape(text), nil).want(200).in(&out)
		if out.Total != want || out.Kinds["result"] != want || len(out.Facets["stage"]) != want {
			w.t.Errorf("%q: %s is found %d times, counted %v and %v", role, id, out.Total, out.Kinds, out.Facets)
		}
		r := w.ask(role, "POST", base+"/match", MatchIn{Text: text, Kinds: []string{"result"}}).want(200)
		if strings.Contains(string(r.body), `"`+id+`"`) != (want == 1) {
			w.t.Errorf("%q: %s in the match: %s", role, id, r.body)
		}
	}
}

func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}

// newResult is the least that a result says.
func newResult(title string, more map[string]any) map[string]any {
	out := map[string]any{"title": map[string]any{"zh": title}, "type": "software", "level": "public", "source_id": "ror"}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func TestResultsAreWritten(t *testing.T) {
	traded(t, func(t *testing.T, w *world) {
		in := newResult("木棉调度软件", map[string]any{"fields": map[string]any{"ipc": []any{"g06f17/30"}}, "price": map[string]any{"min": 100}, "reason": "from the fair"})
		first := w.ask(account.Editor, "POST", base+"/results", in, "Idempotency-Key", "one").want(201)
		again := w.ask(account.Editor, "POST", base+"/results", in, "Idempotency-Key", "one").want(201)
		var made, same transfer.Result
		first.in(&made)
		again.in(&same)
		if made.ID == "" || made.ID != same.ID || again.header.Get("Idempotency-Replayed") != "true" || made.Status != transfer.Listed || made.Fields.IPC[0] != "G06F 17/30" {
			t.Errorf("made %+v, then %+v", made, same)
		}
		path := first.header.Get("Location")
		in["summary"] = map[string]any{"zh": "第二稿"}
		w.ask(account.Editor, "PUT", path, in).problem(428, "api.if_match_missing")
		w.ask(account.Editor, "PUT", path, in, "If-Match", first.header.Get("ETag")).want(200)
		// The other manager had read the first version: his edit is refused, and says so.
		in["summary"] = map[string]any{"zh": "另一人的稿"}
		w.ask(account.Admin, "PUT", path, in, "If-Match", first.header.Get("ETag")).problem(412, "transfer.stale")
		var now transfer.Result
		w.get(path).want(200).in(&now)
		if now.Summary.ZH != "第二稿" || now.Version != 2 || now.Key != made.Key {
			t.Errorf("after a lost race: %+v", now)
		}
		w.ask(account.Editor, "POST", base+"/results", newResult("x", map[string]any{"key": openResult})).problem(409, "transfer.key_taken")
		w.ask(account.Editor, "PUT", base+"/results/result-secret", in, "If-Match", `"v1"`).want(404)
		w.ask(account.Viewer, "POST", base+"/results", in).problem(403, "errs.forbidden")
		w.ask("", "POST", base+"/results", in).problem(401, "errs.sign_in")
	})
}

func TestLifeOfARecord(t *testing.T) {
	traded(t, func(t *testing.T, w *world) {
		path := base + "/results/" + openResult
		var r transfer.Result
		w.ask(account.Editor, "POST", path+"/status", StatusIn{Status: "paused"}, "If-Match", `"v1"`).want(200).in(&r)
		if r.Status != transfer.Paused {
			t.Errorf("paused: %+v", r.Status)
		}
		w.get(path).want(404) // a record that is paused is the staff's
		w.ask(account.Editor, "POST", path+"/status", StatusIn{Status: "draft"}, "If-Match", `"v2"`).problem(409, "transfer.status_move")
		w.ask(account.Editor, "POST", path+"/renew", RenewIn{}, "If-Match", `"v1"`).problem(412, "transfer.stale")
		if p := w.ask(account.Editor, "POST", path+"/renew", RenewIn{Until: "2001-01-01"}, "If-Match", `"v2"`).problem(422, "transfer.past"); p.Errors[0].Pointer != "/until" {
			t.Errorf("pointer %+v", p.Errors)
		}
		w.ask(account.Editor, "POST", path+"/renew", RenewIn{}, "If-Match", `"v2"`).want(200).in(&r)
		if r.Status != transfer.Listed || r.RenewedOn == "" {
			t.Errorf("renewed: %+v", r)
		}
		w.ask(account.Editor, "POST", path+"/status", StatusIn{Status: "withdrawn"}, "If-Match", `"v3"`).want(200)
		// Who takes a record out of his own sight still gets an answer.
		w.ask(account.Editor, "POST", path+"/status", StatusIn{Status: "draft"}, "If-Match", `"v4"`).want(200).in(&r)
		if r.Status != transfer.Draft {
			t.Errorf("draft: %+v", r.Status)
		}
		w.ask(account.Admin, "GET", path, nil).want(404)
	})
}

// TestContradictionsAreAllTold sends a need that no answer could meet: each
// fault has its sentence and its place, and nothing is written.
func TestContradictionsAreAllTold(t *testing.T) {
	traded(t, func(t *testing.T, w *world) {
		before := len(w.walk(account.Editor, base+"/needs"))
		p := w.ask(account.Editor, "POST", base+"/needs", map[string]any{"title": map[string]any{"zh": "木棉"}, "kind": "open_challenge", "text": "x", "source_id": "ror", "deadline": "2099-05-01", "prize": 900,
			"fields":      map[string]any{"ipc": []any{"H01M"}},
			"constraints": map[string]any{"trl_min": 12, "trl_scale": "gbt22900", "budget_min": 500, "budget_max": 100, "deliver_by": "2099-01-01", "ipc": []any{"Z99"}, "regions": []any{"990000"}}}).problem(422, "api.several")
		got := map[string]string{}
		for _, f := range p.Errors {
			got[f.Pointer] = f.Code
			if f.Detail == "" || strings.Contains(f.Detail, "{") {
				t.Errorf("no sentence: %+v", f)
			}
		}
		for pointer, code := range map[string]string{"/constraints/trl_min": "transfer.trl_level", "/constraints/deliver_by": "transfer.deliver_early", "/prize": "transfer.prize_budget",
			"/constraints/ipc": "transfer.ipc_section", "/constraints/regions": "transfer.division"} {
			if got[pointer] != code {
				t.Errorf("%s: %q, want %s", pointer, got[pointer], code)
			}
		}
		if got["/constraints/budget_min"]+got["/constraints/budget_max"] == "" {
			t.Errorf("budget is not told: %v", got)
		}
		if after := len(w.walk(account.Editor, base+"/needs")); after != before {
			t.Errorf("%d needs, were %d", after, before)
		}
		p = w.ask("", "POST", base+"/match", map[string]any{"text": "电池", "constraints": map[string]any{"trl_min": 10, "budget": map[string]any{"min": 5, "max": 1}, "ipc": []any{"9"}, "regions": []any{"gz"}}}).problem(422, "api.several")
		if len(p.Errors) != 4 {
			t.Errorf("faults of a match: %+v", p.Errors)
		}
	})
}

func TestSizesAreBounded(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.trade()
	need := func(text string) map[string]any {
		return map[string]any{"title": map[string]any{"zh": "长"}, "kind": "technical", "text": text, "source_id": "ror"}
	}
	w.ask(account.Editor, "POST", base+"/needs", need("")).problem(422, "transfer.required")
	w.ask(account.Editor, "POST", base+"/needs", need(strings.Repeat("木", transfer.MaxText+1))).problem(413, "transfer.long_text")
	w.ask(account.Editor, "POST", base+"/needs", need(strings.Repeat("a", 1<<20))).problem(413, "errs.too_large")
	w.ask("", "POST", base+"/match", MatchIn{Text: strings.Repeat("a", match.MaxText+1)}).problem(413, "match.text_too_long")
	w.ask("", "POST", base+"/match", MatchIn{Text: strings.Repeat("a", maxMatchBody)}).problem(413, "errs.too_large")
	w.ask("", "POST", base+"/match", MatchIn{Text: " \n"}).problem(422, "match.no_text")
	w.ask("", "POST", base+"/match", MatchIn{}).problem(422, "api.match_either")
	w.ask("", "POST", base+"/match", MatchIn{Text: "x", Limit: 101}).problem(422, "api.at_most")
	w.ask("", "POST", base+"/match", MatchIn{Text: "x", Kinds: []string{"user"}}).problem(422, "api.one_of")
	w.get(base+"/search?q="+strings.Repeat("a", 2001)).problem(422, "api.too_long")
	w.get(base+"/results?ipc=Z").problem(422, "transfer.ipc_section")
	w.get(base+"/results?sort=best").problem(422, "api.one_of")
	w.get(base+"/results?cursor=x").problem(422, "transfer.cursor")
}
