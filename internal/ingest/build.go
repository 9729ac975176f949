package ingest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

func isoDay(part []string) (string, bool) {
	iso, layout := part[0], "2006"
	for _, p := range part[1:] {
		if p == "" {
			break
		}
		iso += fmt.Sprintf("-%02s", p)
		layout += map[string]string{"2006": "-01", "2006-01": "-02"}[layout]
	}
	_, err := time.Parse(layout, iso)
	return iso, err == nil
}

// orgKinds are Chinese words for kinds; the codes themselves are understood
// too. The longest word that stands in the cell decides.
var orgKinds = map[string]registry.OrgKind{
	"企业": registry.Enterprise, "公司": registry.Enterprise, "高校": registry.University, "大学": registry.University, "院校": registry.University,
	"科研院所": registry.Institute, "研究所": registry.Institute, "研究院": registry.Institute, "科研机构": registry.Institute, "研发机构": registry.Institute,
	"国家实验室": registry.NationalLaboratory, "技术创新中心": registry.InnovationCentre, "大科学装置": registry.MajorFacility, "科学设施": registry.MajorFacility,
	"转移机构": registry.TransferBody, "转化机构": registry.TransferBody, "基金管理": registry.FundManager, "银行": registry.Bank, "园区": registry.ParkOperator,
	"政府": registry.Government, "机关": registry.Government, "医院": registry.Hospital, "医疗机构": registry.Hospital, "社会组织": registry.Nonprofit, "协会": registry.Nonprofit,
	"社会团体": registry.Nonprofit, "民办非企业": registry.Nonprofit, "档案馆": registry.Archive, "其他": registry.OtherOrg, "事业单位": registry.OtherOrg,
	"company": registry.Enterprise, "education": registry.University, "healthcare": registry.Hospital, "facility": registry.Institute,
}

func orgKind(r *record) registry.OrgKind {
	text := strings.ToLower(r.get("kind"))
	if text == "" || slices.Contains(registry.OrgKinds, registry.OrgKind(text)) {
		return registry.OrgKind(text)
	}
	best := ""
	for word := range orgKinds {
		if strings.Contains(text, word) && (len(word) > len(best) || len(word) == len(best) && word < best) {
			best = word
		}
	}
	if best == "" {
		r.bad("ingest.unknown_kind", "kind", errs.A{"value": r.get("kind")})
	}
	return orgKinds[best]
}

// buildOrg makes an organisation of a row. A row that names a registered one,
// by ROR id, key or 统一社会信用代码, changes what it states and leaves the rest.
func buildOrg(b *builder, r *record) {
	o := registry.Org{Kind: orgKind(r), Names: namesOf(r), Website: r.get("website"), Established: r.day("established"), Closed: r.day("closed"),
		Status: registry.Status(r.get("status")), Evidence: r.get("evidence"),
		Place: registry.Place{Country: strings.ToUpper(r.get("country")), Division: b.division(r), City: r.get("city")}}
	if o.Place.Country == "" && o.Place.Division != "" {
		o.Place.Country = "CN"
	}
	b.orgID(r, &o)
	o.SourceID = b.source(r)
	if r.key = r.get("key"); r.key != "" {
		r.key = "org:" + r.key
	}
	if len(r.faults) > 0 {
		return
	}
	if old := b.org(o.ID); old != nil {
		o = overlay(*old, o)
	} else if o.Kind == "" {
		o.Kind = guessKind(o.Names)
	}
	r.result, r.id = o, o.ID
}

// orgID finds the id of a row's organisation, and its identifiers.
func (b *builder) orgID(r *record, o *registry.Org) {
	for _, f := range []struct {
		name   string
		scheme identifier.Scheme
	}{{"ror", identifier.ROR}, {"uscc", identifier.USCC}} {
		text := r.get(f.name)
		if text == "" {
			continue
		}
		v, err := identifier.Parse(f.scheme, text)
		if err != nil {
			r.faults = append(r.faults, errs.Of(err).At(r.heading(f.name)))
			continue
		}
		o.Identifiers = append(o.Identifiers, registry.Identifier{Scheme: f.scheme, Value: v})
		if o.ID == "" {
			o.ID = b.heldBy(f.scheme, v)
		}
	}
	switch key := r.get("key"); {
	case o.ID != "":
	case key != "":
		id, err := b.byKey("org", key)
		if err != nil {
			b.fail(err)
		}
		o.ID = id
	case len(o.Names) > 0:
		o.ID = db.DerivedID("org", "table", b.source(r), fold.Name(o.Names[0].Text))
	}
}

