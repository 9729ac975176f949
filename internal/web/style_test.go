package web

import (
	"regexp"
	"strings"
	"testing"
)

// tooNew lists what Chromium 90, Firefox 91 and Safari 14.1 do not know and
// what would take a page's look away there.
var tooNew = regexp.MustCompile(`oklch|oklab|color-mix|light-dark\(|@layer|@container|@property|@scope|:has\(|\binset:|\bdvh\b|[^-]aspect-ratio|subgrid|text-wrap|@import|url\(`)

func TestStyleKeepsToTheBrowserFloor(t *testing.T) {
	raw, err := staticFS.ReadFile("static/kapok.css")
	if err != nil {
		t.Fatal(err)
	}
	css := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(raw), "")
	for _, m := range tooNew.FindAllString(css, -1) {
		t.Errorf("kapok.css uses %q", m)
	}
	if nested := nestedRule(css); nested != "" {
		t.Errorf("kapok.css nests rules: %q", nested)
	}
	if strings.Count(css, "{") != strings.Count(css, "}") {
		t.Error("kapok.css: braces do not match")
	}
}

// nestedRule returns the first rule that stands inside a rule other than an
// at-rule, or "".
func nestedRule(css string) string {
	var open []bool // whether each open block is a style rule
	head := ""
	for _, r := range css {
		switch r {
		case '{':
			sel := strings.TrimSpace(head)
			if len(open) > 0 && open[len(open)-1] && !strings.HasPrefix(sel, "@") {
				return sel
			}
			open = append(open, !strings.HasPrefix(sel, "@"))
			head = ""
		case '}':
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
			head = ""
		case ';':
			head = ""
		default:
			head += string(r)
		}
	}
	return ""
}

func TestNestedRuleIsFound(t *testing.T) {
	if got := nestedRule(`@media print { a { b: c; } } a { & b { c: d } }`); got != "& b" {
		t.Errorf("got %q, want the nested rule", got)
	}
}

// TestFourTypeSizes holds that text takes one of the four sizes.
func TestFourTypeSizes(t *testing.T) {
	raw, err := staticFS.ReadFile("static/kapok.css")
	if err != nil {
		t.Fatal(err)
	}
	css, _, _ := strings.Cut(string(raw), "/* print")
	for _, m := range regexp.MustCompile(`font-size: ([^;]+);`).FindAllStringSubmatch(css, -1) {
		ok := strings.HasPrefix(m[1], "var(--t") || m[1] == "13px" || m[1] == "93.75%" || m[1] == "118.75%"
		if !ok {
			t.Errorf("font-size %s is not one of the four", m[1])
		}
	}
}

func TestDarkTokensAreTheSameTwice(t *testing.T) {
	raw, err := staticFS.ReadFile("static/kapok.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s)color-scheme: dark;(.*?)\n\s*\}`).FindAllStringSubmatch(string(raw), -1)
	if len(blocks) != 2 || blocks[0][1] != blocks[1][1] {
		t.Errorf("the dark colours by system and by switch differ (%d blocks)", len(blocks))
	}
}
