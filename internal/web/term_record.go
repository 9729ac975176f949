package web

import (
	"net/http"
	"net/url"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/termbase"
)

// TermPage is one term: its forms in both languages, where its sense is
// anchored, the records that it leads to, and its history.
type TermPage struct {
	RecordPage
	State string // withdrawn, in words; "" for one that is used
	Uses  []Tab  // records in either language that the term finds, by kind
	All   Link
}

func (s *Site) term(w http.ResponseWriter, r *http.Request) error {
	v, t, err := s.readTerm(r)
	if err != nil {
		return err
	}
	p := TermPage{RecordPage: s.record(r, v, "terms", i18n.Text{ZH: t.ZH, EN: t.EN})}
	p.Flash = v.done(p.query)
	p.Also = []string{termWord(v.l, "area", t.Area), termWord(v.l, "origin", string(t.Origin))}
	if t.State != termbase.Active {
		p.State = termWord(v.l, "state", string(t.State))
	}
	p.Facts = v.termFacts(&t)
	if v.can(account.Edit) {
		at := "/terms/" + t.ID
		p.Acts = []Link{{v.say("terms.restore"), at + "/restore"}}
		if t.State == termbase.Active {
			p.Acts = []Link{{v.say("reg.edit"), at + "/edit"}, {v.say("terms.withdraw"), at + "/withdraw"}}
		}
	}
	s.termUses(&p, v, &t)
	if err := v.finish(&p.RecordPage, termbase.Kind, t.ID); err != nil {
		return err
	}
	for i := range p.History {
		wordTerms(v.l, p.History[i].Rows)
	}
	return s.Render(w, r, "term", p)
}

// readTerm is the term that an address names, if the reader may see it.
func (s *Site) readTerm(r *http.Request) (*reading, termbase.Term, error) {
	if err := s.hasTerms(); err != nil {
		return nil, termbase.Term{}, err
	}
	v, err := s.read(r)
	if err != nil {
		return nil, termbase.Term{}, err
	}
	t, err := s.svc.Terms.Term(v.ctx, r.PathValue("id"))
	if err == nil {
		err = v.open(t.SourceID)
	}
	return v, t, err
}

func (v *reading) termFacts(t *termbase.Term) []Fact {
	mark := v.mark(t.SourceID)
	zh, en := v.termForms("terms.zh", t.ZH, t.AlsoZH, i18n.ZH), v.termForms("terms.en", t.EN, t.AlsoEN, i18n.EN)
	zh.Values[0].Mark = mark
	facts := []Fact{zh, en, v.fact("terms.area", termWord(v.l, "area", t.Area), nil), v.fact("terms.state", termWord(v.l, "state", string(t.State)), nil), v.fact("terms.origin", termWord(v.l, "origin", string(t.Origin)), nil)}
	anchor := v.fact("terms.anchor", t.Anchor, nil)
	if t.Anchor == "" || t.Anchor == "own" {
		anchor = Fact{Label: v.say("terms.anchor"), Values: []FactValue{{Text: v.say("terms.anchor_own")}}}
	}
	facts = append(facts, anchor)
	if t.Note != "" {
		facts = append(facts, v.fact("terms.note", t.Note, nil))
	}
	return facts
}

// termForms lists the forms of a term in one language, the first one first.
func (v *reading) termForms(key, first string, also []string, l i18n.Lang) Fact {
	lang := ""
	if l != v.l {
		lang = map[i18n.Lang]string{i18n.ZH: "zh-CN", i18n.EN: "en"}[l]
	}
	f := Fact{Label: v.say(key), Values: []FactValue{{Text: first, Lang: lang}}}
	for _, form := range also {
		f.Values = append(f.Values, FactValue{Text: form, Lang: lang, Note: v.say("terms.other_form")})
	}
	return f
}

// termUses counts the records that the term leads to, in either language.
func (s *Site) termUses(p *TermPage, v *reading, t *termbase.Term) {
	if s.svc.Search == nil || t.State != termbase.Active {
		return
	}
	got := s.svc.Search.Search(search.Query{Text: t.ZH, Gloss: glossWeight, Viewer: account.ViewerOf(v.user), Limit: 1})
	all := 0
	for _, k := range searchKinds {
		n := got.Kinds[k]
		if all += n; n > 0 {
			p.Uses = append(p.Uses, Tab{Label: word(v.l, "record", k), Count: i18n.Integer(int64(n)), Href: "/search?" + url.Values{"q": {t.ZH}, "kind": {k}}.Encode()})
		}
	}
	if all > 0 {
		p.All = Link{v.say("terms.search_for"), "/search?" + url.Values{"q": {t.ZH}}.Encode()}
	}
}

// wordTerms puts words in the place of the codes of a term's fields.
func wordTerms(l i18n.Lang, rows []DiffRow) {
	for i := range rows {
		for _, group := range []string{"area", "state", "origin"} {
			if rows[i].Field == fieldLabel(l, group) {
				rows[i].Before, rows[i].After = termWord(l, group, rows[i].Before), termWord(l, group, rows[i].After)
			}
		}
	}
}
