package transfer

import (
	"slices"

	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
)

// The orders of lists besides registry.SortName, SortNameEN and SortNewest
// (last changed first).
const (
	SortListed  registry.Sort = "listed"  // the newest listing first; the default
	SortExpires registry.Sort = "expires" // what ends first comes first
)

// Filter selects records by what they have in common. Empty fields select
// nothing away.
type Filter struct {
	Query    string      // part of the title, folded
	Status   []Status    // any of them
	Live     bool        // listed, and not over by today's date
	Level    level.Level // of exactly this level
	OwnerID  string      // or of an organisation merged into it
	Division string      // GB/T 2260; a province or city covers what lies below it
	IPC      string      // "G06F" covers its groups
	Industry string      // "C39" covers its classes
	Source   string
	Batch    string
	Author   string // user id of who made it
	Sort     registry.Sort
	registry.Page

	today string // of Live; set by the Service
}

// ResultFilter selects results.
type ResultFilter struct {
	Filter
	Type     ResultType
	Stage    Stage
	Form     Form
	Right    RightKind
	TRLMin   int // 0 is none
	TRLMax   int
	TRLScale Scale // levels of other scales do not count
	PriceMax *money.Fen
}

// NeedFilter selects needs.
type NeedFilter struct {
	Filter
	Kind      NeedKind
	Form      Form
	BudgetMin *money.Fen // with an upper budget of at least this
}

// ServiceFilter selects services and equipment.
type ServiceFilter struct {
	Filter
	Kind       OfferingKind
	PlatformID string
}

func (f *Filter) common(word string, v level.Viewer) where {
	var w where
	guard(&w, "t", word, v)
	w.query("t.folded", f.Query)
	if len(f.Status) > 0 {
		w.in("t.status", slices.DeleteFunc(texts(f.Status), func(s string) bool { return !storable(s) }))
	}
	if f.Live {
		w.add("t.status = 'listed' AND t.expires_on >= ?", f.today)
	}
	w.equal("t.level", string(f.Level))
	w.below("t.division", f.Division)
	w.equal("t.source_id", f.Source)
	w.equal("t.batch_id", f.Batch)
	w.equal("t.created_by", f.Author)
	if f.OwnerID != "" {
		var owner where
		owner.args = w.args
		owner.equal("o.root", f.OwnerID)
		w.args = owner.args
		w.parts = append(w.parts, "t.owner_id IN (SELECT o.id FROM org o"+owner.String()+")")
	}
	w.code(word, "ipc", f.IPC, ParseIPC)
	w.code(word, "industry", f.Industry, ParseIndustry)
	return w
}

func (f *ResultFilter) where(v level.Viewer) where {
	w := f.common(KindResult, v)
	w.equal("t.type", string(f.Type))
	w.equal("t.stage", string(f.Stage))
	w.holds(KindResult, "form", string(f.Form))
	w.holds(KindResult, "right", string(f.Right))
	w.equal("t.trl_scale", string(f.TRLScale))
	if f.TRLMin > 0 {
		w.add("t.trl >= ?", f.TRLMin)
	}
	if f.TRLMax > 0 {
		w.add("t.trl <= ?", f.TRLMax)
	}
	if f.PriceMax != nil {
		w.add("COALESCE(t.price_min, t.price_max) <= ?", int64(*f.PriceMax))
	}
	return w
}

func (f *NeedFilter) where(v level.Viewer) where {
	w := f.common(KindNeed, v)
	w.equal("t.kind", string(f.Kind))
	w.holds(KindNeed, "form", string(f.Form))
	if f.BudgetMin != nil {
		w.add("COALESCE(t.budget_max, t.budget_min) >= ?", int64(*f.BudgetMin))
	}
	return w
}

func (f *ServiceFilter) where(v level.Viewer) where {
	w := f.common(KindService, v)
	w.equal("t.kind", string(f.Kind))
	w.equal("t.platform_id", f.PlatformID)
	return w
}

func texts[S ~string](in []S) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}
