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
		"dots": make(Dots, func(s *Spec) {
			s.Unit, s.First, s.Intervals, s.Reference = "MNCS", "机构", "95% 区间", &Reference{1, "世界 = 1"}
			s.Series = []Series{{Points: []Point{
				{Label: "中山大学", Known: true, Value: 1.31, Bound: Interval, Low: 1.24, High: 1.4, Text: "1.31", Href: "/rankings/style/works?unit=1", Mark: true},
				{Label: "中国科学院广州生物医药与健康研究院（广东省干细胞与再生医学重点实验室）", Known: true, Value: 1.22, Bound: Interval, Low: 0.9, High: 1.61, Text: "1.22"},
				{Label: "Guangdong–Hong Kong–Macao Greater Bay Area Quantum Science Center", Known: true, Value: 0.97, Text: "0.97"},
				{Label: "甲"},
			}}}
		}),
		"bump": make(Bump, func(s *Spec) {
			s.Unit, s.Rank, s.Breaks = "位", true, []Break{{2022, "方法变化"}}
			s.Series = []Series{
				{Name: "深圳—香港—广州", Mark: true, Points: ranks(2, 2, 2, 1)},
				{Name: "东京—横滨", Points: ranks(1, 1, 1, 2)},
				{Name: "San José–San Francisco", Points: ranks(5, 0, 6, 3)},
			}
		}),
		"bins": make(Bins, func(s *Spec) {
			s.Series = []Series{{Points: []Point{
				{Label: "0–5", Known: true, Value: 40, Low: 0, High: 5}, {Label: "5–10", Known: true, Value: 12, Low: 5, High: 10, Mark: true},
				{Label: "10–15", Known: true, Value: 0, Low: 10, High: 15}, {Label: "15–20", Known: true, Value: 3, Low: 15, High: 20}}}}
		}),
		"globe": make(Globe, func(s *Spec) { s.World = world(); s.Series = clusterPoints() }),
		"area": make(Area, func(s *Spec) {
			s.World = world()
			s.World.Lon, s.World.Lat, s.World.HalfKM = 113.5, 22.8, 160
			s.Series = clusterPoints()
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

func ranks(vs ...float64) []Point {
	ps := points(vs...)
	for i := range ps {
		ps[i].Known = vs[i] > 0
	}
	return ps
}

// world has a cluster on the Pearl River, one on the dateline, one that holds
// the north pole, and dots of different weight.
func world() *World {
	w := &World{Meridian: 150, Clusters: []Cluster{
		{Lon: 113.6, Lat: 22.8, RadiusKM: 95, Weight: 100, Number: 1, Mark: true, Href: "/clusters/1"},
		{Lon: 139.7, Lat: 35.6, RadiusKM: 70, Weight: 81, Number: 2},
		{Lon: 179.9, Lat: -17, RadiusKM: 900, Weight: 4, Number: 3},
		{Lon: -30, Lat: 84, RadiusKM: 1200, Weight: 2, Number: 4}}}
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		w.Places = append(w.Places, Place{Lon: 113.5 + r.NormFloat64(), Lat: 22.9 + r.NormFloat64()/2, Weight: r.ExpFloat64(), In: r.IntN(2) == 0},
			Place{Lon: r.Float64()*360 - 180, Lat: r.Float64()*120 - 60, Weight: 1})
	}
	return w
}

func clusterPoints() []Series {
	return []Series{{Points: []Point{{Label: "深圳—香港—广州", Known: true, Value: 11.4, Text: "11.4"}, {Label: "东京—横滨", Known: true, Value: 11.1, Text: "11.1"},
		{Label: "Dateline", Known: true, Value: 2}, {Label: "Pole", Known: true, Value: 1}}}}
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
	kinds := []Kind{Line, Step, Bar, Spark, Tiles, Dots, Bump, Bins, Globe, Area}
	s := Spec{Kind: kinds[r.IntN(len(kinds))], ID: "r", Title: "题", Unit: "万元", Unknown: "未知", Rank: r.IntN(4) == 0}
	names := []string{"黄埔区", "广州国家实验室", "Guangzhou Institutes of Biomedicine and Health", "甲"}
	scale := math.Pow(10, float64(r.IntN(9)-2))
	for i := range 1 + r.IntN(4) {
		se := Series{Name: names[i]}
		for j := range 1 + r.IntN(14) {
			p := Point{Label: fmt.Sprintf("%s%d", names[r.IntN(4)][:3], 2000+j), X: float64(2000 + j), Known: r.IntN(5) > 0,
				Value: r.Float64() * scale, Bound: Bound(r.IntN(6)), Mark: r.IntN(5) == 0}
			p.Low, p.High = p.Value*0.8, p.Value*1.3
			if s.Rank {
				p.Value = float64(1 + r.IntN(90))
				p.Low, p.High = p.Value, p.Value+3
			}
			se.Points = append(se.Points, p)
		}
		s.Series = append(s.Series, se)
	}
	s.World = &World{Meridian: r.Float64() * 360, Lon: r.Float64()*360 - 180, Lat: r.Float64()*180 - 90, HalfKM: math.Pow(10, 1+2.5*r.Float64())}
	for i := range r.IntN(40) {
		s.World.Clusters = append(s.World.Clusters, Cluster{Lon: r.Float64()*360 - 180, Lat: r.Float64()*180 - 90, RadiusKM: r.ExpFloat64() * 200, Weight: r.ExpFloat64(), Number: i + 1})
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
		kinds := []Kind{Line, Step, Bar, Spark, Tiles, Dots, Bump, Bins, Globe, Area}
		s := Spec{Kind: kinds[int(kind)%10], World: &World{Lon: v, Lat: v / 2, HalfKM: v, Places: []Place{{Lon: v, Lat: v}}, Clusters: []Cluster{{Lon: v, Lat: -v, RadiusKM: v, Weight: v}}}, ID: "z", Title: label, Unknown: "?", Grid: [][]string{{label, ""}}, Series: []Series{{Name: label,
			Points: []Point{{Label: label, X: v, Known: true, Value: v, Bound: Bound(bound % 6), Low: v, High: v, Text: label}, {Label: "b", X: 1}}}}}
		got, err := s.Draw(width, "")
		if err == nil && strings.Contains(got, "NaN") {
			t.Errorf("not a number in %s", got)
		}
	})
}