// heldBy is the organisation that holds an identifier, or the id that it gives.
func (b *builder) heldBy(scheme identifier.Scheme, value string) string {
	found, err := registry.IDsByIdentifier(b.ctx, b.j.s.d, scheme, []string{value})
	if err != nil {
		b.fail(err)
	}
	return cmp.Or(found[value], db.DerivedID("org", string(scheme), value))
}

// overlay puts what a row states over a record.
func overlay(old, row registry.Org) registry.Org {
	out := keep(old, row)
	for _, p := range []struct{ to, from *string }{
		{&out.Website, &row.Website}, {&out.Established, &row.Established}, {&out.Closed, &row.Closed}, {&out.Evidence, &row.Evidence},
		{&out.Place.Country, &row.Place.Country}, {&out.Place.Division, &row.Place.Division}, {&out.Place.City, &row.Place.City},
		{(*string)(&out.Kind), (*string)(&row.Kind)}, {(*string)(&out.Status), (*string)(&row.Status)},
	} {
		if *p.from != "" {
			*p.to = *p.from
		}
	}
	out.SourceID = row.SourceID
	return out
}

// guessKind reads the kind off the end of a name where that leaves no doubt.
func guessKind(names []registry.Name) registry.OrgKind {
	for _, n := range names {
		for _, end := range []struct {
			text string
			kind registry.OrgKind
		}{{"有限公司", registry.Enterprise}, {"股份公司", registry.Enterprise}, {"集团", registry.Enterprise}, {"大学", registry.University}, {"学院", registry.University},
			{"医院", registry.Hospital}, {"研究院", registry.Institute}, {"研究所", registry.Institute}, {"银行", registry.Bank}} {
			if strings.HasSuffix(n.Text, end.text) {
				return end.kind
			}
		}
	}
	return registry.OtherOrg
}

func note(r *record) i18n.Text { return i18n.Text{ZH: r.get("note_zh"), EN: r.get("note_en")} }

// evidenceStatus: what rests on a document is verified, what rests on common
// knowledge is not.
func evidenceStatus(evidence string) string {
	if evidence == "" || strings.Contains(evidence, "unverified") || strings.Contains(evidence, "待核") {
		return registry.Unverified
	}
	return registry.Verified
}

// rowKey is a row's own key, or one made of its name.
func rowKey(b *builder, r *record, kind string, names []registry.Name) string {
	if key := r.get("key"); key != "" || len(names) == 0 {
		return key
	}
	return db.DerivedID("key", kind, b.source(r), fold.Name(names[0].Text))
}

func buildPlatform(b *builder, r *record) {
	p := registry.Platform{Names: namesOf(r), Class: r.get("class"), Group: r.get("group"), Level: r.get("level"),
		Field: i18n.Text{ZH: r.get("field_zh"), EN: r.get("field_en")}, Division: b.division(r), OrgID: b.ref(r, "organisation", r.get("organisation")),
		HostText: r.get("host_text"), Status: evidenceStatus(r.get("evidence")), Established: r.day("established"), Website: r.get("website"),
		Note: note(r), Evidence: r.get("evidence"), SourceID: b.source(r)}
	p.Key = rowKey(b, r, "platform", p.Names)
	for _, h := range r.list("host") {
		if id := b.ref(r, "host", h); id != "" {
			p.HostIDs = append(p.HostIDs, id)
		}
	}
	r.result, r.id = p, "platform:"+p.Key
}

func buildPark(b *builder, r *record) {
	p := registry.Park{Names: namesOf(r), Class: r.get("kind"), Level: r.get("level"), Division: b.division(r),
		OrgID: b.ref(r, "operator", r.get("operator")), Status: evidenceStatus(r.get("evidence")), Established: r.day("established"),
		Website: r.get("website"), Note: note(r), Evidence: r.get("evidence"), SourceID: b.source(r)}
	p.Key = rowKey(b, r, "park", p.Names)
	r.result, r.id = p, "park:"+p.Key
}

