package api

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/termbase"
	"github.com/kapok-city/kapok/internal/transfer"
)

func TestMatch(t *testing.T) {
	traded(t, func(t *testing.T, w *world) {
		var out MatchOut
		w.ask("", "POST", base+"/match", MatchIn{Record: &RecordKey{"need", openNeed}}).want(200).in(&out)
		if out.Abstained || len(out.Matches) == 0 || out.Matches[0].ID != openResult || out.Weights == "" {
			t.Fatalf("answer %+v", out)
		}
		m := out.Matches[0]
		sum := m.Bias
		for _, f := range m.Features {
			sum += f.Contribution
		}
		if math.Abs(sum-m.Score) > 1e-9 || len(m.Terms) == 0 || !slices.ContainsFunc(m.Checks, func(c match.Check) bool { return c.Name == match.ByTRL && c.State == match.Met }) {
			t.Errorf("%v is not the sum of %+v; checks %+v", m.Score, m.Features, m.Checks)
		}
		low := match.Constraints{TRLMin: 8, TRLScale: "gbt22900", TRLEdition: "2009"}
		out = MatchOut{}
		w.ask("", "POST", base+"/match", MatchIn{Text: "高镍三元锂电池正极材料", Constraints: &low}).want(200).in(&out)
		if len(out.Excluded) != 1 || len(out.Excluded[0].Fails) != 1 || out.Excluded[0].Fails[0] != match.ByTRL {
			t.Errorf("excluded %+v", out.Excluded)
		}
		out = MatchOut{}
		w.ask("", "POST", base+"/match", MatchIn{Text: "量子引力的重整化"}, "Accept-Language", "en").want(200).in(&out)
		if !out.Abstained || len(out.Matches) != 0 || out.Sentence == "" || out.Why == "" {
			t.Errorf("nothing fits, and %+v", out)
		}
		w.ask("", "POST", base+"/match", MatchIn{Record: &RecordKey{"result", "result-inner"}}).problem(404, "match.no_record")
		w.ask(account.Editor, "POST", base+"/match", MatchIn{Record: &RecordKey{"result", "result-inner"}}).want(200)
	})
}

func TestMatchIsForReadersOnly(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), func(sv *Services) { sv.PublicRead = false })
	w.trade()
	w.ask("", "POST", base+"/match", MatchIn{Text: "电池"}).problem(401, "errs.sign_in")
	w.ask(account.Viewer, "POST", base+"/match", MatchIn{Text: "电池"}).want(200)
	// A disclosure is open to everybody all the same.
	w.ask("", "POST", base+"/disclosures", DisclosureIn{}).problem(422, "api.one_side")
}

func TestWeights(t *testing.T) {
	traded(t, func(t *testing.T, w *world) {
		var page WeightsPage
		w.ask(account.Editor, "GET", base+"/match/weights", nil).want(200).in(&page)
		if len(page.Items) != 1 || page.InUse.Version != "default" || len(page.InUse.Features) != len(match.Features) {
			t.Fatalf("weights %+v", page)
		}
		w.ask(account.Editor, "POST", base+"/match/weights", ReasonIn{Reason: "a year of answers"}).problem(409, "match.few_answers")
		adopt := base + "/match/weights/" + page.Items[0].ID + "/adopt"
		var v WeightsVersion
		w.ask(account.Editor, "POST", adopt, nil, "Idempotency-Key", "a").want(200).in(&v)
		w.ask(account.Editor, "POST", adopt, nil, "Idempotency-Key", "a").want(200)
		w.ask(account.Editor, "POST", adopt, nil).problem(409, "match.already_adopted")
		w.ask(account.Editor, "GET", base+"/match/weights", nil).want(200).in(&page)
		if v.AdoptedBy != w.users[account.Editor].ID || page.InUse.Version != v.ID {
			t.Errorf("adopted %+v, in use %s", v, page.InUse.Version)
		}
		w.ask(account.Editor, "POST", base+"/match/weights/none/adopt", nil).problem(404, "match.no_version")
		w.ask(account.Viewer, "GET", base+"/match/weights", nil).problem(403, "errs.forbidden")
	})
}

