package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

// newFund asks for a new fund.
func (s *Site) newFund(w http.ResponseWriter, r *http.Request) error {
	v, err := s.fundReading(r)
	if err != nil {
		return err
	}
	values := url.Values{"level": {string(level.Internal)}, "status": {string(fund.Investing)}, "token": {db.NewID("fund")}}
	return v.fundForm(w, r, http.StatusOK, nil, values, nil)
}

func (s *Site) editFund(w http.ResponseWriter, r *http.Request) error {
	v, err := s.fundReading(r)
	if err != nil {
		return err
	}
	f, err := v.funds.Fund(v.ctx, v.viewer, r.PathValue("id"))
	if err != nil {
		return err
	}
	return v.fundForm(w, r, http.StatusOK, &f, fundValues(&f), nil)
}

// fundValues is a fund as its form holds it.
func fundValues(f *fund.Fund) url.Values {
	q := url.Values{"name_zh": {f.Name.ZH}, "name_en": {f.Name.EN}, "kind": {string(f.Kind)}, "status": {string(f.Status)}, "org_id": {f.OrgID}, "manager_id": {f.ManagerID},
		"level": {string(f.Level)}, "note": {f.Note}, "source_id": {f.SourceID}, "key": {f.Key}, "version": {i64(f.Version)}}
	if f.Vintage != 0 {
		q.Set("vintage", strconv.Itoa(f.Vintage))
	}
	if f.PaysLast {
		q.Set("pays_last", "yes")
	}
	return q
}

// fundForm shows the form; of is nil for a new fund.
func (v *fundReading) fundForm(w http.ResponseWriter, r *http.Request, status int, of *fund.Fund, q url.Values, faults errs.List) error {
	p := FormPage{Page: v.s.Page(r, v.say("funds.new")), Lead: v.say("funds.form_lead"), Action: "/funds", Button: v.say("funds.new"), Back: Link{v.say("reg.cancel"), "/funds"},
		Hidden: []Hidden{{"token", q.Get("token")}, {"version", q.Get("version")}}}
	p.Crumbs = []Link{{v.say("funds.finance"), "/finance"}, {v.say("funds.title"), "/funds"}}
	if of != nil {
		at := fundPath(of.ID)
		p.Title, p.Action, p.Button, p.Back = v.say("funds.edit_of", errs.A{"name": of.Name.In(v.l)}), at+"/edit", v.say("reg.save"), Link{v.say("reg.cancel"), at}
		p.Crumbs = append(p.Crumbs, Link{of.Name.In(v.l), at})
	}
	p.Path = p.Action
	p.Fields = v.fundFields(q)
	p.Faults = faulty(v.l, p.Fields, v.labelled(faults))
	return v.s.RenderStatus(w, r, status, "form", p)
}

func (v *fundReading) fundFields(q url.Values) []Field {
	text := func(name string, optional bool, hint string) Field {
		f := Field{Name: name, Label: v.say("funds.f." + name), Kind: "text", Value: q.Get(name), Optional: optional}
		if hint != "" {
			f.Hint = v.say("funds.hint." + hint)
		}
		return f
	}
	pick := func(name, kind string, values ...string) Field {
		f := Field{Name: name, Label: v.say("funds.f." + name), Kind: kind}
		if kind == "select" && q.Get(name) == "" {
			f.Options = []Option{{Label: v.say("reg.choose")}}
		}
		for _, x := range values {
			o := Option{Value: x, Label: v.fundWord(name, x), Selected: q.Get(name) == x}
			if name == "level" {
				o.Label, o.Hint = marketTerm(v.l, "level", x), v.say("market.level_means."+x)
			}
			f.Options = append(f.Options, o)
		}
		return f
	}
	name := text("name_zh", true, "")
	name.Optional, name.Either = false, true
	return []Field{name, text("name_en", true, "name_en"), pick("kind", "select", fundWords(fundKinds)...), pick("status", "select", fundWords(fundStatuses)...), text("vintage", true, "year"),
		{Name: "pays_last", Label: v.say("funds.f.pays_last"), Kind: "check", Optional: true, Options: []Option{{Value: "yes", Label: v.say("funds.pays_last.yes"), Hint: v.say("funds.hint.pays_last"), Selected: q.Get("pays_last") == "yes"}}},
		text("manager_id", true, "org"), text("org_id", true, "org"), pick("level", "radio", fundWords(level.Levels)...), v.sourceField(q.Get("source_id")), text("key", true, "fund_key"),
		{Name: "note", Label: v.say("funds.f.note"), Kind: "area", Rows: 3, Value: q.Get("note"), Optional: true}, {Name: "reason", Label: v.say("reg.edit.reason"), Kind: "text", Value: q.Get("reason"), Optional: true, Hint: v.say("reg.reason_hint")}}
}

func fundWords[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return out
}