func TestEqualEarthKeepsAreas(t *testing.T) {
	// The area of a cell of one degree, by the projection, against that on the
	// unit sphere: the ratio is the same everywhere.
	ratio := func(lat float64) float64 {
		const e = 1e-3
		x0, y0 := equalEarth(10, lat)
		x1, y1 := equalEarth(10+e, lat)
		x2, y2 := equalEarth(10, lat+e)
		return math.Abs((x1-x0)*(y2-y0)-(x2-x0)*(y1-y0)) / (radians(e) * (math.Sin(radians(lat+e)) - math.Sin(radians(lat))))
	}
	for lat := -85.0; lat <= 85; lat += 5 {
		if got := ratio(lat); math.Abs(got-ratio(0)) > 2e-3 {
			t.Errorf("at %v°: %v, want %v", lat, got, ratio(0))
		}
	}
}

func TestRingIsAGreatCircleAway(t *testing.T) {
	for _, centre := range [][2]float64{{113.3, 23.1}, {179.9, -17}, {0, 89}} {
		for _, p := range ring(centre[0], centre[1], 500, 36) {
			f, g, dl := radians(centre[1]), radians(p[1]), radians(p[0]-centre[0])
			h := math.Pow(math.Sin((g-f)/2), 2) + math.Cos(f)*math.Cos(g)*math.Pow(math.Sin(dl/2), 2)
			if km := 2 * earthKM * math.Asin(math.Sqrt(h)); math.Abs(km-500) > 1e-6 {
				t.Fatalf("%v is %v km from %v, want 500", p, km, centre)
			}
		}
	}
}

func TestRingsRunOnOverTheDateline(t *testing.T) {
	for _, tc := range []struct {
		lon, lat, km float64
		corners      int
	}{{179.9, -17, 900, 72}, {-30, 84, 1200, 75}, {10, -88, 900, 75}} {
		flat := unrolled(ring(tc.lon, tc.lat, tc.km, 72), 0)
		if len(flat) != tc.corners {
			t.Errorf("%v: %d corners, want %d", tc, len(flat), tc.corners)
		}
		for i := 1; i < 72; i++ {
			if math.Abs(flat[i][0]-flat[i-1][0]) > 90 {
				t.Errorf("%v: the ring jumps from %v to %v", tc, flat[i-1], flat[i])
			}
		}
	}
}

func TestPlacesOfTheDatelineLieTogether(t *testing.T) {
	x, y, ok := around(180, 0, -179.99, 0)
	if !ok || math.Abs(x-1.112) > 0.001 || math.Abs(y) > 1e-9 {
		t.Errorf("0.01° over the dateline is %v, %v km away; want 1.112", x, y)
	}
}

func TestTableOfDotsHasIntervals(t *testing.T) {
	got := specs()["dots"].Table()
	if diff := cmp.Diff([]string{"机构", "MNCS", "95% 区间"}, got.Head); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"中山大学", "1.31", "1.24–1.4"}, got.Rows[0]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"甲", "未知", "未知"}, got.Rows[3]); diff != "" {
		t.Error(diff)
	}
}