func TestIntroductions(t *testing.T) {
	traded(t, func(t *testing.T, w *world) {
		in := IntroductionIn{NeedKind: "need", NeedID: openNeed, OfferKind: "service", OfferID: openService, Reason: "可用于表征"}
		var made transfer.Introduction
		r := w.ask(account.Editor, "POST", base+"/introductions", in, "Idempotency-Key", "i").want(200).in(&made)
		if made.State != transfer.Introduced || made.Author != w.users[account.Editor].ID || made.Offer == nil || made.Offer.Title.ZH == "" {
			t.Errorf("introduced %+v", made)
		}
		w.ask(account.Admin, "POST", base+"/introductions", in).want(200) // the pair has one already
		events := r.header.Get("Location") + "/events"
		w.ask(account.Editor, "POST", events, EventIn{Kind: "contacted"}).problem(428, "api.if_match_missing")
		w.ask(account.Editor, "POST", events, EventIn{Kind: "contacted"}, "If-Match", r.header.Get("ETag")).want(200)
		// Another manager has not seen that event.
		w.ask(account.Admin, "POST", events, EventIn{Kind: "declined", Reason: "timing"}, "If-Match", `"v1"`).problem(412, "transfer.stale")
		if p := w.ask(account.Admin, "POST", events, EventIn{Kind: "declined", Reason: "no"}, "If-Match", `"v2"`).problem(422, "transfer.word"); p.Errors[0].Pointer != "/reason" {
			t.Errorf("pointer %+v", p.Errors)
		}
		w.ask(account.Admin, "POST", events, EventIn{Kind: "declined", Reason: "timing"}, "If-Match", `"v2"`).want(200).in(&made)
		w.ask(account.Admin, "POST", events, EventIn{Kind: "deal"}, "If-Match", `"v3"`).problem(409, "transfer.event_move")
		if made.State != transfer.EventDeclined || len(made.Events) != 3 {
			t.Errorf("after a decline %+v", made)
		}
		if got := w.walk(account.Editor, base+"/introductions?state=declined&limit=1"); len(got) != 1 || got[0] != made.ID {
			t.Errorf("declined: %v", got)
		}
		if got := w.walk(account.Viewer, base+"/introductions"); len(got) != 0 {
			t.Errorf("a viewer sees introductions of others: %v", got)
		}
		w.ask(account.Viewer, "GET", base+"/introductions/"+made.ID, nil).want(404)
		w.get(base+"/introductions").problem(401, "errs.sign_in")
		w.ask(account.Editor, "POST", base+"/introductions", IntroductionIn{NeedKind: "need", NeedID: openNeed, OfferKind: "result", OfferID: "result-secret", Reason: "x"}).want(404)
		w.ask(account.Editor, "POST", base+"/introductions", IntroductionIn{NeedKind: "need", NeedID: openNeed, OfferKind: "result", OfferID: openResult}).problem(422, "api.too_short")
		file := string(w.ask(account.Editor, "GET", base+"/introductions?format=csv", nil).want(200).body)
		w.ask(account.Editor, "POST", base+"/introductions", IntroductionIn{NeedKind: "need", NeedID: openNeed, OfferKind: "result", OfferID: "result-red", Reason: "x"}).want(200)
		shown := string(w.ask(account.Editor, "GET", base+"/introductions", nil).want(200).body)
		leaves := string(w.ask(account.Editor, "GET", base+"/introductions?format=csv", nil).want(200).body)
		if title := "内部资料中的成果"; !strings.Contains(shown, title) || strings.Contains(leaves, title) || !strings.Contains(leaves, "result-red") {
			t.Errorf("what is for private use: shown %s, in the file %s", shown, leaves)
		}
		if !strings.Contains(file, "可用于表征") || !strings.Contains(file, "timing") {
			t.Errorf("file %s", file)
		}
	})
}

