package web

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// MatchRow is one record that was found, with the reasons.
type MatchRow struct {
	Anchor   int // its number on the page
	N        int // its place in its list
	Kind, ID string
	Word     string // of its kind
	Title    string
	Lang     string
	Href     string
	Owner    string
	Score    string
	Parts    []PartRow // they add up to the score
	Bias     string
	Terms    []TermRow
	Checks   []CheckRow
	Fails    string // conditions that fail, in words
	Votes    []VoteRow

	// What has been done about it, or what can be.
	State     string
	StateHref string
	Need      match.Key // the two ends of an introduction
	Offer     match.Key
	Can       bool
}

// MatchCase is a match with the page it stands on.
type MatchCase struct {
	Page MatchPage
	Row  MatchRow
}

// PartRow is what one feature adds.
type PartRow struct {
	Label        string
	Value        string // "" when nothing is known
	Weight       string
	Contribution string
	Width        int // of its bar, in percent of the widest there can be
	Against      bool
}

// TermRow is what one term adds to words or glosses.
type TermRow struct {
	Text string // "锗", or "锗 → germanium"
	Part string
}

// CheckRow is one hard condition.
type CheckRow struct {
	Label, Wanted, Found string
	Word, Tone, Icon     string
	Why                  string
}

// VoteRow is one record that speaks for a person or an organisation.
type VoteRow struct {
	Title, Lang, Href string
	Part              string
}

// termsShown bounds the terms of one match: the rest weighs little.
const termsShown = 12

func (b *bench) matchRow(anchor, n int, m *match.Match) MatchRow {
	row := MatchRow{
		Anchor: anchor, N: n, Kind: m.Kind, ID: m.ID, Word: b.superKind(m.Kind), Title: m.Title.In(b.l), Lang: otherLang(b.l, m.Title), Href: refPath(m.Kind, m.ID),
		Owner: b.owner(m.Owner), Score: points(m.Score), Fails: b.conditions(m.Fails),
	}
	if row.Title == "" {
		row.Title = m.ID
	}
	if m.Bias != 0 {
		row.Bias = points(m.Bias)
	}
	for _, part := range m.Features {
		row.Parts = append(row.Parts, b.partRow(part))
	}
	row.Terms = termRows(m.Terms)
	for _, c := range m.Checks {
		row.Checks = append(row.Checks, b.checkRow(c))
	}
	for _, v := range m.Votes {
		row.Votes = append(row.Votes, VoteRow{v.Title.In(b.l), otherLang(b.l, v.Title), refPath(v.Kind, v.ID), points(v.Part)})
	}
	return row
}

// points writes ten-thousandths, all four digits: what adds up stands in line.
func points(v float64) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', 4, 64), "-", "−", 1)
}

// termRows lists what terms add, the most first: a word once, whether it was
// met itself or by its gloss, and "锗 → germanium" where the record holds it in
// the other language. A Chinese character is part of the pairs that hold it:
// what it adds is shown with the first of them.
func termRows(terms []match.Term) []TermRow {
	var labels []string
	parts := map[string]float64{}
	for _, t := range terms {
		label := t.Text
		if n := len(t.Path); n > 1 && t.Path[0] != t.Path[n-1] {
			label = t.Path[0] + " → " + t.Path[n-1]
		}
		if _, ok := parts[label]; !ok {
			labels = append(labels, label)
		}
		parts[label] += t.Part
	}
	for _, c := range labels {
		if utf8.RuneCountInString(c) != 1 || c[0] < utf8.RuneSelf {
			continue
		}
		if i := slices.IndexFunc(labels, func(w string) bool { return utf8.RuneCountInString(w) == 2 && strings.Contains(w, c) }); i >= 0 {
			parts[labels[i]] += parts[c]
			delete(parts, c)
		}
	}
	labels = slices.DeleteFunc(labels, func(l string) bool { _, ok := parts[l]; return !ok })
	slices.SortStableFunc(labels, func(a, b string) int { return cmp.Compare(parts[b], parts[a]) })
	var out []TermRow
	for _, l := range labels[:min(len(labels), termsShown)] {
		out = append(out, TermRow{Text: l, Part: points(parts[l])})
	}
	return out
}

