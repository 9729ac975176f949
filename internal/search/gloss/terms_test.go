package gloss_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/search/gloss"
)

const (
	fewest  = 2000 // terms that must be there
	widest  = 40   // characters of a Chinese form
	longest = 100  // bytes of an English one
)

func bundled(t testing.TB) []gloss.Term {
	t.Helper()
	terms, err := gloss.BundledTerms()
	if err != nil {
		t.Fatal(err)
	}
	return terms
}

func TestBundledTerms(t *testing.T) {
	t.Parallel()
	terms := bundled(t)
	if len(terms) < fewest {
		t.Errorf("%d terms, fewer than %d", len(terms), fewest)
	}
	t.Logf("%d terms", len(terms))
	taken := map[string]string{}
	for _, term := range terms {
		if term.EN == "" || term.Area == "" || term.Source == "" {
			t.Errorf("%s: an empty cell", term.ZH)
		}
		for _, zh := range append([]string{term.ZH}, term.AlsoZH...) {
			key := fold.Name(zh)
			if other, twice := taken[key]; twice {
				t.Errorf("%s of %s stands under %s already", zh, term.ZH, other)
			}
			taken[key] = term.ZH
			chineseForm(t, zh)
		}
		english := append([]string{term.EN}, term.AlsoEN...)
		for i, en := range english {
			englishForm(t, term.ZH, en)
			if slices.ContainsFunc(english[:i], func(o string) bool { return strings.EqualFold(o, en) }) {
				t.Errorf("%s: %q stands twice", term.ZH, en)
			}
		}
	}
}

func chineseForm(t *testing.T, zh string) {
	t.Helper()
	switch {
	case !strings.ContainsFunc(zh, fold.IsHan):
		t.Errorf("%q is not Chinese", zh)
	case utf8.RuneCountInString(zh) > widest:
		t.Errorf("%q has a width out of bounds", zh)
	case fold.Simplified(zh) != zh || strings.TrimSpace(zh) != zh:
		t.Errorf("%q is not written in simplified characters or has blanks at its ends", zh)
	}
}

// englishText is ASCII, the dash between names of equal rank, and the few
// accents of names.
var englishText = regexp.MustCompile(`^[A-Za-z0-9 '&+,./()–-]+$|^El Niño$`)

func englishForm(t *testing.T, zh, en string) {
	t.Helper()
	switch {
	case !englishText.MatchString(en) || !strings.ContainsFunc(en, unicode.IsLetter):
		t.Errorf("%s: %q is not English", zh, en)
	case len(en) > longest || strings.TrimSpace(en) != en || strings.Contains(en, "  "):
		t.Errorf("%s: the width or the blanks of %q", zh, en)
	}
}

// The words of the house stand in the termbase with exactly their English.
func TestHouseWords(t *testing.T) {
	t.Parallel()
	by := map[string]gloss.Term{}
	for _, term := range bundled(t) {
		for _, zh := range append([]string{term.ZH}, term.AlsoZH...) {
			by[zh] = term
		}
	}
	for zh, en := range map[string]string{
		"成果": "result", "需求": "need", "披露": "disclosure", "推介": "introduction", "匹配": "match", "揭榜挂帅": "open challenge",
		"技术经理人": "technology manager", "公开范围": "level", "术语": "term", "术语库": "termbase", "释义": "gloss", "覆盖度": "coverage",
		"概念验证": "proof of concept", "中试": "pilot", "赋权": "rights grant", "单列管理": "separate register", "尽职免责": "diligence exemption",
		"技术合同认定登记": "contract registration", "收益分配": "proceeds split", "母基金": "fund of funds", "认缴": "committed", "实缴": "paid-in",
		"返投": "local reinvestment", "穿透": "look-through", "撬动": "leverage", "让利": "concession", "信贷风险补偿资金池": "credit risk pool",
		"代偿": "guarantor payout", "追偿": "recovery", "核销": "write-off", "免申即享": "benefit without application", "立项": "award", "验收": "acceptance",
		"链主": "chain leader", "环节": "node", "短板": "gap", "创新联合体": "innovation consortium", "五个一": "five-ones bundle", "机构": "organisation",
		"平台": "platform", "指标": "figure", "口径": "definition, scope", "发布": "release", "来源": "source", "批次": "batch", "论断": "claim",
	} {
		term, known := by[zh]
		if !known || term.EN != en {
			t.Errorf("%s is %q, not %q", zh, term.EN, en)
		}
	}
}

// What dictionaries break.
func TestTermsThatDictionariesBreak(t *testing.T) {
	t.Parallel()
	table := gloss.New(bundled(t), nil)
	for zh, en := range map[string]string{
		"太赫兹": "terahertz", "钙钛矿": "perovskite", "产学研": "university", "专精特新": "specialised", "低空经济": "altitude",
		"可燃冰": "hydrate", "脑机接口": "brain", "卡脖子": "bottleneck", "天使投资": "angel", "存算一体": "memory", "首台套": "equipment",
	} {
		found := table.Gloss(zh)
		if len(found) != 1 || found[0].End != len(zh) || weightOf(found[0].To, en) == 0 {
			t.Errorf("%s: %v", zh, found)
		}
	}
}