// TestIntroductionsKeepTheScore holds that the features come from the match and
// not from who writes.
func TestIntroductionsKeepTheScore(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.trade()
	second := newResult("另一种高镍三元锂电池正极材料", map[string]any{"summary": map[string]any{"zh": "循环寿命长的制备工艺"}})
	var r transfer.Result
	w.ask(account.Editor, "POST", base+"/results", second).want(201).in(&r)
	w.catchUp()
	var made transfer.Introduction
	w.ask(account.Editor, "POST", base+"/introductions", IntroductionIn{NeedKind: "need", NeedID: openNeed, OfferKind: "result", OfferID: r.ID, Reason: "x"}).want(200).in(&made)
	if made.Score == nil || *made.Score <= 0 || len(made.Features) == 0 || made.Weights == "" {
		t.Errorf("kept %+v", made)
	}
	w.ask(account.Editor, "POST", base+"/introductions", map[string]any{"need_kind": "need", "need_id": openNeed, "offer_kind": "result", "offer_id": r.ID, "reason": "x", "score": 9}).problem(422, "api.unexpected_property")
}

func TestDisclosures(t *testing.T) {
	traded(t, func(t *testing.T, w *world) {
		in := map[string]any{"submitter": map[string]any{"name": "陈静", "email": "chen@example.org"},
			"result": map[string]any{"title": map[string]any{"zh": "可降解薄膜"}, "type": "material", "level": "public"}}
		var receipt ReceiptOut
		r := w.ask("", "POST", base+"/disclosures", in).want(201).in(&receipt)
		if receipt.Number == "" || receipt.Token == "" || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("receipt %+v", receipt)
		}
		desk := w.ask(account.Editor, "GET", base+"/disclosures?status=received&side=result", nil).want(200)
		var page Page[transfer.Disclosure]
		desk.in(&page)
		if len(page.Items) != 1 || page.Items[0].Number != receipt.Number || strings.Contains(string(desk.body), "chen@") || strings.Contains(string(desk.body), "陈静") {
			t.Fatalf("the desk is shown %s", desk.body)
		}
		one := base + "/disclosures/" + page.Items[0].ID
		w.ask(account.Viewer, "GET", one, nil).problem(403, "errs.forbidden")
		w.get(one).problem(401, "errs.sign_in")
		w.ask(account.Editor, "POST", one+"/reveal", map[string]any{"reason": ""}).problem(422, "api.too_short")
		var who transfer.Submitter
		w.ask(account.Editor, "POST", one+"/reveal", RevealIn{Reason: "to call back"}, "Idempotency-Key", "r").want(200).in(&who)
		if who.Email != "chen@example.org" {
			t.Errorf("revealed %+v", who)
		}
		w.keepsNoSecret("chen@example.org")
		w.ask(account.Editor, "POST", one+"/return", TriageIn{Reason: "请补充材料"}, "If-Match", `"v1"`).want(200)
		w.ask(account.Admin, "POST", one+"/decline", TriageIn{Reason: "x"}, "If-Match", `"v1"`).problem(412, "transfer.stale")
		w.ask(account.Admin, "POST", one+"/accept", map[string]any{"need": map[string]any{"title": map[string]any{"zh": "x"}, "kind": "technical"}}, "If-Match", `"v2"`).problem(422, "api.other_side")
		var d transfer.Disclosure
		w.ask(account.Admin, "POST", one+"/accept", AcceptIn{}, "If-Match", `"v2"`, "Idempotency-Key", "acc").want(200).in(&d)
		if d.Status != transfer.Accepted || d.RecordID == "" {
			t.Errorf("accepted %+v", d)
		}
		w.get(base + "/results/" + d.RecordID).want(200)
		w.ask(account.Admin, "POST", one+"/accept", AcceptIn{}, "If-Match", `"v2"`, "Idempotency-Key", "acc").want(200)
		p := w.ask("", "POST", base+"/disclosures", map[string]any{"submitter": map[string]any{"name": ""}, "need": map[string]any{"title": map[string]any{}, "kind": "technical",
			"constraints": map[string]any{"budget_min": 5, "budget_max": 1}}}).problem(422, "api.several")
		var where []string
		for _, f := range p.Errors {
			where = append(where, f.Pointer)
		}
		for _, want := range []string{"/submitter/name", "/submitter/email", "/need/title"} {
			if !slices.Contains(where, want) {
				t.Errorf("no fault at %s: %v", want, where)
			}
		}
		w.ask("", "POST", base+"/disclosures", DisclosureIn{}).problem(422, "api.one_side")
	})
}

