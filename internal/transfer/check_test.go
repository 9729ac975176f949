package transfer_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// TestFaultsOfANeed spoils a need in one way each and asks for one sentence.
func TestFaultsOfANeed(t *testing.T) {
	d := dbtest.SQLite(t)
	s := transfer.New(d)
	for _, c := range []struct {
		want  string
		spoil func(*transfer.Need)
	}{
		{"transfer.amounts", func(n *transfer.Need) { n.Constraints.BudgetMin, n.Constraints.BudgetMax = fen(200), fen(100) }},
		{"transfer.negative", func(n *transfer.Need) { n.Constraints.BudgetMin = fen(-1) }},
		{"transfer.past", func(n *transfer.Need) { n.Deadline = "2025-12-31" }},
		{"transfer.past", func(n *transfer.Need) { n.Constraints.DeliverBy = "2025-12-31" }},
		{"transfer.deliver_early", func(n *transfer.Need) { n.Deadline, n.Constraints.DeliverBy = "2026-06-30", "2026-06-01" }},
		{"transfer.deadline_listed", func(n *transfer.Need) { n.ListedOn, n.Deadline = "2026-09-01", "2026-08-01" }},
		{"transfer.day", func(n *transfer.Need) { n.Deadline = "2026-02-30" }},
		{"transfer.day", func(n *transfer.Need) { n.ExpiresOn = "明年" }},
		{"transfer.span", func(n *transfer.Need) { n.ListedOn, n.ExpiresOn = "2026-03-01", "2026-02-01" }},
		{"transfer.trl_level", func(n *transfer.Need) { n.Constraints.TRLMin, n.Constraints.TRLScale = 10, transfer.NASA }},
		{"transfer.trl_scale", func(n *transfer.Need) { n.Constraints.TRLMin = 6 }},
		{"transfer.trl_missing", func(n *transfer.Need) { n.Constraints.TRLScale = transfer.NASA }},
		{"transfer.word", func(n *transfer.Need) { n.Constraints.TRLMin, n.Constraints.TRLScale = 6, "own" }},
		{"transfer.prize_kind", func(n *transfer.Need) { n.Prize = fen(100) }},
		{"transfer.challenge_prize", func(n *transfer.Need) { n.Kind, n.Deadline = transfer.OpenChallenge, "2026-06-01" }},
		{"transfer.challenge_deadline", func(n *transfer.Need) { n.Kind, n.Prize = transfer.OpenChallenge, fen(100) }},
		{"transfer.prize_amount", func(n *transfer.Need) { n.Kind, n.Prize, n.Deadline = transfer.OpenChallenge, fen(0), "2026-06-01" }},
		{"transfer.prize_budget", func(n *transfer.Need) {
			n.Kind, n.Prize, n.Deadline, n.Constraints.BudgetMax = transfer.OpenChallenge, fen(100), "2026-06-01", fen(99)
		}},
		{"transfer.ipc_section", func(n *transfer.Need) { n.Fields.IPC = []string{"Y02E"} }},
		{"transfer.ipc_class", func(n *transfer.Need) { n.Constraints.IPC = []string{"GX6F"} }},
		{"transfer.ipc_subclass", func(n *transfer.Need) { n.Constraints.IPC = []string{"G061"} }},
		{"transfer.ipc_group", func(n *transfer.Need) { n.Constraints.IPC = []string{"G06F 17-30"} }},
		{"transfer.form", func(n *transfer.Need) { n.Fields.IPCEdition = "newest" }},
		{"transfer.industry_letter", func(n *transfer.Need) { n.Fields.Industry = []string{"I3963"} }},
		{"transfer.industry_division", func(n *transfer.Need) { n.Fields.Industry = []string{"98"} }},
		{"transfer.industry_form", func(n *transfer.Need) { n.Fields.Industry = []string{"39631"} }},
		{"transfer.division", func(n *transfer.Need) { n.Division = "990106" }},
		{"transfer.division", func(n *transfer.Need) { n.Constraints.Regions = []string{"天河"} }},
		{"transfer.word", func(n *transfer.Need) { n.Level = "secret" }},
		{"transfer.word", func(n *transfer.Need) { n.Kind = "demand" }},
		{"transfer.word", func(n *transfer.Need) { n.Constraints.Rights = "applied" }},
		{"transfer.word", func(n *transfer.Need) { n.Constraints.Forms = []transfer.Form{"gift"} }},
		{"transfer.required", func(n *transfer.Need) { n.Title = i18n.Text{ZH: "！！"} }},
		{"transfer.required", func(n *transfer.Need) { n.Text, n.Summary.ZH = " \n", "" }},
		{"transfer.required", func(n *transfer.Need) { n.SourceID = "" }},
		{"transfer.long_text", func(n *transfer.Need) { n.Text = strings.Repeat("一兆字节", 90_000) }},
		{"transfer.long", func(n *transfer.Need) { n.Title.ZH = strings.Repeat("长", 301) }},
		{"transfer.too_many", func(n *transfer.Need) {
			for i := range 51 {
				n.Fields.Keywords = append(n.Fields.Keywords, strings.Repeat("k", i+1))
			}
		}},
		{"transfer.control", func(n *transfer.Need) { n.Text = "正常\x00文字" }},
		{"transfer.control", func(n *transfer.Need) { n.Title.EN = "pay\u202eexe.txt" }},
		{"transfer.not_text", func(n *transfer.Need) { n.Text = "坏\xff字" }},
	} {
		n := need("", "寻求涂层", level.Public)
		c.spoil(&n)
		_, err := s.SaveNeed(t.Context(), staff, lin, n)
		list := errs.ListOf(err)
		if len(list) != 1 || list[0].Key != c.want || list[0].Field == "" {
			t.Errorf("%v, want one %s", err, c.want)
			continue
		}
		for _, l := range i18n.Langs {
			text := i18n.Error(l, err)
			if strings.ContainsAny(text, "{}") || text == c.want || !utf8.ValidString(text) || len(text) > 700 {
				t.Errorf("%s: %q", c.want, text)
			}
		}
	}
	if _, _, err := db.Value[int64](t.Context(), d, "SELECT COUNT(*) FROM need"); err != nil {
		t.Fatal(err)
	}
}

