package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/source"
)

// rorRecord holds what Kapok takes of a ROR record in schema v1 or v2. The
// schemas are told apart by their fields: v1 has a name, v2 a list of names.
// See ror.readme.io/docs/schema-v2 and schema-v1-1.
type rorRecord struct {
	ID            string      `json:"id"`
	Status        string      `json:"status"`
	Established   *int        `json:"established"`
	Types         []string    `json:"types"`
	Relationships []rorLink   `json:"relationships"`
	ExternalIDs   rorExternal `json:"external_ids"`

	// v2
	Names     []rorName     `json:"names"`
	Locations []rorLocation `json:"locations"`
	Links     rorLinks      `json:"links"` // v1: a list of texts

	// v1
	Name     string   `json:"name"`
	Aliases  []string `json:"aliases"`
	Acronyms []string `json:"acronyms"`
	Labels   []struct {
		Label string `json:"label"`
		Lang  string `json:"iso639"`
	} `json:"labels"`
	Addresses []struct {
		Lat  *float64 `json:"lat"`
		Lng  *float64 `json:"lng"`
		City string   `json:"city"`
	} `json:"addresses"`
	Country struct {
		Code string `json:"country_code"`
	} `json:"country"`
}

type rorName struct {
	Value string   `json:"value"`
	Lang  string   `json:"lang"`
	Types []string `json:"types"`
}

type rorLocation struct {
	Details struct {
		Name    string   `json:"name"`
		Country string   `json:"country_code"`
		Lat     *float64 `json:"lat"`
		Lng     *float64 `json:"lng"`
	} `json:"geonames_details"`
}

type rorLink struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// rorLinks is the website among the links: v2 has objects, v1 plain texts.
type rorLinks string

// UnmarshalJSON accepts both forms.
func (l *rorLinks) UnmarshalJSON(raw []byte) error {
	var links []struct{ Type, Value string }
	if json.Unmarshal(raw, &links) != nil { // rarer, and trying costs
		var texts []string
		err := json.Unmarshal(raw, &texts)
		if len(texts) > 0 {
			*l = rorLinks(texts[0])
		}
		return err
	}
	for _, v := range links {
		if v.Type == "website" {
			*l = rorLinks(v.Value)
			break
		}
	}
	return nil
}

// rorExternal lists outside ids by the schema's word in lower case. v2 has a
// list of objects, v1 an object by type whose "all" is a text or a list.
type rorExternal map[string][]string

// UnmarshalJSON accepts both forms.
func (x *rorExternal) UnmarshalJSON(raw []byte) error {
	*x = rorExternal{}
	if len(raw) > 0 && raw[0] == '[' {
		var list []struct {
			Type      string   `json:"type"`
			Preferred string   `json:"preferred"`
			All       []string `json:"all"`
		}
		if err := json.Unmarshal(raw, &list); err != nil {
			return err
		}
		for _, e := range list {
			x.add(e.Type, e.Preferred, e.All)
		}
		return nil
	}
	var byType map[string]struct {
		Preferred string          `json:"preferred"`
		All       json.RawMessage `json:"all"`
	}
	if err := json.Unmarshal(raw, &byType); err != nil {
		return err
	}
	for k, e := range byType {
		var all []string
		if json.Unmarshal(e.All, &all) != nil {
			var one string
			if json.Unmarshal(e.All, &one) == nil {
				all = []string{one}
			}
		}
		x.add(k, e.Preferred, all)
	}
	return nil
}

func (x *rorExternal) add(kind, preferred string, all []string) {
	kind = strings.ToLower(kind)
	if preferred != "" {
		(*x)[kind] = append((*x)[kind], preferred)
	}
	for _, v := range all {
		if v != preferred {
			(*x)[kind] = append((*x)[kind], v)
		}
	}
}

// rorID is the id in Kapok of the organisation with a canonical ROR id.
func rorID(canonical string) string { return db.DerivedID("org", "ror", canonical) }

// parseROR turns one record into an organisation and its relations. Faults are
// those of the row.
func parseROR(raw []byte) (registry.Org, []registry.Relation, errs.List) {
	var r rorRecord
	if err := json.Unmarshal(raw, &r); err != nil {
		return registry.Org{}, nil, errs.List{errs.Wrap(err, errs.Invalid, "ingest.not_ror")}
	}
	ror, err := identifier.Parse(identifier.ROR, r.ID)
	if err != nil {
		return registry.Org{}, nil, errs.List{errs.Of(err).At("id")}
	}
	o := registry.Org{
		ID: rorID(ror), Kind: rorKind(r.Types), Names: r.names(), Identifiers: r.identifiers(ror),
		Status: registry.Status(r.Status), Place: r.place(), Website: string(r.Links),
	}
	if r.Established != nil && *r.Established >= 100 && *r.Established <= 9999 {
		o.Established = fourDigits(*r.Established)
	}
	if len(o.Names) == 0 {
		return o, nil, errs.List{fault("errs.required", "name", errs.A{"field": "name"})}
	}
	return o, r.relations(o.ID), nil
}

func fourDigits(n int) string {
	s := "0000" + itoa(n)
	return s[len(s)-4:]
}

