package chart

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// specs are the charts of the golden files: every kind, every bound, unknown
// values, long names, several series, a rank.
func specs() map[string]Spec {
	history := []Point{
		{Label: "2019", X: 2019, Known: true, Value: 3100, Text: "3,100"},
		{Label: "2020", X: 2020, Known: true, Value: 3400, Bound: About, Text: "≈ 3,400"},
		{Label: "2021", X: 2021},
		{Label: "2022", X: 2022, Known: true, Value: 5120, Bound: Least, Text: "≥ 5,120", Href: "/figures/x?as-of=2022"},
		{Label: "2023", X: 2023, Known: true, Value: 6800, Bound: Range, Low: 6500, High: 7100, Text: "6,500–7,100"},
		{Label: "2024", X: 2024, Known: true, Value: 8200, Bound: Most, Text: "< 8,200"},
	}
	base := Spec{ID: "f", Title: "技术合同成交额", Desc: "2019年至2024年由三千一百亿元增至八千二百亿元。", Unit: "亿元", First: "年份", Unknown: "未知"}
	make := func(k Kind, f func(*Spec)) Spec {
		s := base
		s.Kind, s.ID = k, string(k)
		f(&s)
		return s
	}
	return map[string]Spec{
		"line": make(Line, func(s *Spec) { s.Series = []Series{{Points: history}} }),
		"step": make(Step, func(s *Spec) { s.Series = []Series{{Points: history}} }),
		"rank": make(Line, func(s *Spec) {
			s.ID, s.Rank, s.Unit = "rank", true, "位"
			s.Series = []Series{{Points: []Point{
				{Label: "2018", X: 2018, Known: true, Value: 25, Text: "第25位"},
				{Label: "2020", X: 2020, Known: true, Value: 15, Text: "第15位"},
				{Label: "2022", X: 2022, Known: true, Value: 10, Text: "第10位"},
				{Label: "2024", X: 2024, Known: true, Value: 8, Text: "第8位"},
			}}}
		}),
		"series": make(Line, func(s *Spec) {
			s.ID, s.Unit = "series", "%"
			s.Series = []Series{
				{Name: "牵头完成", Points: points(20, 24, 26, 31)},
				{Name: "参与完成", Points: points(19, 25, 25, 30)},
				{Name: "全部", Points: points(39, 49, 51, 61)},
			}
		}),
		"bar": make(Bar, func(s *Spec) {
			s.Series = []Series{{Points: []Point{
				{Label: "广州实验室（生物医药方向国家实验室）", Known: true, Value: 310, Text: "310", Href: "/organisations/1"},
				{Label: "中国科学院广州生物医药与健康研究院", Known: true, Value: 260, Bound: Least, Text: "≥ 260"},
				{Label: "粤港澳大湾区国家技术创新中心", Known: true, Value: 120, Bound: Range, Low: 100, High: 140, Text: "100–140"},
				{Label: "人类细胞谱系大科学研究设施", Known: true, Value: 90, Bound: Most, Text: "≤ 90"},
				{Label: "Guangdong–Hong Kong–Macao Greater Bay Area Quantum Science Center", Known: true, Value: 0, Text: "0"},
				{Label: "航空轮胎大科学中心"},
			}}}
		}),
		"spark": make(Spark, func(s *Spec) { s.Series = []Series{{Points: history}} }),
		"tiles": make(Tiles, func(s *Spec) {
			s.Unit, s.First = "家", "区"
			s.Grid = [][]string{{"", "花都区", "从化区", ""}, {"", "白云区", "", "增城区"}, {"荔湾区", "越秀区", "天河区", "黄埔区"},
				{"", "海珠区", "", ""}, {"", "番禺区", "", ""}, {"", "", "南沙区", ""}}
			s.Series = []Series{{Points: []Point{
				tile("花都区", 12), tile("白云区", 18), tile("增城区", 9), tile("荔湾区", 7), tile("越秀区", 21),
				tile("天河区", 64), tile("黄埔区", 152), tile("海珠区", 23), tile("番禺区", 31), tile("南沙区", 28)}}}
		}),
		"nothing": make(Bar, func(s *Spec) { s.ID = "nothing"; s.Series = []Series{{Points: []Point{{Label: "甲"}}}} }),
	}
}

