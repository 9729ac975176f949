package match

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

func fen(yuan int64) *money.Fen {
	f := money.Fen(yuan) * money.Yuan
	return &f
}

func TestChecks(t *testing.T) {
	today := dayOf(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC))
	scale := TRL{6, "GB/T 22900", "2022"}
	for name, tc := range map[string]struct {
		wants Constraints
		offer Card
		want  Check
	}{
		"trl met":           {Constraints{TRLMin: 6, TRLScale: "GB/T 22900", TRLEdition: "2022"}, Card{TRL: scale}, Check{ByTRL, "≥ 6 (GB/T 22900 2022)", "6 (GB/T 22900 2022)", Met, ""}},
		"trl failed":        {Constraints{TRLMin: 7, TRLScale: "GB/T 22900", TRLEdition: "2022"}, Card{TRL: scale}, Check{ByTRL, "≥ 7 (GB/T 22900 2022)", "6 (GB/T 22900 2022)", Failed, ""}},
		"trl other scale":   {Constraints{TRLMin: 6, TRLScale: "NASA"}, Card{TRL: scale}, Check{ByTRL, "≥ 6 (NASA)", "6 (GB/T 22900 2022)", Unknown, "match.unknown.scale"}},
		"trl other edition": {Constraints{TRLMin: 6, TRLScale: "GB/T 22900", TRLEdition: "2009"}, Card{TRL: scale}, Check{ByTRL, "≥ 6 (GB/T 22900 2009)", "6 (GB/T 22900 2022)", Unknown, "match.unknown.edition"}},
		"trl any edition":   {Constraints{TRLMin: 6, TRLScale: "GB/T 22900"}, Card{TRL: scale}, Check{ByTRL, "≥ 6 (GB/T 22900)", "6 (GB/T 22900 2022)", Met, ""}},
		"trl not said":      {Constraints{TRLMin: 6}, Card{}, Check{ByTRL, "≥ 6", "", Unknown, ""}},
		"ipc met":           {Constraints{IPC: []string{"A61K", "H01M"}}, Card{Codes: CodeSet{IPC: []string{"h01m 10/05"}}}, Check{ByIPC, "A61K, H01M", "h01m 10/05", Met, ""}},
		"ipc wider":         {Constraints{IPC: []string{"H01M 10/05"}}, Card{Codes: CodeSet{IPC: []string{"H01M"}}}, Check{ByIPC, "H01M 10/05", "H01M", Unknown, "match.unknown.wider"}},
		"ipc failed":        {Constraints{IPC: []string{"H01M"}}, Card{Codes: CodeSet{IPC: []string{"H04L"}}}, Check{ByIPC, "H01M", "H04L", Failed, ""}},
		"industry not said": {Constraints{Industry: []string{"C38"}}, Card{}, Check{ByIndustry, "C38", "", Unknown, ""}},
		"region within":     {Constraints{Regions: []string{"440100"}}, Card{Division: "440106"}, Check{ByRegion, "440100", "440106", Met, ""}},
		"region province":   {Constraints{Regions: []string{"440000"}}, Card{Division: "440106"}, Check{ByRegion, "440000", "440106", Met, ""}},
		"region wider":      {Constraints{Regions: []string{"440106"}}, Card{Division: "440100"}, Check{ByRegion, "440106", "440100", Unknown, "match.unknown.wider"}},
		"region elsewhere":  {Constraints{Regions: []string{"440100"}}, Card{Division: "440300"}, Check{ByRegion, "440100", "440300", Failed, ""}},
		"budget met":        {Constraints{Budget: Span{Max: fen(1000)}}, Card{Price: Span{Min: fen(800), Max: fen(1200)}}, Check{ByBudget, "≤ ¥ 1000", "¥ 800–1200", Met, ""}},
		"budget failed":     {Constraints{Budget: Span{Max: fen(1000)}}, Card{Price: Span{Min: fen(1001)}}, Check{ByBudget, "≤ ¥ 1000", "≥ ¥ 1001", Failed, ""}},
		"budget open":       {Constraints{Budget: Span{Max: fen(1000)}}, Card{Price: Span{Min: fen(2000), Negotiable: true}}, Check{ByBudget, "≤ ¥ 1000", "≥ ¥ 2000", Unknown, "match.unknown.negotiable"}},
		"budget most only":  {Constraints{Budget: Span{Max: fen(1000)}}, Card{Price: Span{Max: fen(2000)}}, Check{ByBudget, "≤ ¥ 1000", "≤ ¥ 2000", Unknown, "match.unknown.price"}},
		"rights granted":    {Constraints{Rights: "granted"}, Card{Rights: []string{"applied", "granted"}}, Check{ByRights, "granted", "applied, granted", Met, ""}},
		"rights applied":    {Constraints{Rights: "granted"}, Card{Rights: []string{"applied"}}, Check{ByRights, "granted", "applied", Failed, ""}},
		"form":              {Constraints{Forms: []string{"licence", "equity"}}, Card{Forms: []string{"equity"}}, Check{ByForm, "licence, equity", "equity", Met, ""}},
		"run out":           {Constraints{}, Card{Expires: today - 1}, Check{ByDate, "≥ 2026-05-01", "2026-04-30", Failed, ""}},
		"last day":          {Constraints{}, Card{Expires: today}, Check{ByDate, "≥ 2026-05-01", "2026-05-01", Met, ""}},
		"level":             {Constraints{Level: level.Public}, Card{Level: level.Partner}, Check{ByLevel, "public", "partner", Failed, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			got := checks(&Card{Wants: tc.wants}, &tc.offer, today)
			if diff := cmp.Diff([]Check{tc.want}, got); diff != "" {
				t.Error(diff)
			}
			if tc.want.Why != "" && !i18n.Has(tc.want.Why) {
				t.Errorf("no message %s", tc.want.Why)
			}
		})
	}
	if got := checks(&Card{}, &Card{}, today); got != nil {
		t.Errorf("nothing wanted: %v", got)
	}
}

func TestMessagesOfConditionsAndFeatures(t *testing.T) {
	var keys []string
	for _, c := range Conditions {
		keys = append(keys, "match.condition."+string(c))
	}
	for _, s := range []State{Met, Failed, Unknown} {
		keys = append(keys, "match.state."+string(s))
	}
	for _, f := range Features {
		keys = append(keys, "match.feature."+string(f))
	}
	for _, w := range []Why{WhyEmpty, WhyExcluded, WhyCoverage, WhyScore, WhyNobody} {
		keys = append(keys, "match.why."+string(w))
	}
	for _, k := range keys {
		if !i18n.Has(k) {
			t.Errorf("no message %s", k)
		}
	}
}
