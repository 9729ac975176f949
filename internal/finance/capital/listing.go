package capital

import (
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Market is a stock exchange.
type Market string

// The markets.
const (
	SSE         Market = "SSE"  // 上海证券交易所
	SZSE        Market = "SZSE" // 深圳证券交易所
	BSE         Market = "BSE"  // 北京证券交易所
	NEEQ        Market = "NEEQ" // 全国股转系统(新三板)
	HKEX        Market = "HKEX" // 香港交易所
	NASDAQ      Market = "NASDAQ"
	NYSE        Market = "NYSE"
	OtherMarket Market = "other"
)

// Markets lists every market.
var Markets = []Market{SSE, SZSE, BSE, NEEQ, HKEX, NASDAQ, NYSE, OtherMarket}

// Board is a part of a market, "" where it has none or it is not known.
type Board string

// The boards.
const (
	MainBoard  Board = "main"       // 主板
	STAR       Board = "star"       // 科创板
	ChiNext    Board = "chinext"    // 创业板
	Innovation Board = "innovation" // 创新层
	Basic      Board = "basic"      // 基础层
	GEM        Board = "gem"        // 香港 GEM
)

// Boards lists every board.
var Boards = []Board{MainBoard, STAR, ChiNext, Innovation, Basic, GEM}

// boardOf names the market of boards that only one has.
var boardOf = map[Board]Market{STAR: SSE, ChiNext: SZSE, Innovation: NEEQ, Basic: NEEQ, GEM: HKEX}

// Listing is one attempt of a company to be listed (上市): whoever withdraws and
// files again begins another. On is the day of its State.
type Listing struct {
	Common
	Market Market  `json:"market"`
	Board  Board   `json:"board,omitempty"`
	Code   string  `json:"code,omitempty"`   // of the stock
	Raised *Amount `json:"raised,omitempty"` // 首发募集资金, when listed
	Steps  []Step  `json:"steps,omitempty"`  // as they were recorded; in a row to be written, the new ones too

	State ListingState `json:"state"` // follows from the steps
}

func (l *Listing) prepare(f *faults) {
	l.Code = strings.TrimSpace(l.Code)
	l.State, l.On = "", ""
	oneOf(f, "market", l.Market, Markets)
	if l.Board != "" {
		oneOf(f, "board", l.Board, Boards)
	}
	if m, ok := boardOf[l.Board]; ok && l.Market != m {
		f.add(errs.New(errs.Invalid, "capital.board", errs.A{"board": string(l.Board), "market": string(l.Market)}).At("/board"))
	}
	l.Raised = f.amount("raised", l.Raised)
	l.Steps = slices.Clone(l.Steps)
	for i := range l.Steps {
		s := &l.Steps[i]
		s.Evidence, s.SourceID, s.Reason = strings.TrimSpace(s.Evidence), strings.TrimSpace(s.SourceID), strings.TrimSpace(s.Reason)
		f.about("steps", s.On)
		if s.State != "" || s.Corrects == 0 {
			oneOf(f, "steps", s.State, ListingStates)
		}
	}
}

// settle puts the steps that are new behind the stored ones. A step that a row
// states again is not new; one that it states otherwise needs a correction.
func (l *Listing) settle(old record, by change.Author, now db.Time, f *faults) {
	l.Common.settle(old, by, now, f)
	var kept []Step
	if was, ok := old.(*Listing); ok && was != nil {
		kept = slices.Clone(was.Steps)
	}
	known, err := Course(kept)
	for _, s := range l.Steps {
		switch {
		case err != nil:
		case s.Position > 0:
			err = recorded(kept, s)
		case s.Corrects == 0 && slices.ContainsFunc(known, func(k Step) bool { return sameStep(k, s) }):
		case len(kept) >= maxMembers:
			err = errs.New(errs.TooLarge, "capital.many", errs.A{"field": called("steps"), "limit": maxMembers}).At("/steps")
		default:
			s.Position, s.Actor, s.At = len(kept)+1, by.Actor, now
			kept = append(kept, s)
		}
	}
	l.Steps = kept
	var course []Step
	if err == nil {
		course, err = Course(kept)
	}
	switch {
	case err != nil:
		f.add(errs.Of(err))
	case len(course) == 0:
		f.add(required("steps"))
	default:
		last := course[len(course)-1]
		l.State, l.On = last.State, last.On
	}
}

// recorded refuses a numbered step that is not there or says otherwise there.
func recorded(kept []Step, s Step) error {
	if s.Position > len(kept) {
		return stepFault("capital.step_missing", s, nil)
	}
	if old := kept[s.Position-1]; !sameStep(old, s) || old.Corrects != s.Corrects || old.Reason != s.Reason {
		return stepFault("capital.step_fixed", s, &old)
	}
	return nil
}

func sameStep(a, b Step) bool {
	return a.State == b.State && a.On == b.On && a.Evidence == b.Evidence && a.SourceID == b.SourceID
}

// Course is the package's Course of the recorded steps, which hold together.
func (l *Listing) Course() []Step {
	course, _ := Course(l.Steps) // it was checked when it was written
	return course
}

func (l *Listing) amount() *Amount { return l.Raised }

func (l *Listing) own() []any {
	return []any{string(l.State), string(l.Market), string(l.Board), l.Code}
}

// entries are the steps; the money raised stands with that of listing.
func (l *Listing) entries() []Entry {
	var out []Entry
	for _, s := range l.Course() {
		e := l.entry(KindListing, Marketed, string(s.State), nil)
		e.Day, e.Text, e.Money = s.On, strings.TrimSpace(string(l.Market)+" "+l.Code), s.State == Listed
		if s.Evidence != "" {
			e.Evidence = s.Evidence
		}
		if s.SourceID != "" {
			e.SourceID = s.SourceID
		}
		if e.Money {
			e.Amount = l.Raised
		}
		out = append(out, e)
	}
	return out
}

func stateName(s ListingState) i18n.Text {
	key := "capital.state." + string(s)
	if !i18n.Has(key) {
		return i18n.Text{ZH: string(s), EN: string(s)}
	}
	return i18n.Text{ZH: i18n.T(i18n.ZH, key), EN: i18n.T(i18n.EN, key)}
}