func points(vs ...float64) []Point {
	var ps []Point
	for i, v := range vs {
		ps = append(ps, Point{Label: fmt.Sprint(2021 + i), X: float64(2021 + i), Known: true, Value: v})
	}
	return ps
}

func tile(name string, v float64) Point {
	return Point{Label: name, Known: true, Value: v, Href: "/organisations?district=" + name}
}

var widths = []int{320, 680}

func TestGolden(t *testing.T) {
	for name, s := range specs() {
		for _, w := range widths {
			got, err := s.Draw(w, fmt.Sprintf("-%d", w))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			wellFormed(t, got)
			got = strings.ReplaceAll(got, "><", ">\n<") + "\n"
			file := filepath.Join("testdata", fmt.Sprintf("%s-%d.svg", name, w))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		}
	}
}

func wellFormed(t *testing.T, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, svg)
		}
	}
}

// TestTextNeverOverlaps holds the placement rule on the golden charts and on
// random ones with crowded points, long names and odd widths.
func TestTextNeverOverlaps(t *testing.T) {
	for name, s := range specs() {
		for w := 280.0; w <= 1000; w += 40 {
			checkBoxes(t, name, s, w)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 400 {
		checkBoxes(t, fmt.Sprintf("random %d", i), randomSpec(r), 280+float64(r.IntN(600)))
	}
}

func checkBoxes(t *testing.T, name string, s Spec, width float64) {
	t.Helper()
	c, err := s.draw(width)
	if err != nil {
		t.Fatalf("%s at %v: %v", name, width, err)
	}
	for i, b := range c.boxes {
		if b.x0 < -0.5 || b.y0 < -0.5 || b.x1 > c.w+0.5 || b.y1 > c.h+0.5 {
			t.Errorf("%s at %v: %q leaves the picture (%.0f %.0f %.0f %.0f in %.0f x %.0f)", name, width, b.text, b.x0, b.y0, b.x1, b.y1, c.w, c.h)
		}
		for _, o := range c.boxes[:i] {
			if b.meets(o) {
				t.Errorf("%s at %v: %q lies over %q", name, width, b.text, o.text)
			}
		}
	}
}

func randomSpec(r *rand.Rand) Spec {
	kinds := []Kind{Line, Step, Bar, Spark, Tiles}
	s := Spec{Kind: kinds[r.IntN(len(kinds))], ID: "r", Title: "题", Unit: "万元", Unknown: "未知", Rank: r.IntN(4) == 0}
	names := []string{"黄埔区", "广州国家实验室", "Guangzhou Institutes of Biomedicine and Health", "甲"}
	scale := math.Pow(10, float64(r.IntN(9)-2))
	for i := range 1 + r.IntN(4) {
		se := Series{Name: names[i]}
		for j := range 1 + r.IntN(14) {
			p := Point{Label: fmt.Sprintf("%s%d", names[r.IntN(4)][:3], 2000+j), X: float64(2000 + j), Known: r.IntN(5) > 0,
				Value: r.Float64() * scale, Bound: Bound(r.IntN(5))}
			p.Low, p.High = p.Value*0.8, p.Value*1.3
			if s.Rank {
				p.Value = float64(1 + r.IntN(90))
				p.Low, p.High = p.Value, p.Value+3
			}
			se.Points = append(se.Points, p)
		}
		s.Series = append(s.Series, se)
	}
	for j := 0; j < len(s.Series[0].Points); j += 4 {
		var row []string
		for k := j; k < min(j+4, len(s.Series[0].Points)); k++ {
			row = append(row, s.Series[0].Points[k].Label)
		}
		s.Grid = append(s.Grid, row)
	}
	return s
}

func TestTableShowsUnknownAsUnknown(t *testing.T) {
	got := specs()["line"].Table()
	want := Table{Head: []string{"年份", "亿元"}, Rows: [][]string{
		{"2019", "3,100"}, {"2020", "≈ 3,400"}, {"2021", "未知"}, {"2022", "≥ 5,120"}, {"2023", "6,500–7,100"}, {"2024", "< 8,200"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTableHasTilesThatNoPointSpeaksOf(t *testing.T) {
	rows := specs()["tiles"].Table().Rows
	if diff := cmp.Diff([]string{"从化区", "未知"}, rows[len(rows)-1]); diff != "" || len(rows) != 11 {
		t.Errorf("%d rows, last (-want +got):\n%s", len(rows), diff)
	}
}

func TestBarsStartAtZeroAndKeepProportion(t *testing.T) {
	s := Spec{Kind: Bar, ID: "b", Series: []Series{{Points: []Point{
		{Label: "a", Known: true, Value: 100}, {Label: "b", Known: true, Value: 25}}}}}
	got, err := s.Draw(600, "")
	if err != nil {
		t.Fatal(err)
	}
	var ws []float64
	for _, part := range strings.Split(got, `<rect x="`)[1:] {
		var x, y, w float64
		if _, err := fmt.Sscanf(part, `%f" y="%f" width="%f"`, &x, &y, &w); err != nil {
			t.Fatal(err)
		}
		ws = append(ws, w)
	}
	if len(ws) != 2 || math.Abs(ws[0]/ws[1]-4) > 0.01 {
		t.Errorf("widths %v: want 4 to 1", ws)
	}
}

func TestDrawRefusesWhatItCannotDraw(t *testing.T) {
	good := specs()["bar"]
	for name, f := range map[string]func(*Spec){
		"kind": func(s *Spec) { s.Kind = "pie" },
		"id":   func(s *Spec) { s.ID = `x" onload="` },
		"nan": func(s *Spec) {
			s.Series = []Series{{Points: []Point{{Known: true, Value: math.NaN()}}}}
		},
		"inf": func(s *Spec) {
			s.Series = []Series{{Points: []Point{{Known: true, Value: math.Inf(1)}}}}
		},
	} {
		s := good
		f(&s)
		if _, err := s.Draw(400, ""); err == nil {
			t.Errorf("%s: drawn, want an error", name)
		}
	}
}

func TestTextIsEscaped(t *testing.T) {
	s := Spec{Kind: Bar, ID: "b", Title: `<script>`, Unknown: "?", Series: []Series{{Points: []Point{
		{Label: `</text><script>alert(1)</script>`, Known: true, Value: 1, Text: `"&<`, Href: `"><script>`}}}}}
	got, err := s.Draw(400, "")
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, got)
	if strings.Contains(got, "<script") {
		t.Errorf("a script got through: %s", got)
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 12: "12", 1234.5: "1,234.5", -3000000: "−3,000,000", 0.333333: "0.33", 999: "999"} {
		if got := Number(v); got != want {
			t.Errorf("Number(%v) = %q, want %q", v, got, want)
		}
	}
}

func FuzzDraw(f *testing.F) {
	f.Add("黄埔区", 12.5, uint8(2), uint8(0), 400)
	f.Add("<a>&\x00", -1e17, uint8(4), uint8(3), 61)
	f.Fuzz(func(t *testing.T, label string, v float64, bound, kind uint8, width int) {
		kinds := []Kind{Line, Step, Bar, Spark, Tiles}
		s := Spec{Kind: kinds[int(kind)%5], ID: "z", Title: label, Unknown: "?", Grid: [][]string{{label, ""}}, Series: []Series{{Name: label,
			Points: []Point{{Label: label, X: v, Known: true, Value: v, Bound: Bound(bound % 5), Low: v, High: v, Text: label}, {Label: "b", X: 1}}}}}
		got, err := s.Draw(width, "")
		if err == nil && strings.Contains(got, "NaN") {
			t.Errorf("not a number in %s", got)
		}
	})
}