func (b *bench) partRow(p match.Part) PartRow {
	row := PartRow{Label: b.say("match.feature." + string(p.Name)), Weight: i18n.Decimal(p.Weight, 2), Contribution: points(p.Contribution), Against: p.Contribution < 0}
	if p.Known {
		row.Value = i18n.Decimal(p.Value, 3)
	}
	row.Width = min(100, int(math.Round(math.Abs(p.Contribution)*barScale)))
	return row
}

// barScale makes the bar of a contribution of .4 as wide as its cell.
const barScale = 250

func (b *bench) checkRow(c match.Check) CheckRow {
	row := CheckRow{Label: b.say("match.condition." + string(c.Name)), Wanted: b.condition(c.Name, c.Wanted), Found: b.condition(c.Name, c.Found), Word: b.say("match.state." + string(c.State))}
	switch c.State {
	case match.Met:
		row.Tone, row.Icon = "ok", "check"
	case match.Failed:
		row.Tone, row.Icon = "care", "warning"
	default:
		row.Tone, row.Icon = "apart", "question"
	}
	if c.Why != "" {
		row.Why = b.say(c.Why)
	}
	return row
}

// condition words what is wanted or found: codes by their names.
func (b *bench) condition(name match.Condition, value string) string {
	switch name {
	case match.ByTRL:
		return b.scaled(value)
	case match.ByBudget:
		return b.money(value)
	case match.ByRegion:
		return b.regions(strings.Split(value, ", "))
	case match.ByRights, match.ByForm, match.ByLevel:
		group := map[match.Condition]string{match.ByRights: "right_status", match.ByForm: "form", match.ByLevel: "level"}[name]
		var out []string
		for _, v := range strings.Split(value, ", ") {
			if v != "" {
				out = append(out, marketTerm(b.l, group, v))
			}
		}
		return strings.Join(out, b.say("bench.comma"))
	}
	return value
}

var yuanIn = regexp.MustCompile(`¥ |\d+(\.\d+)?`)

// money writes the amounts of a condition, which are yuan, as the pages do.
func (b *bench) money(value string) string {
	return yuanIn.ReplaceAllStringFunc(value, func(s string) string {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return "" // the sign of the currency: the unit says it
		}
		return quantity.Of(v, quantity.CNY).Format(b.l)
	})
}

// scaled names the scale of a maturity: "≥ 5 (gbt22900 2009)".
func (b *bench) scaled(value string) string {
	head, rest, ok := strings.Cut(value, "(")
	scale, edition, _ := strings.Cut(strings.TrimSuffix(rest, ")"), " ")
	if !ok || scale == "" {
		return strings.TrimSuffix(head, " ")
	}
	name := marketTerm(b.l, "scale", scale)
	if edition != "" {
		name += "—" + edition
	}
	return b.say("bench.on_scale", errs.A{"level": strings.TrimSpace(head), "scale": name})
}

// regions names divisions; a prefix ("44") stands for the division it begins.
func (b *bench) regions(codes []string) string {
	var out []string
	for _, c := range codes {
		if c == "" {
			continue
		}
		full := c
		for len(full) < 6 {
			full += "0"
		}
		out = append(out, b.division(full))
	}
	return strings.Join(out, b.say("bench.comma"))
}

func (b *bench) conditions(names []match.Condition) string {
	var out []string
	for _, n := range names {
		out = append(out, b.say("match.condition."+string(n)))
	}
	return strings.Join(out, b.say("bench.comma"))
}

// nameOwners reads the names of the organisations behind matches.
func (b *bench) nameOwners(lists ...[]match.Match) error {
	var ids []string
	for _, list := range lists {
		for _, m := range list {
			ids = append(ids, m.Owner)
		}
	}
	names, err := b.s.svc.Registry.Refs(b.ctx, tidy(ids))
	b.owners = names
	return err
}