// buildPerson makes a person of a row; without ORCID or key, people of one name
// at one organisation in one source are one.
func buildPerson(b *builder, r *record) {
	p := registry.Person{Names: namesOf(r), Evidence: r.get("evidence"), SourceID: b.source(r)}
	if text := r.get("orcid"); text != "" {
		v, err := identifier.Parse(identifier.ORCID, text)
		if err != nil {
			r.faults = append(r.faults, errs.Of(err).At(r.heading("orcid")))
		}
		p.ORCID = v
	}
	org := b.ref(r, "organisation", r.get("organisation"))
	switch key := r.get("key"); {
	case p.ORCID != "":
		p.ID = db.DerivedID("person", "orcid", p.ORCID)
	case key != "":
		p.ID, r.key = keyedID("person", key), "person:"+key
	case len(p.Names) > 0:
		p.ID = db.DerivedID("person", "table", b.source(r), fold.Name(p.Names[0].Text), org)
	}
	if org != "" {
		r.also = []registry.Relation{{From: org, Kind: registry.Member, To: p.ID, SourceID: p.SourceID, Evidence: p.Evidence}}
	}
	r.result, r.id = p, p.ID
}

func buildPaper(b *builder, r *record) {
	p := registry.Paper{Title: cleanText(r.get("title"), 1000), Lang: r.get("lang"), Year: r.whole("year", 1000, 9999), Month: r.whole("month", 1, 12),
		CLC: r.get("clc"), Keywords: keywords(r.get("keywords")), Funding: funding(r.get("funding")), Evidence: r.get("evidence"), SourceID: b.source(r)}
	if text := r.get("doi"); text != "" {
		v, err := identifier.Parse(identifier.DOI, text)
		if err != nil {
			r.faults = append(r.faults, errs.Of(err).At(r.heading("doi")))
		}
		p.DOI = v
	}
	switch key := r.get("key"); {
	case p.DOI != "":
		p.Key = "doi:" + p.DOI
	case key != "":
		p.Key = "table:" + p.SourceID + ":" + key
	default:
		p.Key = "table:" + db.DerivedID("key", p.SourceID, fold.Name(p.Title), strconv.Itoa(p.Year))
	}
	for _, a := range r.list("affiliations") {
		p.Affiliations = append(p.Affiliations, registry.Affiliation{Raw: cleanText(a, 300)})
	}
	if len(p.Affiliations) > 0 && len(r.faults) == 0 {
		index, err := b.j.s.reg.Resolver(b.ctx)
		if err != nil {
			b.fail(err)
			return
		}
		resolveAll(index, &p)
	}
	r.result, r.id = p, p.Key
}

// whole reads a whole number within bounds; 0 is unknown.
func (r *record) whole(name string, least, most int) int {
	text := strings.TrimSuffix(r.get(name), "年")
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		r.bad("ingest.bad_number", name, errs.A{"value": text})
		return 0
	}
	return n
}

// buildReported makes a reported value; a table that states only value, unit
// and year is understood too.
func buildReported(b *builder, r *record) {
	v, err := observatory.ParseReported(func(column string) string {
		text := r.get(column)
		switch column {
		case "value", "high", "step":
			return strings.NewReplacer(",", "", "，", "", "%", "").Replace(text)
		case "unit":
			if text == "" && strings.HasSuffix(r.get("value"), "%") {
				return string(quantity.Percent)
			}
		case "bound":
			return cmp.Or(text, string(quantity.Exact))
		case "period_kind":
			return cmp.Or(text, string(quantity.NoPeriod))
		case "period_start", "period_end":
			if d := r.day(column); d != "" {
				return d
			}
		case "source_id":
			return b.source(r)
		}
		return text
	})
	r.observed(err)
	r.result, r.id = v, "reported:"+v.Key()
}

// observed takes the faults of an observatory row, under the row's headings.
func (r *record) observed(err error) {
	if err == nil {
		return
	}
	for _, e := range faultsOf(err) {
		r.faults = append(r.faults, e.At(r.heading(strings.TrimPrefix(e.Field, "/"))))
	}
}

func buildSuperlative(b *builder, r *record) {
	v, err := observatory.ParseSuperlative(func(column string) string {
		switch column {
		case "note":
			return r.get("note_zh")
		case "source_id":
			return b.source(r)
		}
		return r.get(column)
	})
	r.observed(err)
	r.result, r.id = v, "superlative:"+v.ID
}

// awardFigures are the figures that a row of awards states.
var awardFigures = regexp.MustCompile(`^(china|guangdong|guangzhou)$`)