func TestFaultsOfAResult(t *testing.T) {
	s := transfer.New(dbtest.SQLite(t))
	trl := func(change func(*transfer.TRL)) func(*transfer.Result) {
		return func(r *transfer.Result) {
			m := transfer.TRL{Level: 4, Scale: transfer.GBT22900, Edition: "2009", On: "2025", Assessor: "self", Evidence: "报告"}
			change(&m)
			r.Maturity = []transfer.TRL{m}
		}
	}
	for _, c := range []struct {
		want  string
		spoil func(*transfer.Result)
	}{
		{"transfer.trl_level", trl(func(m *transfer.TRL) { m.Level = 0 })},
		{"transfer.trl_scale", trl(func(m *transfer.TRL) { m.Scale = "" })},
		{"transfer.trl_edition", trl(func(m *transfer.TRL) { m.Edition = " " })},
		{"transfer.trl_proof", trl(func(m *transfer.TRL) { m.Assessor = "" })},
		{"transfer.trl_proof", trl(func(m *transfer.TRL) { m.Evidence = "" })},
		{"transfer.about", trl(func(m *transfer.TRL) { m.On = "去年" })},
		{"transfer.amounts", func(r *transfer.Result) { r.Price = transfer.Price{Min: fen(2), Max: fen(1)} }},
		{"transfer.word", func(r *transfer.Result) { r.Type = "gadget" }},
		{"transfer.required", func(r *transfer.Result) { r.Type = "" }},
		{"transfer.word", func(r *transfer.Result) { r.Stage = "late" }},
		{"transfer.word", func(r *transfer.Result) { r.Rights = []transfer.Right{{Kind: "trademark"}} }},
		{"transfer.required", func(r *transfer.Result) { r.Team = []transfer.Member{{Role: "负责人"}} }},
	} {
		r := result("", "成果", level.Public)
		c.spoil(&r)
		_, err := s.SaveResult(t.Context(), staff, lin, r)
		if list := errs.ListOf(err); len(list) != 1 || list[0].Key != c.want {
			t.Errorf("%v, want one %s", err, c.want)
		}
	}
	bad := result("", "成果", level.Public)
	bad.Rights = []transfer.Right{{Kind: transfer.Invention, Number: "201710601862.4"}}
	if _, err := s.SaveResult(t.Context(), staff, lin, bad); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a wrong check digit: %v", err)
	}
}

