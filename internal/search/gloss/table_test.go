package gloss_test

import (
	"testing"

	"github.com/kapok-city/kapok/internal/search/gloss"
)

func TestTry(t *testing.T) {
	tb, err := gloss.Bundled()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"钙钛矿太阳能电池的太赫兹光谱研究", "研究生命的起源", "产学研合作与专精特新企业揭榜挂帅，低空经济", "We use BCI and UAV in the low-altitude economy", "基于PID控制的2000万元CAR-T细胞中试基地", "臺灣大學"} {
		for _, g := range tb.Gloss(s) {
			t.Logf("%s [%s] %s %.2v", s[g.Start:g.End], g.From, g.Origin, g.To)
		}
	}
}
