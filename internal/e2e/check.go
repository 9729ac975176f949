package e2e

import (
	"encoding/json"
	"strings"
)

// Violation is one rule of axe-core that a page breaks.
type Violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"` // selector and reason of each element
}

// Axe runs axe-core (WCAG 2.0 to 2.2, A and AA, and best practices) and returns
// what it finds.
func (p *Tab) Axe() []Violation {
	p.t.Helper()
	Eval[bool](p, axe+";true")
	raw := Eval[string](p, `axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(v => ({
		id: v.id, help: v.help, nodes: v.nodes.slice(0, 5).map(n => n.target.join(" ") + ": " + (n.failureSummary || "").split("\n").slice(1, 3).join("; ").trim())}))))`)
	var out []Violation
	if err := json.Unmarshal([]byte(raw), &out); err != nil {
		p.t.Fatalf("e2e: axe: %v", err)
	}
	return out
}

// Wide lists elements that reach beyond the right edge of a page that scrolls
// sideways. What scrolls inside a box of its own is not counted.
func (p *Tab) Wide() []string {
	p.t.Helper()
	return Eval[[]string](p, `(() => {
		const w = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= w) return [];
		return [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > w + 1)
			.slice(0, 8).map(e => e.tagName.toLowerCase() + "." + (e.getAttribute("class") || "") + " " + Math.round(e.getBoundingClientRect().right) + ">" + w);
	})()`)
}

// Headings lists the levels of headings that come out of order: the first must
// be 1, there must be one of it, and none may skip a level.
func (p *Tab) Headings() []string {
	p.t.Helper()
	return Eval[[]string](p, `(() => {
		const hs = [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map(h => [+h.tagName[1], h.textContent.trim().slice(0, 40)]);
		const bad = [];
		if (hs.filter(h => h[0] == 1).length != 1) bad.push("the page must have exactly one h1");
		let last = 0;
		for (const [n, text] of hs) { if (n > last + 1) bad.push("h" + n + " after h" + last + ": " + text); last = n; }
		return bad;
	})()`)
}

// Check holds the page to what every page must be. It reports all it finds.
func (p *Tab) Check() {
	p.t.Helper()
	for _, v := range p.Axe() {
		p.t.Errorf("axe %s: %s\n\t%s", v.ID, v.Help, strings.Join(v.Nodes, "\n\t"))
	}
	for _, e := range p.Wide() {
		p.t.Errorf("wider than the window: %s", e)
	}
	for _, h := range p.Headings() {
		p.t.Errorf("headings: %s", h)
	}
	for _, m := range p.Console() {
		p.t.Errorf("console: %s", m)
	}
}
