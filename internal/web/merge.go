package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/registry"
)

// ComparePage shows two organisations side by side before one is merged into
// the other.
type ComparePage struct {
	Page
	Lead     string
	Faults   []FieldError
	From     Link
	Into     Link
	Rows     []CompareRow
	Warning  string
	Action   string
	Hidden   []Hidden
	Fields   []Field
	Swap     string
	Back     Link
	Decided  bool     // the reason is given: only the last button is missing
	Answers  []Answer // what will happen
	Question string
}

// CompareRow is one field of both records.
type CompareRow struct {
	Label  string
	From   []string
	Into   []string
	Differ bool
}

// mergeForm finds the other record, and then compares.
func (s *Site) mergeForm(w http.ResponseWriter, r *http.Request) error {
	if into := r.URL.Query().Get("into"); into != "" {
		return s.comparePage(w, r, http.StatusOK, into, false, nil)
	}
	v, err := s.read(r)
	if err != nil {
		return err
	}
	o, err := s.editable(r)
	if err != nil {
		return err
	}
	at := "/organisations/" + o.ID
	q := r.URL.Query().Get("q")
	if !r.URL.Query().Has("q") {
		q = shortest(o)
	}
	p := PickPage{Page: s.Page(r, v.say("reg.merge")), Lead: v.say("reg.merge.lead", errs.A{"name": o.Name(v.l)}), Action: at + "/merge", Back: Link{v.say("reg.cancel"), at}}
	p.Crumbs = []Link{{v.say("reg.organisations"), "/organisations"}, {o.Name(v.l), at}}
	p.Find = FilterBar{Action: at + "/merge", Fields: []Field{{Name: "q", Label: v.say("reg.merge.into"), Kind: "search", Value: q}}}
	if p.Choices, err = v.found(q, o.ID, ""); err != nil {
		return err
	}
	for i := range p.Choices {
		p.Choices[i].Href = at + "/merge?into=" + url.QueryEscape(p.Choices[i].ID)
	}
	if q != "" && len(p.Choices) == 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("reg.no_match"), Text: v.say("reg.no_match_text")}
	}
	return s.Render(w, r, "pick", p)
}

// shortest is the shortest name in the script of the first: what a second
// record of the same body is most likely to share.
func shortest(o registry.Org) string {
	best := ""
	for _, n := range o.Names {
		if n.Kind != registry.Acronym && (best == "" || len(n.Text) < len(best)) && len([]rune(n.Text)) > 3 {
			best = n.Text
		}
	}
	return best
}

func (s *Site) comparePage(w http.ResponseWriter, r *http.Request, status int, intoID string, decided bool, fault error) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	from, err := s.svc.Registry.Org(v.ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	into, err := s.svc.Registry.Org(v.ctx, intoID)
	if err != nil {
		return err
	}
	at := "/organisations/" + from.ID
	p := ComparePage{Page: s.Page(r, v.say("reg.merge.compare")), Lead: v.say("reg.merge.compare_lead"), Action: at + "/merge", Decided: decided,
		From: Link{from.Name(v.l), at}, Into: Link{into.Name(v.l), "/organisations/" + into.ID},
		Swap: "/organisations/" + into.ID + "/merge?into=" + url.QueryEscape(from.ID), Back: Link{v.say("reg.cancel"), at}}
	p.Path = at + "/merge"
	p.Crumbs = []Link{{v.say("reg.organisations"), "/organisations"}, {from.Name(v.l), at}}
	p.Rows = compareRows(v, from, into)
	p.Warning = v.say("reg.merge.warning", errs.A{"from": from.Name(v.l), "into": into.Name(v.l)})
	p.Hidden = []Hidden{{"into", into.ID}, {"from_version", i64(from.Version)}, {"into_version", i64(into.Version)}}
	reason := r.PostFormValue("reason")
	if fault != nil && errs.KindOf(fault) != errs.Invalid {
		p.Decided = false
	}
	if p.Decided {
		p.Title, p.Question = v.say("reg.merge.check"), v.say("reg.merge.do")
		p.Hidden = append(p.Hidden, Hidden{"reason", reason}, Hidden{"sure", "yes"})
		p.Answers = []Answer{{v.say("reg.merge.from"), from.Name(v.l) + "\n" + from.ID, ""}, {v.say("reg.merge.into"), into.Name(v.l) + "\n" + into.ID, ""},
			{v.say("reg.reason"), reason, at + "/merge?into=" + url.QueryEscape(into.ID)}}
	} else {
		p.Fields = []Field{reasonField(v.l, reason)}
	}
	if fault != nil {
		p.Faults = faulty(v.l, p.Fields, listOf(fault))
	}
	return s.RenderStatus(w, r, status, "compare", p)
}