// saveFund writes a new fund, or the one that the address names.
func (s *Site) saveFund(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	v, err := s.fundReading(r)
	if err != nil {
		return err
	}
	q := r.PostForm
	var of *fund.Fund
	var f fund.Fund
	if id := r.PathValue("id"); id != "" {
		if f, err = v.funds.Fund(v.ctx, v.viewer, id); err != nil {
			return err
		}
		now := f
		of, f.Version = &now, max(number64(q.Get("version")), 1)
	}
	faults, err := v.readFund(q, &f)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return v.fundForm(w, r, statusOf[errs.Invalid], of, q, faults)
	}
	token := trim(q, "token")
	if of == nil && f.Key == "" {
		f.Key = token
	}
	saved, err := v.funds.Save(v.ctx, v.viewer, v.user.Author(trim(q, "reason")), f)
	switch e := errs.Of(err); errs.KindOf(err) {
	case "":
		done := "saved"
		if of == nil {
			done = "created"
		}
		http.Redirect(w, r, fundPath(saved.ID)+"?done="+done, http.StatusSeeOther)
		return nil
	case errs.Conflict:
		if of == nil && e != nil && e.Key == "fund.taken" && f.Key == token { // the same form again
			http.Redirect(w, r, fundPath(db.DerivedID("fund", token))+"?done=created", http.StatusSeeOther)
			return nil
		}
		return v.fundForm(w, r, statusOf[errs.Conflict], of, q, listOf(err))
	case errs.Invalid:
		return v.fundForm(w, r, statusOf[errs.Invalid], of, q, listOf(err))
	case errs.Precondition: // what is stored now stays until the writer has seen that it changed
		q.Set("version", i64(of.Version))
		return v.fundForm(w, r, http.StatusConflict, of, q, v.stale(of, q))
	}
	return err
}

// stale says on which questions what is stored now differs from the form.
func (v *fundReading) stale(of *fund.Fund, mine url.Values) errs.List {
	theirs := fundValues(of)
	out := errs.List{errs.New(errs.Precondition, "funds.stale", errs.A{"who": v.actor(of.UpdatedBy)})}
	for _, f := range v.fundFields(mine) {
		if f.Name == "reason" || trim(mine, f.Name) == theirs.Get(f.Name) {
			continue
		}
		out = append(out, errs.New(errs.Precondition, "funds.stale_field", errs.A{"field": f.Label, "value": orElse(theirs.Get(f.Name), "—")}).At("/"+f.Name))
	}
	return out
}

// readFund reads the form into f and returns what cannot be read.
func (v *fundReading) readFund(q url.Values, f *fund.Fund) (errs.List, error) {
	var faults errs.List
	f.Name.ZH, f.Name.EN = trim(q, "name_zh"), trim(q, "name_en")
	f.Kind, f.Status, f.Level = fund.Kind(q.Get("kind")), fund.Status(q.Get("status")), level.Level(q.Get("level"))
	f.PaysLast, f.Note, f.SourceID = q.Get("pays_last") == "yes", trim(q, "note"), q.Get("source_id")
	if key := trim(q, "key"); key != "" || f.Version == 0 {
		f.Key = key
	}
	if f.Name.IsZero() {
		faults = append(faults, errs.New(errs.Invalid, "fund.required", errs.A{"field": v.say("funds.f.name_zh")}).At("/name_zh"))
	}
	for _, x := range []struct{ name, value string }{{"kind", string(f.Kind)}, {"source_id", f.SourceID}} {
		if x.value == "" {
			faults = append(faults, errs.New(errs.Invalid, "fund.required", errs.A{"field": x.name}).At("/"+x.name))
		}
	}
	f.Vintage = 0
	if year := trim(q, "vintage"); year != "" {
		n, err := strconv.Atoi(year)
		if err != nil {
			faults = append(faults, errs.New(errs.Invalid, "fund.year", errs.A{"value": clipped(year)}).At("/vintage"))
		}
		f.Vintage = n
	}
	for name, to := range map[string]*string{"org_id": &f.OrgID, "manager_id": &f.ManagerID} {
		p, fault, err := v.findOrg(name, trim(q, name))
		if err != nil {
			return nil, err
		}
		if fault == nil && p.Name != "" {
			fault = errs.New(errs.Invalid, "funds.no_org", errs.A{"name": clipped(p.Name)}).At("/" + name)
		}
		if fault != nil {
			faults = append(faults, fault)
			continue
		}
		*to = p.OrgID
	}
	return faults, nil
}

// findOrg reads what a writer calls an organisation: its id, or its name. A
// name that several have is a fault; one that nobody has stays a name.
func (v *fundReading) findOrg(field, text string) (fund.Party, *errs.Error, error) {
	if text == "" {
		return fund.Party{}, nil, nil
	}
	refs, err := v.s.svc.Registry.Refs(v.ctx, []string{text})
	if err != nil {
		return fund.Party{}, nil, err
	}
	if r, ok := refs[text]; ok && r.Kind == registry.KindOrg {
		return fund.Party{OrgID: r.ID}, nil, nil
	}
	got, err := v.s.svc.Registry.Orgs(v.ctx, registry.OrgFilter{Query: text, Page: registry.Page{Limit: 50}})
	if errs.KindOf(err) == errs.Invalid {
		return fund.Party{Name: text}, nil, nil // no name of the registry has such characters
	}
	if err != nil {
		return fund.Party{}, nil, err
	}
	var ids []string
	for i := range got.Items {
		o := &got.Items[i]
		if v.closed(o.SourceID) {
			continue
		}
		for _, n := range o.Names {
			if strings.EqualFold(n.Text, text) {
				ids = append(ids, o.ID)
				break
			}
		}
	}
	switch len(ids) {
	case 0:
		return fund.Party{Name: text}, nil, nil
	case 1:
		return fund.Party{OrgID: ids[0]}, nil, nil
	}
	return fund.Party{}, errs.New(errs.Invalid, "funds.many_orgs", errs.A{"name": clipped(text), "ids": strings.Join(ids, ", ")}).At("/" + field), nil
}
