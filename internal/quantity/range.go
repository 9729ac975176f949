package quantity

import "strings"

// readRange reads the second end of 10至20亿元 or 10%–20%. After 从 and 由 the
// two numbers are the ends of a change, not of a range.
func (l *line) readRange(f *finding, n number, unitFound *bool) {
	j, ok := l.connector(f.end)
	if !ok || l.in(f.start-1, "从由") || !isDigit(l.at(j)) && !isHanNumeral(l.at(j)) {
		return
	}
	m, ok := l.number(j)
	if !ok || m.han != n.han || l.namedAfter(m.end, m) {
		return
	}
	g := finding{start: j, end: m.end}
	g.Quantity = Quantity{Value: m.value(), Step: m.stepSize()}
	hasUnit := l.readUnit(&g, m)
	if !hasUnit && *unitFound || *unitFound && g.Quantity.Unit != f.Quantity.Unit {
		return
	}
	low, high := f.Quantity.Value, g.Quantity.Value
	if !n.scaled && m.scaled && !*unitFound {
		low = tidy(low * pow10(m.exp))
	}
	if g.Quantity.Unit == Percent && !*unitFound && l.at(g.end-1) == '成' && low < 10 {
		low *= 10
	}
	if low >= high || f.Quantity.Bound != "" {
		return
	}
	f.Quantity = Quantity{Bound: Between, Value: low, High: high, Unit: g.Quantity.Unit, Step: g.Quantity.Step}
	f.end, f.Counter, f.Scaled, *unitFound = g.end, g.Counter, n.scaled || m.scaled, hasUnit
}

func (l *line) connector(i int) (int, bool) {
	i = l.skipSpace(i)
	for _, c := range []string{"—", "–", "-", "~", "至", "到", "to "} {
		if end, ok := l.has(i, c); ok {
			return l.skipSpace(end), true
		}
	}
	return 0, false
}

// shareUnits gives the bare numbers of a list the unit of its last member:
// 12、15和18项, 1.2 and 3.4 million yuan.
func shareUnits(l *line, out []finding) {
	for k := len(out) - 2; k >= 0; k-- {
		a, b := &out[k], &out[k+1]
		if a.Kind != Bare || b.Kind != Measure || a.Quantity.Unit != None || a.Quantity.Bound == Between {
			continue
		}
		gap := strings.TrimSpace(string(l.r[a.end:b.start]))
		if strings.Trim(gap, " ,、") != "" && gap != "和" && gap != "与" && gap != "及" && gap != "and" && gap != ", and" && gap != "或" {
			continue
		}
		if gap == "," && isHan(l.at(a.start-1)) { // a clause ended there
			continue
		}
		a.Kind, a.Quantity.Unit, a.Counter = Measure, b.Quantity.Unit, b.Counter
		if !a.Scaled && b.Scaled {
			if k := scaleBehind(l, b); k > 1 {
				a.Quantity.Value, a.Quantity.Step, a.Scaled = tidy(a.Quantity.Value*k), tidy(a.Quantity.Step*k), true
			}
		}
	}
}

// joinBetween makes one range of "between $200 million and $250 million".
func joinBetween(l *line, out []finding) []finding {
	kept := out[:0]
	for k := 0; k < len(out); k++ {
		f := out[k]
		lead, ok := l.endsWith(f.start, "between ")
		if ok && k+1 < len(out) && string(l.r[f.end:out[k+1].start]) == " and " {
			g := out[k+1]
			a, b := f.Quantity, g.Quantity
			if f.Kind == Measure && g.Kind == Measure && a.Unit.Base() == b.Unit.Base() && a.Bound == Exact && b.Bound == Exact && a.Value < b.Value {
				f.Quantity = Quantity{Bound: Between, Value: a.Value, High: b.Value, Unit: b.Unit, Step: b.Step}
				f.start, f.end, f.Counter = lead, g.end, g.Counter
				k++
			}
		}
		kept = append(kept, f)
	}
	return kept
}

// scaleBehind is the scale word that a measure was written with.
func scaleBehind(l *line, f *finding) float64 {
	for i := f.start; i < f.end; i++ {
		if isDigit(l.at(i)) {
			n, ok := l.number(i)
			if !ok {
				return 1
			}
			return pow10(n.exp)
		}
	}
	return 1
}