// compareRows sets both records field by field.
func compareRows(v *reading, from, into registry.Org) []CompareRow {
	a, _ := json.Marshal(from) // plain records
	b, _ := json.Marshal(into)
	x, y := flatten(v.l, a), flatten(v.l, b)
	var out []CompareRow
	for _, f := range union(x.order, y.order) {
		switch f {
		case "version", "created_at", "updated_at", "batch_id", "evidence":
			continue
		}
		row := CompareRow{Label: fieldLabel(v.l, f), From: x.values[f], Into: y.values[f]}
		if f == "source_id" {
			row.From, row.Into = v.titles(row.From), v.titles(row.Into)
		}
		gone, added := differ(row.From, row.Into)
		row.Differ = f != "id" && len(gone)+len(added) > 0
		out = append(out, row)
	}
	return out
}

func (v *reading) titles(ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id
		if x, ok := v.sources[id]; ok {
			out[i] = x.Title.In(v.l)
		}
	}
	return out
}

// merge asks once more, and merges.
func (s *Site) merge(w http.ResponseWriter, r *http.Request) error {
	into := r.PostFormValue("into")
	page := func(w http.ResponseWriter, r *http.Request, status int, fault error) error {
		return s.comparePage(w, r, status, into, false, fault)
	}
	if r.PostForm.Get("sure") == "" && strings.TrimSpace(r.PostForm.Get("reason")) != "" {
		return s.comparePage(w, r, http.StatusOK, into, true, nil)
	}
	return s.withReason(w, r, page, func(by change.Author) (string, error) {
		from := r.PathValue("id")
		_, err := s.svc.Registry.Merge(r.Context(), by, from, into, number64(r.PostForm.Get("from_version")), number64(r.PostForm.Get("into_version")))
		return "/organisations/" + into + "?done=merged&from=" + url.QueryEscape(from), err
	})
}

func (s *Site) unmergeForm(w http.ResponseWriter, r *http.Request) error {
	return s.unmergePage(w, r, http.StatusOK, nil)
}

func (s *Site) unmergePage(w http.ResponseWriter, r *http.Request, status int, fault error) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	o, err := s.svc.Registry.Org(v.ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	if o.MergedInto == "" {
		return errs.New(errs.Conflict, "registry.not_merged", errs.A{"id": o.ID})
	}
	into, err := s.svc.Registry.Org(v.ctx, o.MergedInto)
	if err != nil {
		return err
	}
	p := FormPage{Page: s.Page(r, v.say("reg.unmerge")), Lead: v.say("reg.unmerge.lead"), Action: r.URL.Path, Hidden: []Hidden{{"version", i64(o.Version)}},
		Button: v.say("reg.unmerge"), Back: Link{v.say("reg.cancel"), "/organisations/" + into.ID}}
	p.Crumbs = []Link{{v.say("reg.organisations"), "/organisations"}, {into.Name(v.l), "/organisations/" + into.ID}}
	p.Answers = []Answer{{v.say("reg.unmerge.back"), o.Name(v.l) + "\n" + o.ID, ""}, {v.say("reg.unmerge.leaves"), into.Name(v.l) + "\n" + into.ID, ""}}
	p.Fields = []Field{reasonField(v.l, r.PostFormValue("reason"))}
	if fault != nil {
		p.Faults = faulty(v.l, p.Fields, listOf(fault))
	}
	return s.RenderStatus(w, r, status, "form", p)
}

func (s *Site) unmerge(w http.ResponseWriter, r *http.Request) error {
	return s.withReason(w, r, s.unmergePage, func(by change.Author) (string, error) {
		o, err := s.svc.Registry.Unmerge(r.Context(), by, r.PathValue("id"), number64(r.PostForm.Get("version")))
		return "/organisations/" + o.ID + "?done=unmerged", err
	})
}