// rorKind chooses among the types of a record; "funder" says what a body does
// and not what it is.
func rorKind(types []string) registry.OrgKind {
	kinds := map[string]registry.OrgKind{
		"education": registry.University, "company": registry.Enterprise, "healthcare": registry.Hospital, "nonprofit": registry.Nonprofit,
		"government": registry.Government, "facility": registry.Institute, "archive": registry.Archive,
	}
	for _, t := range types {
		if k, ok := kinds[strings.ToLower(t)]; ok {
			return k
		}
	}
	return registry.OtherOrg
}

// names lists each text once, under its strongest kind, the official one first.
func (r *rorRecord) names() []registry.Name {
	var out []registry.Name
	seen := map[string]bool{}
	add := func(text, lang string, kind registry.NameKind) {
		if text = strings.TrimSpace(text); text != "" && !seen[text] {
			seen[text] = true
			out = append(out, registry.Name{Text: text, Lang: lang, Kind: kind})
		}
	}
	for _, pass := range []struct {
		word string
		kind registry.NameKind
	}{{"ror_display", registry.Official}, {"label", registry.Label}, {"alias", registry.Alias}, {"acronym", registry.Acronym}} {
		for _, n := range r.Names {
			for _, t := range n.Types {
				if t == pass.word {
					add(n.Value, n.Lang, pass.kind)
				}
			}
		}
	}
	add(r.Name, "", registry.Official)
	for _, l := range r.Labels {
		add(l.Label, l.Lang, registry.Label)
	}
	for _, a := range r.Aliases {
		add(a, "", registry.Alias)
	}
	for _, a := range r.Acronyms {
		add(a, "", registry.Acronym)
	}
	return out
}

// identifiers keeps those whose form is right: a mistyped ISNI of a third
// party is no reason to refuse the organisation.
func (r *rorRecord) identifiers(ror string) []registry.Identifier {
	out := []registry.Identifier{{Scheme: identifier.ROR, Value: ror}}
	for _, scheme := range []identifier.Scheme{identifier.GRID, identifier.ISNI, identifier.Wikidata} {
		seen := map[string]bool{}
		for _, raw := range r.ExternalIDs[string(scheme)] {
			if v, err := identifier.Parse(scheme, raw); err == nil && !seen[v] {
				seen[v] = true
				out = append(out, registry.Identifier{Scheme: scheme, Value: v})
			}
		}
	}
	return out
}

func (r *rorRecord) place() registry.Place {
	switch {
	case len(r.Locations) > 0:
		d := r.Locations[0].Details
		return registry.Place{Country: d.Country, City: d.Name, Lat: d.Lat, Lon: d.Lng}
	case len(r.Addresses) > 0:
		a := r.Addresses[0]
		return registry.Place{Country: r.Country.Code, City: a.City, Lat: a.Lat, Lon: a.Lng}
	}
	return registry.Place{Country: r.Country.Code}
}

// relations reads "B is a parent of this record" and its kin. A statement and
// its converse are written one way, so that both records of a pair state one
// relation.
func (r *rorRecord) relations(id string) []registry.Relation {
	var out []registry.Relation
	for _, l := range r.Relationships {
		value, err := identifier.Parse(identifier.ROR, l.ID)
		other := rorID(value)
		if err != nil || other == id {
			continue
		}
		rel := registry.Relation{From: id, To: other} // the other is the KIND of this one
		switch strings.ToLower(l.Type) {
		case "parent":
			rel.Kind = registry.Parent
		case "child":
			rel.Kind, rel.From, rel.To = registry.Parent, other, id
		case "successor":
			rel.Kind = registry.Successor
		case "predecessor":
			rel.Kind, rel.From, rel.To = registry.Successor, other, id
		default:
			rel.Kind, rel.From, rel.To = registry.Related, min(id, other), max(id, other)
		}
		out = append(out, rel)
	}
	return out
}

// rorEntry picks the records among the files of an official release: the JSON
// of the newest schema.
func rorEntry(names []string) string {
	best := ""
	for _, n := range names {
		low := strings.ToLower(n)
		if strings.HasPrefix(n, "__MACOSX/") || !strings.HasSuffix(low, ".json") && !strings.HasSuffix(low, ".jsonl") {
			continue
		}
		if best == "" || strings.Contains(low, "schema_v2") && !strings.Contains(strings.ToLower(best), "schema_v2") {
			best = n
		}
	}
	return best
}

func (j *job) openJSON() (*jsonReader, *stream, error) {
	s, err := j.file.open()
	if err != nil {
		return nil, nil, err
	}
	kind, err := j.file.sniff(s)
	if err == nil && kind == formatZIP {
		_ = s.Close()
		if s, err = j.file.openEntry(rorEntry); err != nil {
			return nil, nil, err
		}
		kind = formatJSONL
	}
	if err == nil && kind != formatJSONL {
		err = errs.New(errs.Invalid, "ingest.not_json", errs.A{"file": j.file.name})
	}
	if err != nil {
		_ = s.Close()
		return nil, nil, err
	}
	j.head = []string{"record"}
	return newJSON(s.Reader, j.file.name, j.lim), s, nil
}

