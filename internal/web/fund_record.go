package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/money"
)

// FundRecordPage asks for an event of a fund, shows it to be checked, and only
// then records it. Where public money would pay before the others, it shows who
// has paid what, and where the ledger says so.
type FundRecordPage struct {
	Page
	Lead    string
	Action  string
	Faults  []FieldError
	Answers []Answer
	Hidden  []Hidden
	Fields  []Field
	Button  string
	Back    Link
	Check   bool
	Proof   FundTable // who has paid what, after a refusal
	Ledger  []Link    // its evidence
}

// fundEventKinds are what can be recorded, in the order of a fund's life.
var fundEventKinds = []string{"commitment", "call", "payment", "distribution", "valuation", "fee", "holding", "exit", "claim"}

// fundDeed is one request for the form of an event.
type fundDeed struct {
	*fundReading
	f       fund.Fund
	kind    string
	sheet   fund.Sheet
	held    []fund.Placed
	calls   []fund.Turn
	parents []fund.Fund // funds that may be investors
	values  url.Values
	faults  errs.List
	rename  map[string]string // places of the room to fields of the form
	notes   map[string]string // how an answer was understood, by field
}

func (s *Site) fundDeed(r *http.Request) (*fundDeed, error) {
	v, err := s.fundReading(r)
	if err != nil {
		return nil, err
	}
	d := &fundDeed{fundReading: v, kind: r.PathValue("kind"), rename: map[string]string{}, notes: map[string]string{}}
	if !slices.Contains(fundEventKinds, d.kind) {
		return nil, errs.New(errs.NotFound, "web.no_page", errs.A{"path": r.URL.Path})
	}
	if d.sheet, err = v.funds.Sheet(v.ctx, v.viewer, r.PathValue("id"), ""); err != nil {
		return nil, err
	}
	d.f = d.sheet.Fund
	var who []fund.Party
	for i := range d.sheet.Members {
		who = append(who, d.sheet.Members[i].Investor)
	}
	switch d.kind {
	case "exit":
		if d.held, err = v.funds.Holdings(v.ctx, v.viewer, d.f.ID, ""); err != nil {
			return nil, err
		}
		for i := range d.held {
			who = append(who, d.held[i].Of)
		}
	case "payment":
		d.calls, err = v.funds.Calls(v.ctx, v.viewer, d.f.ID, "")
	case "commitment":
		d.parents, err = v.funds.Funds(v.ctx, v.viewer, fund.Filter{AtMost: 500})
	}
	if err != nil {
		return nil, err
	}
	return d, v.name(who...)
}

func (s *Site) askFundEvent(w http.ResponseWriter, r *http.Request) error {
	d, err := s.fundDeed(r)
	if err != nil {
		return err
	}
	d.values = url.Values{"key": {db.NewID("form")}, "day": {d.today}, "source_id": {d.f.SourceID}}
	for k := range d.q { // a link may fill in what it knows: the commitment, the call
		if k == "commitment_id" || k == "call_id" || k == "holding_id" {
			d.values.Set(k, clipped(d.q.Get(k)))
		}
	}
	return d.show(w, r, http.StatusOK, false)
}

