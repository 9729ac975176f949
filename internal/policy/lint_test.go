package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/i18n"
)

func TestLint(t *testing.T) {
	clean := strings.Replace(hnte, "status: unverified", "status: verified", 1)
	rule := func(rest string) string { return world + "policies:\n  - {id: p, " + head + rest + "}\n" }
	holds := ", when: {fact: hnte, is: yes, article: a}"
	for name, x := range map[string]struct{ text, key string }{
		"clean":         {clean, ""},
		"unverified":    {hnte, "policy.lint.unverified"},
		"never":         {rule(", when: {all: [{fact: staff, at_least: 10, article: a}, {fact: staff, below: 10, article: a}]}"), "policy.lint.never"},
		"always":        {rule(", when: {any: [{fact: staff, at_least: 10, article: a}, {fact: staff, below: 10, article: a}]}"), "policy.lint.always"},
		"idle":          {rule(", when: {all: [{fact: staff, at_least: 10, article: a}, {fact: staff, above: 20, article: a}]}"), "policy.lint.idle"},
		"zigzag":        {rule(", when: {fact: share, at_least: {by: staff, bands: [{up_to: 1, value: 1%}, {up_to: 2, value: 9%}, {value: 2%}]}, article: a}"), "policy.lint.zigzag"},
		"falls":         {rule(holds + ", benefit: {title: {zh: 甲, en: A}, amount: {bands: [{up_to: 500万, rate: 40%}, {rate: 30%}], of: sales, mode: whole}}"), "policy.lint.falls"},
		"no end":        {strings.Replace(rule(holds), "kind: status", "kind: grant", 1), "policy.lint.no_end"},
		"gap":           {rule(holds+", to: 2020-01-01") + "  - {id: p, " + head + holds + ", from: 2020-02-01}\n", "policy.lint.gap"},
		"contradiction": {rule(holds + ", stated: [{what: subsidy, where: text, value: 20万}, {what: subsidy, where: number, value: 10万}]"), "policy.lint.contradiction"},
	} {
		found := compileText(t, x.text).Lint()
		has := func(key string) bool { return slices.ContainsFunc(found, func(f Finding) bool { return f.Key == key }) }
		if x.key == "" && len(found) > 0 || x.key != "" && !has(x.key) {
			t.Errorf("%s: %+v, want %q", name, found, x.key)
		}
		for i := range found {
			if text := found[i].Text(i18n.ZH); text == found[i].Key || strings.Contains(text, "{") {
				t.Errorf("%s: %s", name, text)
			}
		}
	}
}