// readROR reads records and hands on organisations with their relations. What
// somebody has added to a record under another source stays.
func readROR(ctx context.Context, j *job, f *feed) error {
	in, s, err := j.openJSON()
	if err != nil {
		return err
	}
	defer s.Close()
	kept, err := j.otherSources(ctx)
	if err != nil {
		return err
	}
	seats, err := j.seats(ctx)
	if err != nil {
		return err
	}
	stated := map[string]bool{} // relations; both records of a pair state theirs
	for {
		raw, number, bad, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		it := &item{number: number, cells: []string{cutBytes(string(raw), rejectedRecord)}}
		id := ""
		if bad != nil {
			it.fault = bad
		} else {
			id = j.rorItem(it, raw, kept, seats, stated)
		}
		if err := f.emit(it, id); err != nil {
			return err
		}
	}
}

// rejectedRecord bounds what the file of rejected rows shows of a JSON record.
const rejectedRecord = 30000

func (j *job) rorItem(it *item, raw []byte, kept map[string]registry.Org, seats map[string]string, stated map[string]bool) string {
	o, rels, faults := parseROR(raw)
	if len(faults) > 0 {
		it.fault = faults
		return ""
	}
	o.SourceID = j.srcID
	if o.Place.Country == "CN" {
		o.Place.Division = seats[strings.ToLower(o.Place.City)]
	}
	if old, ok := kept[o.ID]; ok {
		o = keep(old, o)
	}
	it.record = o
	for _, r := range rels {
		key := r.From + string(r.Kind) + r.To
		if !stated[key] {
			stated[key] = true
			r.SourceID = j.srcID
			it.also = append(it.also, r)
		}
	}
	return o.ID
}

// otherSources returns the organisations with a ROR id whose record now says
// more than ROR: it rests on another source, or carries evidence of its own. A
// record of an earlier release of ROR is not among them.
func (j *job) otherSources(ctx context.Context) (map[string]registry.Org, error) {
	own, err := j.ownSources(ctx)
	if err != nil {
		return nil, err
	}
	return registry.Elaborated(ctx, j.s.d, identifier.ROR, slices.Sorted(maps.Keys(own)))
}

// ownSources are the sources that this importer has read from.
func (j *job) ownSources(ctx context.Context) (map[string]bool, error) {
	batches, err := source.Batches(ctx, j.s.d, "", 10_000)
	own := map[string]bool{j.srcID: true}
	for _, b := range batches {
		if b.Importer == j.imp.name {
			own[b.SourceID] = true
		}
	}
	return own, err
}

// keep adds what a record of another source lacks and changes nothing that it
// has.
func keep(old, add registry.Org) registry.Org {
	old.Names = unionNames(old.Names, add.Names)
	old.Identifiers = unionIdentifiers(old.Identifiers, add.Identifiers)
	for _, p := range []struct{ to, from *string }{
		{&old.Established, &add.Established}, {&old.Closed, &add.Closed}, {&old.Website, &add.Website}, {&old.Evidence, &add.Evidence},
		{&old.Place.Country, &add.Place.Country}, {&old.Place.Division, &add.Place.Division}, {&old.Place.City, &add.Place.City},
	} {
		if *p.to == "" {
			*p.to = *p.from
		}
	}
	if old.Place.Lat == nil {
		old.Place.Lat, old.Place.Lon = add.Place.Lat, add.Place.Lon
	}
	return old
}

// unionNames appends the names whose text is new; names that a merge brought
// (Origin) are the registry's to keep.
func unionNames(old, add []registry.Name) []registry.Name {
	var out []registry.Name
	seen := map[string]bool{}
	for _, n := range append(append([]registry.Name{}, old...), add...) {
		if n.Origin == "" && !seen[n.Text] {
			seen[n.Text] = true
			out = append(out, n)
		}
	}
	return out
}

func unionIdentifiers(old, add []registry.Identifier) []registry.Identifier {
	var out []registry.Identifier
	seen := map[registry.Identifier]bool{}
	for _, v := range append(append([]registry.Identifier{}, old...), add...) {
		if v.Origin == "" && !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// seats maps the names of Chinese cities, in both languages and lower case, to
// their codes; a name that two cities share is left out.
func (j *job) seats(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	twice := map[string]bool{}
	add := func(d registry.Division) {
		for _, name := range []string{d.Name.ZH, d.Name.EN, strings.TrimSuffix(d.Name.ZH, "市")} {
			if name = strings.ToLower(name); name != "" && out[name] != d.Code {
				twice[name] = out[name] != ""
				out[name] = d.Code
			}
		}
	}
	provinces, err := j.s.reg.Divisions(ctx, "", "")
	if err != nil {
		return nil, err
	}
	for _, p := range provinces {
		below, err := j.s.reg.Divisions(ctx, "", p.Code)
		if err != nil {
			return nil, err
		}
		for _, d := range below {
			if d.Level == registry.City {
				add(d)
			}
		}
	}
	for name, two := range twice {
		if two {
			delete(out, name)
		}
	}
	return out, nil
}
