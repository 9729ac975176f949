package casework_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/i18n"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestDiagram(t *testing.T) {
	t.Parallel()
	for file, look := range map[string]casework.Look{
		"claim_zh.svg": {Lang: i18n.ZH, Current: "checked", Passed: []string{"applied", "npl"}, Standalone: true},
		"claim_en.svg": {Lang: i18n.EN},
	} {
		k := parse(t, "testdata/claim.yaml")
		got := casework.Diagram(k, look)
		if again := casework.Diagram(k, look); !bytes.Equal(got, again) {
			t.Error("two drawings of one kind differ")
		}
		wellFormed(t, got)
		if *update {
			must(t, os.WriteFile("testdata/"+file, got, 0o644))
		}
		want, err := os.ReadFile("testdata/" + file)
		must(t, err)
		if !bytes.Equal(got, want) {
			t.Errorf("%s is drawn otherwise: look at it, then run with -update", file)
		}
		for _, s := range k.States {
			if !strings.Contains(string(got), ">"+s.Name.In(look.Lang)+"</text>") {
				t.Errorf("%s: %s is missing", file, s.ID)
			}
		}
		if strings.Count(string(got), `class="head"`) != 24 {
			t.Errorf("%s: %d arrows, want 24", file, strings.Count(string(got), `class="head"`))
		}
	}
}

func wellFormed(t *testing.T, svg []byte) {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(svg))
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		must(t, err)
		if el, ok := tok.(xml.StartElement); ok && (el.Name.Local == "script" || el.Name.Local == "foreignObject") {
			t.Errorf("a diagram holds a %s", el.Name.Local)
		}
	}
}

var (
	rects  = regexp.MustCompile(`<rect [^>]* x="([-\d.]+)" y="([-\d.]+)" width="([-\d.]+)" height="([-\d.]+)"`)
	labels = regexp.MustCompile(`<text class="label" [^>]* x="([-\d.]+)" y="([-\d.]+)"[^>]*>([^<]*)<tspan[^>]*>([^<]*)<`)
	size   = regexp.MustCompile(`viewBox="0 0 ([\d.]+) ([\d.]+)"`)
)

// TestNothingOverlaps measures the boxes of states and labels of all kinds at
// hand, in both languages.
func TestNothingOverlaps(t *testing.T) {
	t.Parallel()
	type box struct {
		x0, y0, x1, y1 float64
		what           string
	}
	number := func(s string) float64 { v, err := strconv.ParseFloat(s, 64); must(t, err); return v }
	for _, file := range []string{"claim", "grant", "grant_2"} {
		for _, l := range i18n.Langs {
			svg := string(casework.Diagram(parse(t, "testdata/"+file+".yaml"), casework.Look{Lang: l}))
			var boxes []box
			for _, m := range rects.FindAllStringSubmatch(svg, -1) {
				boxes = append(boxes, box{number(m[1]), number(m[2]), number(m[1]) + number(m[3]), number(m[2]) + number(m[4]), m[0]})
			}
			for _, m := range labels.FindAllStringSubmatch(svg, -1) {
				half := 0.0
				for _, r := range m[3] + m[4] {
					if half += 3.5; r >= 0x2E80 {
						half += 3
					}
				}
				boxes = append(boxes, box{number(m[1]) - half, number(m[2]) - 12, number(m[1]) + half, number(m[2]) + 3, m[3] + m[4]})
			}
			view := size.FindStringSubmatch(svg)
			if len(boxes) < 10 || view == nil {
				t.Fatalf("%s: only %d boxes were found", file, len(boxes))
			}
			for i, a := range boxes {
				if a.x0 < 0 || a.y0 < 0 || a.x1 > number(view[1]) || a.y1 > number(view[2]) {
					t.Errorf("%s %s: %s stands outside", file, l, a.what)
				}
				for _, b := range boxes[i+1:] {
					if a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1 {
						t.Errorf("%s %s: %s and %s overlap", file, l, a.what, b.what)
					}
				}
			}
		}
	}
}

func TestNamesAreEscaped(t *testing.T) {
	t.Parallel()
	raw := strings.ReplaceAll(strings.ReplaceAll(tiny, "zh: 甲", `zh: "<script>甲&"`), "zh: 走", `zh: "\"><b>"`)
	k, err := casework.ParseKind([]byte(raw))
	must(t, err)
	svg := casework.Diagram(k, casework.Look{Lang: i18n.ZH})
	wellFormed(t, svg)
	if strings.Contains(string(svg), "<b>") {
		t.Error("a name is markup")
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	rows := parse(t, "testdata/grant.yaml").Rows()
	if len(rows) != 8 {
		t.Fatalf("%d rows", len(rows))
	}
	r := rows[6] // pay
	if r.From.ZH != "已批准" || r.Action.EN != "Pay" || r.To.ZH != "已支付" || r.NotBy.ZH != "批准" || r.Roles.ZH != "经办" ||
		r.Deadline.ZH != "≤ 30天 → 逾期失效；提醒 经办" || r.Deadline.EN != "≤ 30 days → Lapse; tells Maker" {
		t.Errorf("%+v", r)
	}
	if n := rows[1]; n.To.ZH != "草稿" || !n.Reason || n.Roles.EN != "Maker, Checker" {
		t.Errorf("%+v", n)
	}
}
