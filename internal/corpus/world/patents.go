package world

import "github.com/kapok-city/kapok/internal/stats"

import "fmt"

// patent is one patent; its inventors live in places.
type patent struct {
	n         int64
	year      int
	inventors []inventor
}

type inventor struct {
	place    int32
	lon, lat float64
}

func (p *patent) id() string { return fmt.Sprintf("SIM-%d-%09d", p.year, p.n+1) }

// patent makes the patent of a number: most of its inventors live near each
// other. The slice of inventors is reused.
func (w *World) patent(n int64, year int, reuse []inventor) patent {
	s := newStream(w.opt.Seed, ofPatent, n)
	p := patent{n: n, year: year, inventors: reuse[:0]}
	first := w.inventors.draw(&s)
	for i := range 1 + s.poisson(s.lognormal(1.8, 0.6)) {
		at := first
		switch u := s.float(); {
		case i == 0 || u < 0.72:
		case u < 0.94:
			at = w.neighbours[w.countryOf[w.places[first].country]].draw(&s)
		default:
			at = w.inventors.draw(&s)
		}
		p.inventors = append(p.inventors, w.inventor(&s, at))
	}
	return p
}

// inventor gives an address in a place: its centre where the address was told
// no nearer, as geocoders do, else some way off.
func (w *World) inventor(s *stream, at int) inventor {
	p := &w.places[at]
	out := inventor{place: int32(at), lon: p.lon, lat: p.lat}
	switch u := s.float(); {
	case u < 0.3:
	case u < 0.93:
		out.lat, out.lon = p.near(s, 8)
	default:
		out.lat, out.lon = p.near(s, 35)
	}
	return out
}

func (w *World) patentRows(plan *yearPlan) stats.Producer {
	return each(int(plan.n), func(c *stats.Cells, i int) {
		p := patent{n: plan.first + int64(i), year: plan.year}
		c.Text(p.id())
		c.Whole(int64(p.year))
		c.Text(fmt.Sprintf("模拟专利 Simulated patent %d", p.n+1))
		c.Text("application")
	})
}

func (w *World) inventorRows(plan *yearPlan) stats.Producer {
	var p patent
	n, seq := plan.first, int64(0)
	return several(func() ([]inventor, bool) {
		if n >= plan.first+plan.n {
			return nil, false
		}
		p, seq = w.patent(n, plan.year, p.inventors), 0
		n++
		return p.inventors, true
	}, func(c *stats.Cells, v *inventor) {
		at := &w.places[v.place]
		seq++
		c.Text(p.id())
		c.Whole(int64(p.year))
		c.Whole(seq)
		c.Text(at.country)
		c.Text(at.city)
		c.Text(at.nameEN)
		c.Real(v.lon)
		c.Real(v.lat)
		c.Real(1 / float64(len(p.inventors)))
	})
}

// patentPoints are the addresses of the inventors of a year.
func (w *World) patentPoints(plan *yearPlan) stats.Producer {
	var p patent
	var spots []spot
	n := plan.first
	return several(func() ([]spot, bool) {
		if n >= plan.first+plan.n {
			return nil, false
		}
		p = w.patent(n, plan.year, p.inventors)
		n++
		spots = spots[:0]
		for _, v := range p.inventors {
			spots = append(spots, spot{v.lon, v.lat, 1 / float64(len(p.inventors))})
		}
		spots = gather(spots)
		return spots, true
	}, func(c *stats.Cells, s *spot) { point(c, "patent", p.id(), p.year, s) })
}