// doFundEvent takes one step of the form: check the answers, change them, record.
func (s *Site) doFundEvent(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	d, err := s.fundDeed(r)
	if err != nil {
		return err
	}
	d.values = r.PostForm
	step := d.values.Get("step")
	if step == "edit" {
		return d.show(w, r, http.StatusOK, false)
	}
	e, err := d.event()
	if err != nil {
		return err
	}
	if len(d.faults) > 0 {
		return d.show(w, r, statusOf[errs.Invalid], false)
	}
	if step != "do" {
		return d.show(w, r, http.StatusOK, true)
	}
	done, err := d.funds.Record(d.ctx, d.viewer, d.user.Author(""), e)
	switch errs.KindOf(err) {
	case "":
		word := "recorded"
		if done.Repeated {
			word = "repeated"
		}
		http.Redirect(w, r, fundEventPath(done.ID)+"?done="+word, http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.Conflict, errs.NotFound, errs.TooLarge:
		d.faults = listOf(err)
		return d.show(w, r, statusOf[errs.KindOf(err)], false)
	}
	return err
}

// show renders the form, or with check its answers to be checked.
func (d *fundDeed) show(w http.ResponseWriter, r *http.Request, status int, check bool) error {
	at := fundPath(d.f.ID)
	what := d.say("funds.event." + d.kind)
	p := FundRecordPage{Page: d.s.Page(r, d.say("funds.record", errs.A{"event": what})), Lead: d.f.Name.In(d.l), Action: at + "/record/" + d.kind, Check: check, Back: Link{d.say("reg.cancel"), at}, Button: d.say("cases.check")}
	p.Path = p.Action
	p.Crumbs = []Link{{d.say("funds.finance"), "/finance"}, {d.say("funds.title"), "/funds"}, {d.f.Name.In(d.l), at}}
	p.Fields = d.fields()
	if check {
		p.Button = d.say("funds.confirm", errs.A{"event": what})
		for _, f := range p.Fields {
			p.Hidden = append(p.Hidden, Hidden{f.Name, f.Value})
			if f.Value != "" {
				p.Answers = append(p.Answers, Answer{Label: f.Label, Value: d.answer(&f)})
			}
		}
		p.Fields = nil
	}
	d.placed()
	p.Faults = faulty(d.l, p.Fields, d.labelled(d.faults))
	for _, e := range d.faults {
		if e.Key == "fund.pays_last" || e.Key == "fund.order_unknown" {
			p.proof(d)
		}
	}
	return d.s.RenderStatus(w, r, status, "fund_record", p)
}

// answer is what a field holds as a reader understands it.
func (d *fundDeed) answer(f *Field) string {
	if note := d.notes[f.Name]; note != "" {
		return note
	}
	for _, o := range f.Options {
		if o.Value == f.Value {
			return o.Label
		}
	}
	return f.Value
}

// placed points the faults of the room to the fields of the form.
func (d *fundDeed) placed() {
	for i, e := range d.faults {
		for from, to := range d.rename {
			if e.Field == from || strings.HasPrefix(e.Field, from+"/") {
				c := *e
				d.faults[i] = c.At("/" + to)
			}
		}
	}
}

// proof sets who has paid which part of what he committed, and where the books
// say so.
func (p *FundRecordPage) proof(d *fundDeed) {
	d.choose(d.sheet.Committed)
	p.Proof = d.fundTable("proof", d.say("funds.proof"), "investor", "nature", "committed¥", "paid¥", "paid_part#")
	for i := range d.sheet.Members {
		m := &d.sheet.Members[i]
		part := ""
		if m.Committed != nil {
			part = partOf(m.Paid, *m.Committed)
		}
		p.Proof.row(fundLink(d.party(m.Investor)), fundText(d.fundWord("nature", orElse(string(m.Nature), "unknown"))), d.moneyCell(m.Committed), d.moneyCell(&m.Paid), FundCell{Text: part})
	}
	if d.s.svc.Ledger != nil {
		p.Ledger = []Link{{d.say("funds.proof.paid"), accountPath("fund:" + d.f.ID + ":paid")}, {d.say("funds.proof.committed"), accountPath("fund:" + d.f.ID + ":commitment")}, {d.say("funds.proof.acts"), bookPath("fund:"+d.f.ID) + "/acts"}}
	}
}

func partOf(of, total money.Fen) string {
	if total == 0 {
		return "—"
	}
	return fundPercent(float64(of) / float64(total) * 100)
}

// fields are the questions of the kind.
func (d *fundDeed) fields() []Field {
	var out []Field
	text := func(name, hint string, optional bool) {
		f := Field{Name: name, Label: d.say("funds.f." + name), Kind: "text", Value: d.values.Get(name), Optional: optional}
		if hint != "" {
			f.Hint = d.say("funds.hint." + hint)
		}
		out = append(out, f)
	}
	date := func(name, hint string) {
		out = append(out, Field{Name: name, Label: d.say("funds.f." + name), Kind: "date", Value: d.values.Get(name), Hint: d.say("funds.hint." + hint)})
	}
	pick := func(name string, optional bool, options []Option) {
		first := Option{Label: d.say("reg.choose")}
		if optional {
			first.Label = d.say("funds.none_chosen")
		}
		f := Field{Name: name, Label: d.say("funds.f." + name), Kind: "select", Value: d.values.Get(name), Optional: optional, Options: append([]Option{first}, options...)}
		for i := range f.Options {
			f.Options[i].Selected = f.Options[i].Value == f.Value
		}
		out = append(out, f)
	}
	listed := func(group string, values ...string) []Option {
		var o []Option
		for _, x := range values {
			o = append(o, Option{Value: x, Label: d.fundWord(group, x)})
		}
		return o
	}
	switch d.kind {
	case "commitment":
		text("investor", "investor", true)
		out[0].Optional, out[0].Either = false, true
		pick("investor_fund", true, d.fundOptions())
		pick("nature", true, listed("nature", "public", "social"))
		text("amount", "amount_unknown", true)
	case "call":
		date("due_on", "due_on")
		text("purpose", "", true)
		text("total", "total", true)
		d.each(&out, "due", "due_each")
	case "payment":
		pick("commitment_id", false, d.memberOptions())
		pick("call_id", true, d.callOptions())
		text("amount", "amount", false)
	case "distribution":
		text("purpose", "", true)
		text("total", "total_paid", true)
		d.each(&out, "share", "share_each")
	case "valuation":
		text("amount", "nav", false)
		pick("basis", false, listed("basis", "audited", "reported", "estimated"))
	case "fee":
		pick("for", false, listed("fee", "management", "performance", "custody", "other"))
		text("amount", "amount", false)
	case "holding":
		text("company", "company", false)
		text("share_ppm", "share", true)
		text("amount", "amount_unknown", true)
		text("round", "round", true)
		text("evidence", "evidence", true)
	case "exit":
		pick("holding_id", false, d.holdingOptions())
		text("proceeds", "proceeds", false)
	case "claim":
		text("deal", "deal", false)
		text("company", "company", false)
		text("route", "route", false)
		text("amount", "amount", false)
		text("evidence", "claim_evidence", true)
	}
	date("day", "day")
	source := d.sourceField(d.values.Get("source_id"))
	source.Value = d.values.Get("source_id")
	out = append(out, source)
	text("note", "", true)
	text("key", "event_key", false)
	return out
}

// each asks for an amount for each investor, of a distribution also for what
// may be called again.
func (d *fundDeed) each(out *[]Field, prefix, hint string) {
	for i := range d.sheet.Members {
		m := &d.sheet.Members[i]
		name := prefix + "-" + strconv.Itoa(i)
		left := d.say("web.unknown")
		if m.Unfunded != nil {
			left = d.exact(*m.Unfunded)
		}
		*out = append(*out, Field{Name: name, Label: d.say("funds.f."+prefix, errs.A{"investor": d.party(m.Investor).Text}), Kind: "text", Value: d.values.Get(name), Optional: true,
			Hint: d.say("funds.hint."+hint, errs.A{"left": left, "paid": d.exact(m.Paid)})})
		if prefix == "share" {
			again := "again-" + strconv.Itoa(i)
			*out = append(*out, Field{Name: again, Label: d.say("funds.f.again", errs.A{"investor": d.party(m.Investor).Text}), Kind: "text", Value: d.values.Get(again), Optional: true})
		}
	}
}

func (d *fundDeed) fundOptions() []Option {
	var o []Option
	for i := range d.parents {
		if f := &d.parents[i]; f.ID != d.f.ID {
			o = append(o, Option{Value: f.ID, Label: f.Name.In(d.l)})
		}
	}
	slices.SortFunc(o, func(a, b Option) int { return strings.Compare(a.Label, b.Label) })
	return o
}

func (d *fundDeed) memberOptions() []Option {
	var o []Option
	for i := range d.sheet.Members {
		m := &d.sheet.Members[i]
		left := d.say("web.unknown")
		if m.Unfunded != nil {
			left = d.exact(*m.Unfunded)
		}
		o = append(o, Option{Value: m.CommitmentID, Label: d.say("funds.member_option", errs.A{"investor": d.party(m.Investor).Text, "left": left})})
	}
	return o
}

func (d *fundDeed) callOptions() []Option {
	var o []Option
	for _, c := range d.calls {
		o = append(o, Option{Value: c.ID, Label: d.say("funds.call_option", errs.A{"n": c.Number, "due": c.DueOn, "left": d.exact(c.Total - c.Paid)})})
	}
	return o
}

func (d *fundDeed) holdingOptions() []Option {
	var o []Option
	for i := range d.held {
		if h := &d.held[i]; h.To == "" {
			o = append(o, Option{Value: h.ID, Label: d.say("funds.holding_option", errs.A{"company": d.party(h.Of).Text, "from": h.From})})
		}
	}
	return o
}

func (d *fundDeed) fault(field, key string, args errs.A) {
	d.faults = append(d.faults, errs.New(errs.Invalid, key, args).At("/"+field))
}

// amount reads money: yuan, or with 万 or 亿 behind it. nil when the field is
// empty.
func (d *fundDeed) amount(field string) *money.Fen {
	text := trim(d.values, field)
	if text == "" {
		return nil
	}
	f, err := parseFen(text)
	if err != nil {
		d.fault(field, "funds.bad_money", errs.A{"value": clipped(text)})
		return nil
	}
	d.notes[field] = d.exact(f)
	return &f
}

func (d *fundDeed) needed(field string) money.Fen {
	f := d.amount(field)
	if f == nil {
		if trim(d.values, field) == "" {
			d.fault(field, "fund.required", errs.A{"field": field})
		}
		return 1 // the form is shown again; it is never recorded
	}
	return *f
}

// parseFen reads an amount as people write it: "1200000", "1,200,000.50",
// "120万", "1.2亿元". A part of a fen is refused.
func parseFen(text string) (money.Fen, error) {
	s := strings.NewReplacer(",", "", "，", "", " ", "", "¥", "", "￥", "").Replace(strings.TrimSpace(text))
	s = strings.TrimSuffix(s, "元")
	digits := 2 // of a fen behind the point
	if rest, ok := strings.CutSuffix(s, "万"); ok {
		s, digits = rest, 6
	} else if rest, ok := strings.CutSuffix(s, "亿"); ok {
		s, digits = rest, 10
	}
	whole, frac, _ := strings.Cut(s, ".")
	bad := errs.New(errs.Invalid, "money.bad_amount", errs.A{"text": clipped(text)})
	if whole == "" || len(whole) > 18 || len(frac) > digits || strings.Trim(whole+frac, "0123456789") != "" {
		return 0, bad
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", digits-len(frac)), 10, 64)
	if err != nil {
		return 0, bad
	}
	return money.Fen(n), nil
}

// event reads the form; what cannot be read is left in faults.
func (d *fundDeed) event() (fund.Event, error) {
	h := fund.Head{FundID: d.f.ID, Key: trim(d.values, "key"), Day: trim(d.values, "day"), SourceID: d.values.Get("source_id"), Note: trim(d.values, "note")}
	for _, x := range []struct{ field, value string }{{"day", h.Day}, {"source_id", h.SourceID}, {"key", h.Key}} {
		if x.value == "" {
			d.fault(x.field, "fund.required", errs.A{"field": x.field})
		}
	}
	get := func(name string) string { return trim(d.values, name) }
	must := func(name string) string {
		if get(name) == "" {
			d.fault(name, "fund.required", errs.A{"field": name})
		}
		return get(name)
	}
	switch d.kind {
	case "commitment":
		p, err := d.investor()
		return &fund.Commitment{Head: h, Investor: p, Nature: lookthrough.Nature(get("nature")), Amount: d.amount("amount")}, err
	case "call":
		return d.call(h, must("due_on")), nil
	case "payment":
		return &fund.Payment{Head: h, CommitmentID: must("commitment_id"), CallID: get("call_id"), Amount: d.needed("amount")}, nil
	case "distribution":
		return d.distribution(h), nil
	case "valuation":
		n := d.needed("amount")
		return &fund.Valuation{Head: h, Amount: &n, Basis: fund.Basis(must("basis"))}, nil
	case "fee":
		return &fund.Fee{Head: h, For: fund.FeeKind(must("for")), Amount: d.needed("amount")}, nil
	case "holding":
		p, err := d.company(must("company"))
		d.rename["/org_id"] = "company"
		return &fund.Holding{Head: h, OrgID: p.OrgID, Company: p.Name, SharePPM: d.ppm("share_ppm"), Amount: d.amount("amount"), Round: get("round"), Evidence: get("evidence")}, err
	case "exit":
		n := d.needed("proceeds")
		return &fund.Exit{Head: h, HoldingID: must("holding_id"), Proceeds: &n}, nil
	}
	p, err := d.company(must("company"))
	d.rename["/org_id"] = "company"
	return &fund.Claim{Head: h, Deal: must("deal"), OrgID: p.OrgID, Company: p.Name, Route: must("route"), Evidence: get("evidence"), Amount: d.needed("amount")}, err
}

// investor is the one that a form of a commitment names, in one of two ways.
func (d *fundDeed) investor() (fund.Party, error) {
	text, of := trim(d.values, "investor"), d.values.Get("investor_fund")
	switch {
	case (text == "") == (of == ""):
		d.fault("investor", "fund.party", nil)
		return fund.Party{}, nil
	case of != "":
		return fund.Party{FundID: of}, nil
	}
	return d.understood("investor", text)
}

func (d *fundDeed) company(text string) (fund.Party, error) {
	if text == "" {
		return fund.Party{}, nil
	}
	return d.understood("company", text)
}

// understood finds an organisation and notes, for the check, how.
func (d *fundDeed) understood(field, text string) (fund.Party, error) {
	p, fault, err := d.findOrg(field, text)
	if err != nil {
		return p, err
	}
	if fault != nil {
		d.faults = append(d.faults, fault)
		return p, nil
	}
	d.notes[field] = d.say("funds.name_alone", errs.A{"name": text})
	if p.OrgID != "" {
		if err := d.name(p); err != nil {
			return p, err
		}
		d.notes[field] = d.say("funds.registered", errs.A{"name": d.party(p).Text, "id": p.OrgID})
	}
	return p, nil
}

// ppm reads a percentage.
func (d *fundDeed) ppm(field string) *int64 {
	text := strings.TrimSuffix(strings.TrimSuffix(trim(d.values, field), "%"), "％")
	if text == "" {
		return nil
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(x >= 0 && x <= 100) {
		d.fault(field, "funds.bad_share", errs.A{"value": clipped(text)})
		return nil
	}
	n := int64(x*10_000 + 0.5)
	d.notes[field] = sharePPM(&n)
	return &n
}

func (d *fundDeed) call(h fund.Head, dueOn string) *fund.Call {
	c := &fund.Call{Head: h, DueOn: dueOn, Purpose: trim(d.values, "purpose"), Total: d.amount("total")}
	for i := range d.sheet.Members {
		if a := d.amount("due-" + strconv.Itoa(i)); a != nil {
			d.rename["/dues/"+strconv.Itoa(len(c.Dues))] = "due-" + strconv.Itoa(i)
			c.Dues = append(c.Dues, fund.Due{CommitmentID: d.sheet.Members[i].CommitmentID, Amount: *a})
		}
	}
	d.either(c.Total, len(c.Dues), "due")
	return c
}

func (d *fundDeed) distribution(h fund.Head) *fund.Distribution {
	x := &fund.Distribution{Head: h, Purpose: trim(d.values, "purpose"), Total: d.amount("total")}
	for i := range d.sheet.Members {
		n := strconv.Itoa(i)
		a, again := d.amount("share-"+n), d.amount("again-"+n)
		if a == nil && again != nil {
			d.fault("share-"+n, "fund.required", errs.A{"field": d.say("funds.f.share", errs.A{"investor": d.party(d.sheet.Members[i].Investor).Text})})
		}
		if a == nil {
			continue
		}
		r := fund.Received{CommitmentID: d.sheet.Members[i].CommitmentID, Amount: *a, Recallable: fenOf(again)}
		d.rename["/shares/"+strconv.Itoa(len(x.Shares))] = "share-" + n
		x.Shares = append(x.Shares, r)
	}
	d.either(x.Total, len(x.Shares), "share")
	return x
}

// either holds that a total is given or parts, and not both.
func (d *fundDeed) either(total *money.Fen, parts int, prefix string) {
	if len(d.faults) > 0 {
		return
	}
	each := d.say("funds.f."+prefix, errs.A{"investor": d.say("funds.each_investor")})
	switch {
	case total != nil && parts > 0:
		d.fault("total", "fund.either", errs.A{"one": d.say("funds.f.total"), "other": each})
	case total == nil && parts == 0:
		d.fault("total", "funds.total_or_parts", errs.A{"one": d.say("funds.f.total"), "other": each})
	}
}