// keepsNoSecret looks for personal data among the answers that are kept for
// requests sent again, and in the change log.
func (w *world) keepsNoSecret(text string) {
	w.t.Helper()
	n, _, err := db.Value[int64](w.t.Context(), w.d, "SELECT COUNT(*) FROM idempotency")
	w.must(err)
	if n != 0 {
		w.t.Errorf("%d answers are kept", n)
	}
	if r := w.ask(account.Admin, "GET", base+"/changes?limit=500", nil).want(200); strings.Contains(string(r.body), text) {
		w.t.Errorf("the log holds %s", text)
	}
}

func TestFloodsOfDisclosures(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	in := map[string]any{"submitter": map[string]any{"name": "a", "email": "a@example.org"}, "need": map[string]any{"title": map[string]any{"zh": "x"}, "kind": "technical", "text": "x"}}
	for range 20 {
		w.ask("", "POST", base+"/disclosures", in).want(201)
	}
	w.ask("", "POST", base+"/disclosures", in).problem(503, "transfer.flood")
}

func TestTerms(t *testing.T) {
	traded(t, func(t *testing.T, w *world) {
		in := TermIn{ZH: "钙钛矿", EN: "perovskite", AlsoEN: []string{"perovskites"}, Area: "materials", Reason: "asked for"}
		var term termbase.Term
		r := w.ask(account.Editor, "POST", base+"/terms", in, "Idempotency-Key", "t").want(201).in(&term)
		w.ask(account.Editor, "POST", base+"/terms", in, "Idempotency-Key", "t").want(201)
		one := r.header.Get("Location")
		in.Note = "晶体结构"
		w.ask(account.Editor, "PUT", one, in, "If-Match", r.header.Get("ETag")).want(200)
		w.ask(account.Admin, "PUT", one, in, "If-Match", r.header.Get("ETag")).want(412)
		w.ask(account.Editor, "POST", one+"/withdraw", ReasonIn{Reason: "x"}, "If-Match", `"v2"`).want(200).in(&term)
		if term.State != termbase.Withdrawn {
			t.Errorf("withdrawn %+v", term)
		}
		if got := w.walk("", base+"/terms?state=active&q="+escape("钙钛矿")); len(got) != 0 {
			t.Errorf("active: %v", got)
		}
		w.ask(account.Editor, "POST", one+"/restore", nil, "If-Match", `"v3"`).want(200)
		if got := w.walk("", base+"/terms?q=perovsk&limit=1"); len(got) != 1 || got[0] != term.ID {
			t.Errorf("found: %v", got)
		}
		var counts termbase.Counts
		w.get(base + "/terms/facets").want(200).in(&counts)
		if counts["area"]["materials"] != 1 {
			t.Errorf("counts %v", counts)
		}
		if got := w.walk("", one+"/changes"); len(got) != 4 {
			t.Errorf("%d changes", len(got))
		}
		w.ask(account.Editor, "POST", base+"/terms", TermIn{ZH: "甲", EN: "", Area: "nowhere"}).want(422)
		w.ask(account.Viewer, "POST", base+"/terms", in).problem(403, "errs.forbidden")
	})
}

