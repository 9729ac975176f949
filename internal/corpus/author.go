package corpus

import (
	"bytes"
	"slices"
)

// institution reads one institution of an authorship. What it says of itself is
// kept the first time it is met in a part of the input.
func (r *workReader) institution() error {
	var id int64
	var p place
	var ror, name, kind []byte
	ok, err := r.object(func(field []byte) error {
		switch string(field) {
		case "id":
			return r.idValue('I', "institutions.id", &id)
		case "ror", "display_name", "type", "country_code", "lineage":
			if r.places[id] != nil {
				return r.skip()
			}
			switch string(field) {
			case "ror":
				return r.cleanText("institutions.ror", &ror)
			case "display_name":
				return r.cleanText("institutions.display_name", &name)
			case "type":
				return r.cleanText("institutions.type", &kind)
			case "country_code":
				b, k, err := r.textValue()
				p.country = countryCode(b)
				return r.typed(k, "institutions.country_code", err)
			}
			return r.arrayOrNull("institutions.lineage", func() error {
				var up int64
				err := r.idValue('I', "institutions.lineage[]", &up)
				if up > 0 {
					p.lineage = append(p.lineage, up)
				}
				return err
			})
		case "type_id", "country", "country_id", "is_global_south":
			return r.skip()
		}
		return r.unknown("institutions", field)
	})
	switch {
	case err != nil:
		return err
	case !ok:
		r.notes.add(faultWrongType, "institutions[] · "+r.name())
		return nil
	case id == -1:
		r.notes.add(faultSentinel, r.name())
		return nil
	case id == 0:
		return nil
	}
	if r.places[id] == nil {
		p.ror, p.name, p.kind = string(ror), string(name), string(kind)
		r.meet(id, &p)
	}
	if a := &r.author; !slices.Contains(a.institutions, id) {
		a.institutions = append(a.institutions, id)
	}
	return nil
}

// meet keeps an institution that is new.
func (r *workReader) meet(id int64, p *place) {
	p.lineage = slices.DeleteFunc(p.lineage, func(up int64) bool { return up == id })
	p.org = -1
	if r.dir != nil {
		if org, known := r.dir.byROR[rorKey(p.ror)]; known {
			p.org, p.hasParts = org, r.dir.orgs[org].hasParts
		}
	}
	r.places[id] = p
}

// addAuthor turns the authorship that was read into rows.
func (r *workReader) addAuthor() {
	a := &r.author
	list := r.affiliationsOf(a)
	row := authorRow{seq: r.listed, author: a.id, country: a.country, parts: int64(max(1, len(list))), shared: 1}
	if len(list) == 0 {
		r.rows = append(r.rows, row)
		return
	}
	for i, e := range list {
		row.affiliation = int64(i + 1)
		r.addAffiliation(row, e)
	}
}

// affiliationsOf returns the affiliations of an author, the same words once.
// Older records do not say which text leads to which institution: then a single
// text leads to all, as many texts as institutions stand in the same order, and
// else each institution is an affiliation of its own.
func (r *workReader) affiliationsOf(a *authorEntry) []affiliationEntry {
	out := r.affiliations[:0]
	add := func(e affiliationEntry) {
		same := func(o affiliationEntry) bool {
			return bytes.Equal(o.text, e.text) && (len(e.text) > 0 || slices.Equal(a.ids[o.from:o.to], a.ids[e.from:e.to]))
		}
		if !slices.ContainsFunc(out, same) {
			out = append(out, e)
		}
	}
	switch {
	case len(a.affiliations) > 0:
		for _, e := range a.affiliations {
			if len(e.text) > 0 || e.to > e.from {
				add(e)
			}
		}
	case len(a.institutions) == 0:
		for _, t := range a.texts {
			if len(t) > 0 {
				add(affiliationEntry{text: t})
			}
		}
	case len(a.texts) == 1:
		a.ids = append(a.ids[:0], a.institutions...)
		add(affiliationEntry{text: a.texts[0], to: len(a.ids)})
	default:
		a.ids = append(a.ids[:0], a.institutions...)
		for i := range a.ids {
			e := affiliationEntry{from: i, to: i + 1}
			if len(a.texts) == len(a.ids) {
				e.text = a.texts[i]
			}
			add(e)
		}
	}
	r.affiliations = out
	return out
}

// addAffiliation adds the rows of one affiliation. The registry is asked where
// the record names no institution, and where it names one that has parts in the
// registry: the text may name the part.
func (r *workReader) addAffiliation(row authorRow, e affiliationEntry) {
	ids := r.author.ids[e.from:e.to]
	if r.dir != nil && len(e.text) > 0 {
		switch {
		case len(ids) == 0:
			ids = r.dir.find(e.text, row.country, r.resolvedIDs[:0])
			r.resolvedIDs = ids[:0]
			if len(ids) > 0 {
				row.how = resolved
			}
		case r.anyParts(ids):
			if part, ok := r.narrow(e.text, row.country, ids); ok {
				ids, row.how = part, resolved
			}
		}
	}
	if len(ids) == 0 {
		if len(e.text) > 0 {
			row.how = open
		}
		r.rows = append(r.rows, row)
		return
	}
	row.shared = int64(len(ids))
	for _, id := range ids {
		if id < 0 && r.places[id] == nil { // of the registry alone
			r.places[id] = &place{org: r.dir.numbers[id]}
		}
		row.institution = id
		r.rows = append(r.rows, row)
		row.how = given
	}
}

func (r *workReader) anyParts(ids []int64) bool {
	for _, id := range ids {
		if p := r.places[id]; p != nil && p.hasParts {
			return true
		}
	}
	return false
}

// narrow puts the part that a text names in the place of its whole.
func (r *workReader) narrow(text []byte, country [2]byte, ids []int64) ([]int64, bool) {
	found := r.dir.find(text, country, r.resolvedIDs[:0])
	base, changed := len(found), false
	for _, id := range ids {
		p := r.places[id]
		part := id
		if p != nil && p.hasParts {
			for _, f := range found[:base] {
				if r.dir.below(f, p.org) && !slices.Contains(found[base:], f) {
					part, changed = f, true
				}
			}
		}
		found = append(found, part)
	}
	r.resolvedIDs = found[:0]
	return found[base:], changed
}