// tidy drops empty and repeated values.
func tidy(in []string) []string {
	seen := map[string]bool{"": true}
	var out []string
	for _, s := range in {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// owner is the name of an organisation, or the owner as it was written.
func (b *bench) owner(id string) string {
	if ref, ok := b.owners[id]; ok {
		return ref.Name.In(b.l)
	}
	return id
}

// acts says what can be done with a match, or what has been done.
func (m *MatchRow) acts(asked match.Key, found *match.Match, done map[match.Key]transfer.Introduction) {
	if asked.ID == "" {
		return // a free text is no record that could be introduced
	}
	m.Need, m.Offer = asked, found.Key
	if asked.Kind != match.KindNeed {
		m.Need, m.Offer = found.Key, asked
	}
	if m.Need.Kind != match.KindNeed {
		return // an expert of a result is shown, not introduced
	}
	if in, ok := done[found.Key]; ok {
		m.State, m.StateHref = string(in.State), "/introductions/"+in.ID
		return
	}
	m.Can = true
}

// introduced maps the other end of each introduction of a record.
func (b *bench) introduced(key match.Key) (map[match.Key]transfer.Introduction, error) {
	out := map[match.Key]transfer.Introduction{}
	if key.ID == "" {
		return out, nil
	}
	f := transfer.IntroductionFilter{Kind: key.Kind, ID: key.ID, Page: registry.Page{Limit: 200}}
	for {
		got, err := b.s.svc.Transfer.Introductions(b.ctx, b.viewer, f)
		if err != nil {
			return nil, err
		}
		for _, in := range got.Items {
			need, offer := match.Key{Kind: in.NeedKind, ID: in.NeedID}, match.Key{Kind: in.OfferKind, ID: in.OfferID}
			if need == key {
				out[offer] = in
			} else {
				out[need] = in
			}
		}
		if f.After = got.Next; f.After == "" {
			return out, nil
		}
	}
}

// LogRow is one introduction with its state.
type LogRow struct {
	Href  string
	Day   string
	Need  Link
	Offer Link
	State string
	Tone  string
	Icon  string
	Last  string // the last note
	Score string
	Who   string
}

func (b *bench) log(f transfer.IntroductionFilter) ([]LogRow, error) {
	got, err := b.s.svc.Transfer.Introductions(b.ctx, b.viewer, f)
	if err != nil {
		return nil, err
	}
	return b.logRows(got.Items), nil
}

func (b *bench) logRows(items []transfer.Introduction) []LogRow {
	var out []LogRow
	for i := range items {
		in := &items[i]
		row := LogRow{Href: "/introductions/" + in.ID, Day: in.Day, Need: b.end(in.Need, in.NeedKind, in.NeedID), Offer: b.end(in.Offer, in.OfferKind, in.OfferID), Who: b.actor(in.Author)}
		row.State, row.Tone, row.Icon = b.state(in.State)
		if in.Score != nil {
			row.Score = points(*in.Score)
		}
		if n := len(in.Events); n > 0 {
			row.Last = b.eventText(&in.Events[n-1])
		}
		out = append(out, row)
	}
	return out
}

func (b *bench) end(e *transfer.End, kind, id string) Link {
	l := Link{Text: kind + " " + id, Href: refPath(kind, id)}
	if e != nil && e.Title.In(b.l) != "" {
		l.Text = e.Title.In(b.l)
	}
	return l
}

func (b *bench) state(k transfer.EventKind) (word, tone, icon string) {
	word = b.say("bench.event." + string(k))
	switch k {
	case transfer.Deal, transfer.Contacted:
		return word, "ok", "check"
	case transfer.EventDeclined:
		return word, "care", "warning"
	}
	return word, "", "clock"
}

func (b *bench) eventText(e *transfer.Event) string {
	var parts []string
	if e.Reason != "" {
		parts = append(parts, b.say("bench.decline."+string(e.Reason)))
	}
	if e.Note != "" {
		parts = append(parts, e.Note)
	}
	return strings.Join(parts, " · ")
}

// position is how many events an introduction had when the page was made.
func position(in *transfer.Introduction) string { return strconv.Itoa(len(in.Events)) }