func TestNoticesAndSavedSearches(t *testing.T) {
	traded(t, func(t *testing.T, w *world) {
		var page Page[Notice]
		w.ask(account.Admin, "GET", base+"/notices?unseen=true", nil).want(200).in(&page)
		if len(page.Items) != 1 || page.Items[0].Record != (RecordKey{"result", openResult}) || page.Items[0].Need.ID != openNeed {
			t.Fatalf("notices %+v", page.Items)
		}
		id := page.Items[0].ID
		w.ask(account.Viewer, "POST", base+"/notices/seen", SeenIn{IDs: []string{id}}).want(204) // not his: it stays unseen
		if w.ask(account.Admin, "GET", base+"/notices?unseen=true", nil).in(&page); len(page.Items) != 1 {
			t.Error("somebody else's notice was marked")
		}
		w.ask(account.Admin, "POST", base+"/notices/seen", SeenIn{IDs: []string{id}}).want(204)
		if w.ask(account.Admin, "GET", base+"/notices?unseen=true", nil).in(&page); len(page.Items) != 0 {
			t.Error("the notice is still unseen")
		}
		w.get(base+"/notices").problem(401, "errs.sign_in")

		in := SavedSearchIn{Name: "桥", Kind: "result", Query: map[string]any{"q": "桥梁"}, Notify: true}
		r := w.ask(account.Viewer, "POST", base+"/saved-searches", in).want(201)
		w.ask(account.Viewer, "POST", base+"/saved-searches", in).problem(409, "transfer.search_name")
		one := r.header.Get("Location")
		in.Name = "缆索"
		w.ask(account.Viewer, "PUT", one, in, "If-Match", `"v1"`).want(200)
		w.ask(account.Viewer, "PUT", one, in, "If-Match", `"v1"`).problem(412, "transfer.stale")
		w.ask(account.Admin, "PUT", one, in, "If-Match", `"v2"`).want(404)
		w.ask(account.Admin, "DELETE", one, nil).want(204) // not his: nothing happens
		if got := w.walk(account.Viewer, base+"/saved-searches"); len(got) != 1 {
			t.Errorf("saved: %v", got)
		}
		w.ask(account.Viewer, "DELETE", one, nil).want(204)
		if got := w.walk(account.Viewer, base+"/saved-searches"); len(got) != 0 {
			t.Errorf("still saved: %v", got)
		}
	})
}

// TestTheLogHidesWhatIsHidden holds that the change log shows no record to an
// editor who may not read it, before and after it is gone.
func TestTheLogHidesWhatIsHidden(t *testing.T) {
	traded(t, func(t *testing.T, w *world) {
		log := func() string {
			return string(w.ask(account.Editor, "GET", base+"/changes?limit=500", nil).want(200).body)
		}
		text := log()
		for word, in := range map[string]bool{"高镍三元锂电池正极材料": true, "重组蛋白疫苗佐剂": true, "保密的隔膜工艺": false, `"kind":"saved_search"`: false, `"kind":"disclosure"`: true} {
			if strings.Contains(text, word) != in {
				t.Errorf("%s in the log: %v", word, !in)
			}
		}
	})
}

func TestReadBefore(t *testing.T) {
	editor := level.Viewer{User: "u", Clearance: level.Internal}
	for state, want := range map[string]bool{`{"level":"internal","status":"listed"}`: true, `{"level":"confidential","status":"listed"}`: false, `{"level":"public","status":"draft"}`: false,
		`{"level":"confidential","readers":["u"]}`: true, `{"level":"public","status":"draft","created_by":"u"}`: true, `{"id":"x"}`: false, ``: false} {
		if got := readBefore(editor, []byte(state)); got != want {
			t.Errorf("%s: %v", state, got)
		}
	}
}

