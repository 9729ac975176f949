package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
)

func lanesOf(n int) *Lanes {
	l := &Lanes{ID: "money", Title: "资金 <时间线>", Desc: "五条线", Names: []string{"创", "投", "贷", "融", "保"}, Undated: "日期不详"}
	for i := range n {
		at := 2015 + float64(i%37)/7
		m := Mark{Lane: i % 5, From: at, To: at, Shape: []Shape{Disc, Square, Diamond, Triangle, Stroke}[i%5], Label: "A 轮 & 3,000 万元", Name: "第 " + strconv.Itoa(i) + " 条 <b>", Href: "/rounds/" + strconv.Itoa(i), Hollow: i%3 == 0}
		switch {
		case i%11 == 10:
			m.From, m.To = math.NaN(), math.NaN()
		case i%7 == 6:
			m.From, m.To = math.Floor(at), math.Floor(at)+1
		}
		l.Marks = append(l.Marks, m)
	}
	return l
}

// TestLanesShowEveryMark holds that each event is drawn once, inside the
// drawing, as well-formed XML, however many there are.
func TestLanesShowEveryMark(t *testing.T) {
	for _, n := range []int{0, 1, 5, 60, 700} {
		svg, err := lanesOf(n).Draw(960)
		if err != nil {
			t.Fatal(err)
		}
		d, links := xml.NewDecoder(strings.NewReader(svg)), 0
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%d marks: %v", n, err)
			}
			e, ok := tok.(xml.StartElement)
			if !ok {
				continue
			}
			if e.Name.Local == "a" {
				links++
			}
			for _, a := range e.Attr {
				if x, err := strconv.ParseFloat(a.Value, 64); (a.Name.Local == "x" || a.Name.Local == "cx") && (err != nil || x < 0 || x > 960) {
					t.Errorf("%d marks: something stands at %s", n, a.Value)
				}
			}
		}
		if links != n {
			t.Errorf("%d marks, %d links", n, links)
		}
	}
}

// TestLanesKeepApart holds that two labels never meet.
func TestLanesKeepApart(t *testing.T) {
	l := lanesOf(60)
	at := func(y float64) float64 { return laneHead + (798-laneHead)*(y-2015)/6 }
	for lane := range l.Names {
		list := l.place(lane, at, 798, 960)
		for i := range list {
			for j := range list[:i] {
				a, b := list[i].extent(), list[j].extent()
				if list[i].row == list[j].row && list[i].label != "" && list[j].label != "" && a.x0 < b.x1 && b.x0 < a.x1 {
					t.Fatalf("lane %d: %v meets %v", lane, list[i].Name, list[j].Name)
				}
			}
		}
	}
}

func (p *placed) extent() box {
	w := textWidth(p.Label)
	if p.label == start {
		return box{x0: p.x - markSize, x1: max(p.x1, p.x+markSize) + 6 + w}
	}
	return box{x0: min(p.x0, p.x-markSize) - 6 - w, x1: p.x + markSize}
}

func TestLanesRefuse(t *testing.T) {
	for name, l := range map[string]*Lanes{
		"no lanes": {}, "no such lane": {Names: []string{"a"}, Marks: []Mark{{Lane: 1}}}, "backwards": {Names: []string{"a"}, Marks: []Mark{{From: 2, To: 1}}},
		"for ever": {Names: []string{"a"}, Marks: []Mark{{From: 1, To: math.Inf(1)}}},
	} {
		if _, err := l.Draw(960); err == nil {
			t.Errorf("%s is drawn", name)
		}
	}
}