func TestUnknownReferences(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		for want, spoil := range map[string]func(r *transfer.Result){
			"transfer.unknown_source": func(r *transfer.Result) { r.SourceID = "nowhere" },
			"transfer.unknown_org":    func(r *transfer.Result) { r.OwnerID = "org-9" },
			"transfer.unknown_person": func(r *transfer.Result) { r.Team = []transfer.Member{{Name: "甲", PersonID: "person-9"}} },
		} {
			r := result("", "成果", level.Public)
			spoil(&r)
			if _, err := s.SaveResult(t.Context(), staff, lin, r); err == nil || errs.Of(err).Key != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		o := transfer.Offering{Common: common("", "电镜", level.Public), Kind: transfer.EquipmentOffered, PlatformID: "platform-9"}
		if _, err := s.SaveService(t.Context(), staff, lin, o); err == nil || errs.Of(err).Key != "transfer.unknown_platform" {
			t.Errorf("%v", err)
		}
		must2(t)(s.SaveResult(t.Context(), staff, lin, result("k", "一", level.Public)))
		twin := result("k", "二", level.Public)
		twin.ID = "result-twin"
		if _, err := s.SaveResult(t.Context(), staff, lin, twin); !key(err, errs.Conflict, "transfer.key_taken") {
			t.Errorf("a key twice: %v", err)
		}
		for _, id := range []string{"", "none", "\x00", "\xff"} {
			if _, err := s.Result(t.Context(), staff, id); errs.KindOf(err) != errs.NotFound {
				t.Errorf("%q: %v", id, err)
			}
		}
		for _, f := range []transfer.Filter{{Query: "。"}, {IPC: "nonsense"}, {Industry: "Z"}, {OwnerID: "\x00"}, {Division: "\xff"}, {Source: "\x00"}, {Status: []transfer.Status{"\x00"}}, {Query: "100%"}, {Query: "\x00"}} {
			if l, err := s.Results(t.Context(), staff, transfer.ResultFilter{Filter: f}); err != nil || l.Total != 0 {
				t.Errorf("%+v: %+v, %v", f, l, err)
			}
		}
		for _, f := range []transfer.Filter{{Sort: "price"}, {Page: page("%%%")}, {Page: page("e30")}} {
			if _, err := s.Results(t.Context(), staff, transfer.ResultFilter{Filter: f}); errs.KindOf(err) != errs.Invalid {
				t.Errorf("%+v: %v", f, err)
			}
		}
	})
}

func page(after string) registry.Page { return registry.Page{After: after} }

func TestCodes(t *testing.T) {
	for in, want := range map[string]string{"g06f17/30": "G06F 17/30", " A ": "A", "h01": "H01", "C30B": "C30B", "G06F 2017/300001": "G06F 2017/300001"} {
		if got, err := transfer.ParseIPC(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{"3963": "C3963", "c39": "C39", "I": "I", "01": "A01", "97": "T97", "M7320": "M7320", "43": "C43", "44": "D44"} {
		if got, err := transfer.ParseIndustry(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

// FuzzCodes holds both parsers to one promise: what they keep, they keep again.
func FuzzCodes(f *testing.F) {
	for _, s := range []string{"G06F 17/30", "C3963", "A", "", "Ａ０１", "G06F17/", "9999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, parse := range []func(string) (string, error){transfer.ParseIPC, transfer.ParseIndustry} {
			kept, err := parse(s)
			if err != nil {
				if !utf8.ValidString(i18n.Error(i18n.ZH, err)) {
					t.Errorf("%q: the refusal is not text", s)
				}
				continue
			}
			if again, err := parse(kept); err != nil || again != kept {
				t.Errorf("%q: %q, then %q, %v", s, kept, again, err)
			}
		}
	})
}