func TestSearchOfTheMarket(t *testing.T) {
	traded(t, func(t *testing.T, w *world) {
		find := func(query string) (out SearchOut) {
			w.get(base + "/search?q=" + escape("正极材料") + query).want(200).in(&out)
			return out
		}
		if out := find("&kind=result,need"); out.Total != 2 {
			t.Errorf("found %+v", out)
		}
		for query, want := range map[string]int{"&stage=middle": 1, "&stage=early": 0, "&ipc=H01M": 1, "&ipc=h01m4/525": 1, "&ipc=G06F": 0, "&industry=38": 1, "&industry=C39": 0, "&district=440100": 1,
			"&district=440105": 1, "&district=440300": 0, "&status=listed": 2, "&status=closed": 0, "&offset=5": 2, "&whole=true&gloss=0": 2} {
			if out := find(query); out.Total != want {
				t.Errorf("%s: %d found, want %d", query, out.Total, want)
			}
		}
		out := find("&explain=true&facets=stage,ipc,district")
		if len(out.Hits) != 2 || out.Hits[0].Why == nil || len(out.Hits[0].Why.Terms) == 0 || len(out.Facets["ipc"]) == 0 || out.Facets["district"] == nil {
			t.Fatalf("explained %+v", out)
		}
		for _, h := range out.Hits {
			words := 0.0
			for _, term := range h.Why.Terms {
				if term.Stream == "words" {
					words += term.Score
				}
			}
			if words != h.Why.Words {
				t.Errorf("%s: terms sum to %v, not %v", h.ID, words, h.Why.Words)
			}
		}
		if got := len(find("&limit=1").Hits); got != 1 {
			t.Errorf("limit: %d hits", got)
		}
		w.get(base+"/search?q=x&ipc=9").problem(422, "transfer.ipc_section")
		w.get(base+"/search?q=x&facets=colour").problem(422, "api.one_of")
	})
}

// TestWordsOfTheMarket holds the words that filters take against the room's.
func TestWordsOfTheMarket(t *testing.T) {
	words := func(v any) []string {
		raw, _ := json.Marshal(v)
		var out []string
		_ = json.Unmarshal(raw, &out)
		return out
	}
	for _, c := range []struct {
		in    any
		field string
		want  []string
	}{
		{MarketQuery{}, "Status", words(transfer.Statuses)}, {MarketQuery{}, "Level", words(level.Levels)}, {StatusIn{}, "Status", words(transfer.Statuses)},
		{ResultQuery{}, "Type", words(transfer.ResultTypes)}, {ResultQuery{}, "Stage", words(transfer.Stages)}, {ResultQuery{}, "Form", words(transfer.Forms)},
		{ResultQuery{}, "Right", words(transfer.RightKinds)}, {ResultQuery{}, "TRLScale", words(transfer.Scales)}, {NeedQuery{}, "Kind", words(transfer.NeedKinds)},
		{NeedQuery{}, "Form", words(transfer.Forms)}, {ServiceQuery{}, "Kind", words(transfer.OfferingKinds)}, {DisclosuresIn{}, "Status", words(transfer.DisclosureStatuses)},
		{IntroductionsIn{}, "State", words(transfer.EventKinds)}, {SearchIn{}, "Stage", words(transfer.Stages)}, {SearchIn{}, "Status", words(transfer.Statuses)},
		{EventIn{}, "Kind", words(transfer.EventKinds)[1:]},
	} {
		f, _ := reflect.TypeOf(c.in).FieldByName(c.field)
		if got := strings.Split(f.Tag.Get("enum"), ","); !slices.Equal(got, c.want) {
			t.Errorf("%T.%s takes %v, the room knows %v", c.in, c.field, got, c.want)
		}
	}
}

// TestServicesWithoutRooms holds that a Kapok without the market says so.
func TestServicesWithoutRooms(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), func(sv *Services) { sv.Transfer, sv.Match, sv.Terms, sv.Explain = nil, nil, nil, nil })
	for _, path := range []string{"/results", "/needs/x", "/services/facets", "/introductions", "/disclosures", "/match/weights", "/notices", "/terms", "/saved-searches", "/search?q=x&explain=true"} {
		w.ask(account.Admin, "GET", base+path, nil).problem(503, "api.not_offered")
	}
	w.ask(account.Admin, "POST", base+"/match", MatchIn{Text: "x"}).problem(503, "api.not_offered")
}
