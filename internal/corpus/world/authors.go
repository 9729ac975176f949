package world

import "slices"

// listed is how many authors a list holds at most, as in OpenAlex.
const listed = 100

// authorship is one row: author × affiliation × institution.
type authorship struct {
	seq         int   // from 1; 0 in the row of the rest of a cut list
	author      int64 // number
	affiliation int   // from 1; 0: the author has none
	institution int32 // -1: none
	country     int16 // -1: unknown
	weight      float64
	named       int32 // the institution in the text of the affiliation
}

// team is the state while the authors of one work are drawn.
type team struct {
	w     *World
	s     stream
	k     *work
	rows  []authorship
	seen  []int64
	homes []int32 // institutions so far
}

// begin starts the draws of a work; bare: no affiliation of it is known.
func (t *team) begin(w *World, k *work) (bare bool) {
	t.w, t.k, t.s = w, k, newStream(w.opt.Seed, ofAuthors, k.n)
	t.rows, t.seen, t.homes = t.rows[:0], t.seen[:0], t.homes[:0]
	return t.s.chance(0.07)
}

// first returns the number of the first author, -1 when there is none.
func (t *team) first(w *World, k *work) int64 {
	if k.authors == 0 {
		return -1
	}
	t.begin(w, k)
	return t.author(t.home(1), 1)
}

// authorships returns the rows of a work, in the order of the table. The slice
// is the team's and lasts until the next call.
func (t *team) authorships(w *World, k *work) []authorship {
	if k.authors == 0 {
		return nil
	}
	bare := t.begin(w, k)
	for seq := 1; seq <= min(k.authors, listed); seq++ {
		home := t.home(seq)
		author := t.author(home, seq)
		if bare || t.s.chance(0.025) {
			t.rows = append(t.rows, authorship{seq: seq, author: author, institution: -1, country: -1, weight: 1 / float64(k.authors)})
			continue
		}
		t.affiliate(seq, author, home)
	}
	if k.authors > listed {
		t.rows = append(t.rows, authorship{institution: -1, country: -1, weight: float64(k.authors-listed) / float64(k.authors)})
	}
	return t.rows
}

// home returns the institution of the next author: that of the lead or of the
// one before, or a new one, more likely near than far.
func (t *team) home(seq int) int32 {
	if seq == 1 {
		t.homes = append(t.homes, int32(t.k.lead))
		return int32(t.k.lead)
	}
	fresh := 0.2
	if t.k.authors > listed {
		fresh = 0.5
	}
	if !t.s.chance(fresh) {
		if t.s.chance(0.5) {
			return t.homes[0]
		}
		return t.homes[len(t.homes)-1]
	}
	in := t.partner()
	t.homes = append(t.homes, in)
	return in
}

// partner draws an institution of the lead's city, of its country or of the
// world.
func (t *team) partner() int32 {
	lead := &t.w.institutions[t.k.lead]
	near, home := 0.3, 0.72
	switch {
	case t.k.authors > listed:
		near, home = 0.03, 0.25
	case t.w.nation(t.k) >= 0:
		near, home = 0.4, 0.97
	}
	switch u := t.s.float(); {
	case u < near:
		return int32(t.w.byCity[t.w.cityOf[lead.place]].draw(&t.s))
	case u < home:
		return int32(t.w.byCountry[lead.country].draw(&t.s))
	}
	return int32(t.w.byField[t.k.field()].draw(&t.s))
}

// author draws one of an institution's authors who is not yet in the list: most
// often one of the field, and one who writes much.
func (t *team) author(home int32, seq int) int64 {
	in := &t.w.institutions[home]
	for range 4 {
		f := t.k.field()
		if t.s.chance(0.15) {
			f = t.s.below(fields)
		}
		u := t.s.float()
		a := in.firstAuth + int64(float64(in.blocks)*u*u)*fields + int64(f)
		if !slices.Contains(t.seen, a) {
			t.seen = append(t.seen, a)
			return a
		}
	}
	return t.w.authors + t.k.n*(listed+1) + int64(seq) // one who wrote this work alone
}

// affiliate adds the rows of one author. Some authors have a second affiliation
// for good; a member of a linked institution names the parent beside it, or in
// the same line.
func (t *team) affiliate(seq int, author int64, home int32) {
	second := int32(-1)
	in := &t.w.institutions[home]
	switch p := mix(uint64(author)^t.w.opt.Seed) % 100; {
	case len(in.parents) > 0 && t.s.chance(0.35):
		second = in.parents[0]
	case p < 7:
		s := newStream(t.w.opt.Seed, ofPerson, author)
		second = int32(t.w.byCountry[in.country].draw(&s))
	}
	parts := 1
	if second >= 0 && second != home {
		parts = 2
	}
	begin := len(t.rows)
	t.affiliation(seq, author, 1, home, parts)
	if parts == 2 {
		t.affiliation(seq, author, 2, second, parts)
	}
	t.settle(begin)
}

// affiliation adds the row or rows of one of an author's parts affiliations:
// 6 % resolve to no institution, and some of a linked one to its parents too.
func (t *team) affiliation(seq int, author int64, number int, home int32, parts int) {
	in := &t.w.institutions[home]
	all := float64(t.k.authors * parts)
	row := authorship{seq, author, number, home, in.country, 1 / all, home}
	switch u := t.s.float(); {
	case u < 0.06:
		row.institution = -1
		if u < 0.03 {
			row.country = -1
		}
		t.rows = append(t.rows, row)
	case u < 0.3 && parts == 1 && len(in.parents) > 0:
		begin := len(t.rows)
		row.weight = 1 / (all * float64(1+len(in.parents)))
		t.rows = append(t.rows, row)
		for _, p := range in.parents {
			row.institution, row.country = p, t.w.institutions[p].country
			t.rows = append(t.rows, row)
		}
		slices.SortFunc(t.rows[begin:], func(a, b authorship) int { return int(a.institution - b.institution) })
	default:
		t.rows = append(t.rows, row)
	}
}

// settle gives the open affiliations of an author the first country that is
// known of him: a record lists the countries by author.
func (t *team) settle(begin int) {
	rows := t.rows[begin:]
	known := slices.IndexFunc(rows, func(a authorship) bool { return a.country >= 0 })
	for i := range rows {
		if known >= 0 && rows[i].institution < 0 {
			rows[i].country = rows[known].country
		}
	}
}