// buildAward makes the reported values of a row of the awards table: one for
// all awards with a unit of the place, one for those it led.
func buildAward(b *builder, r *record) {
	scope, award, edition := r.get("scope"), r.get("award"), r.whole("edition", 1900, 2200)
	if !awardFigures.MatchString(scope) {
		r.bad("ingest.unknown_kind", "scope", errs.A{"value": scope})
		return
	}
	base := map[string]string{"china": "awards.national"}[scope]
	if base == "" {
		base = "awards." + scope
	}
	if award != "total" {
		base += "." + award
	}
	var values []observatory.Reported
	for _, part := range []string{"all", "led"} {
		if r.get(part) == "" {
			continue
		}
		id := base + "." + part
		if scope == "china" && award != "total" {
			id = base
		}
		values = append(values, b.reported(observatory.Reported{
			FigureID: id, Quantity: quantity.Quantity{Bound: quantity.Exact, Value: float64(r.whole(part, 0, 1_000_000)), Unit: quantity.Count, Step: 1},
			Period: quantity.YearOf(edition), Edition: strconv.Itoa(edition), SourceID: b.source(r),
		}))
	}
	if len(values) == 0 {
		r.bad("errs.required", "all", errs.A{"field": "all, led"})
	}
	r.result, r.id = values, strings.Join([]string{"award", r.get("edition"), scope, award, b.source(r)}, ":")
}

// reported returns the value as it stands when another table has stated it with
// a note: the table of awards knows no more.
func (b *builder) reported(v observatory.Reported) observatory.Reported {
	log, err := change.Of(b.ctx, b.j.s.d, observatory.KindReported, v.Key(), 0, 1)
	if err != nil {
		b.fail(err)
	}
	if len(log) == 0 || len(log[0].After) == 0 {
		return v
	}
	var known observatory.Reported
	if json.Unmarshal(log[0].After, &known) == nil && known.Quantity.Value == v.Quantity.Value {
		return known
	}
	return v
}

// buildRelation makes a relation; a share is a fraction or a percentage. A row
// reads "from is the parent of to", a Relation "To is the parent of From".
func buildRelation(b *builder, r *record) {
	rel := registry.Relation{From: b.ref(r, "to", r.get("to")), Kind: registry.RelationKind(r.get("kind")), To: b.ref(r, "from", r.get("from")),
		ValidFrom: r.day("valid_from"), ValidTo: r.day("valid_to"), Evidence: r.get("evidence"), SourceID: b.source(r)}
	if text := r.get("share"); text != "" {
		percent := strings.HasSuffix(text, "%")
		v, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
		if percent {
			v /= 100
		}
		if err != nil || !(v >= 0 && v <= 1) {
			r.bad("ingest.bad_share", "share", errs.A{"value": text})
		}
		rel.Share = &v
	}
	id := rel // associated and related have no direction
	if id.Kind == registry.Associated || id.Kind == registry.Related {
		id.From, id.To = min(id.From, id.To), max(id.From, id.To)
	}
	r.result, r.id = rel, strings.Join([]string{"relation", id.From, string(id.Kind), id.To, id.ValidFrom}, ":")
}

// municipalities are governed without cities between: 北京, 天津, 上海, 重庆, and
// the special regions.
var municipalities = []string{"11", "12", "31", "50", "71", "81", "82"}

// buildDivision makes a division of a code and a name; level and parent follow
// from the code where the table does not state them.
func buildDivision(b *builder, r *record) {
	code := r.get("code")
	d := registry.Division{Code: code, Name: i18n.Text{ZH: r.get("name"), EN: r.get("name_en")}, Level: registry.Level(r.get("level")), Parent: r.get("parent"),
		ValidFrom: r.day("valid_from"), ValidTo: r.day("valid_to"), Note: cmp.Or(r.get("note_zh"), r.get("note_en")), SourceID: b.source(r)}
	if !sixDigits.MatchString(code) {
		r.bad("ingest.bad_code", "code", errs.A{"value": code})
		return
	}
	if d.Level == "" {
		d.Level, d.Parent = levelOf(code)
	}
	r.result, r.id = d, "division:"+code+"@"+d.ValidFrom
}

func levelOf(code string) (registry.Level, string) {
	province := code[:2] + "0000"
	switch {
	case code == province:
		return registry.Province, ""
	case code[4:] == "00":
		return registry.City, province
	case slices.Contains(municipalities, code[:2]) || code[2:4] == "90":
		return registry.District, province
	}
	return registry.District, code[:4] + "00"
}
