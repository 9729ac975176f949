package resolve

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Labelled is one text with the ids of the organisations it names; none means
// that it names no organisation known.
type Labelled struct {
	Text string
	IDs  []string
}

// ReadGold reads labelled texts as the ROR test sets have them: an array of
// {"affiliation": …, "ror_ids": […]} or {"affiliation": …, "ror-id": …}.
func ReadGold(r io.Reader) ([]Labelled, error) {
	var rows []struct {
		Affiliation string   `json:"affiliation"`
		IDs         []string `json:"ror_ids"`
		ID          string   `json:"ror-id"`
	}
	if err := json.NewDecoder(r).Decode(&rows); err != nil {
		return nil, fmt.Errorf("read labelled texts: %w", err)
	}
	out := make([]Labelled, 0, len(rows))
	for _, row := range rows {
		ids := row.IDs
		if row.ID != "" {
			ids = append(ids, row.ID)
		}
		out = append(out, Labelled{Text: row.Affiliation, IDs: ids})
	}
	return out, nil
}

// Evaluation is how the answers compare with labels. Each id found or expected
// counts once; a text that expects none and gets an id is a false positive.
type Evaluation struct {
	Rows     int `json:"rows"`     // all
	Covered  int `json:"covered"`  // rows whose every expected id is in the index, empty ones included
	Empty    int `json:"empty"`    // covered rows that expect none
	Right    int `json:"right"`    // ids found and expected
	Wrong    int `json:"wrong"`    // ids found and not expected
	Missed   int `json:"missed"`   // ids expected and not found
	ExactRow int `json:"exactRow"` // rows whose answer is exactly what was expected

	Errors []Error `json:"errors,omitempty"` // rows with a wrong or missed id
}

// Error is one row whose answer differs from its label.
type Error struct {
	Row    int      `json:"row"` // from 0
	Text   string   `json:"text"`
	Wrong  []Match  `json:"wrong,omitempty"`
	Missed []string `json:"missed,omitempty"`
	None   *Reason  `json:"none,omitempty"`
}

// Precision is the share of found ids that are expected; 1 when none is found.
func (e Evaluation) Precision() float64 { return share(e.Right, e.Right+e.Wrong) }

// Recall is the share of expected ids that are found.
func (e Evaluation) Recall() float64 { return share(e.Right, e.Right+e.Missed) }

// F1 is the harmonic mean of precision and recall.
func (e Evaluation) F1() float64 { return share(2*e.Right, 2*e.Right+e.Wrong+e.Missed) }

func share(part, all int) float64 {
	if all == 0 {
		return 1
	}
	return float64(part) / float64(all)
}

// Evaluate resolves the covered part of gold and counts. Labels are ids of the
// index or ROR ids of its organisations, bare or as addresses.
func Evaluate(gold []Labelled, x *Index) Evaluation {
	e := Evaluation{Rows: len(gold)}
	byROR := x.byROR()
	for i, g := range gold {
		ids, ok := x.known(g.IDs, byROR)
		if !ok {
			continue
		}
		e.Covered++
		if len(ids) == 0 {
			e.Empty++
		}
		e.count(i, Labelled{g.Text, ids}, x.Resolve(g.Text, Hint{}))
	}
	return e
}

func (x *Index) byROR() map[string]string {
	out := make(map[string]string, len(x.orgs))
	for _, o := range x.orgs {
		if o.ror != "" {
			out[o.ror] = o.id
		}
	}
	return out
}

// known translates labels to ids of the index, and reports whether all are in
// it.
func (x *Index) known(labels []string, byROR map[string]string) ([]string, bool) {
	out := make([]string, 0, len(labels))
	for _, label := range labels {
		id := label
		if _, ok := x.byID[label]; !ok {
			if id, ok = byROR[bareROR(label)]; !ok {
				return nil, false
			}
		}
		out = append(out, id)
	}
	return out, true
}

func (e *Evaluation) count(row int, g Labelled, a Answer) {
	bad := Error{Row: row, Text: g.Text, None: a.None}
	for _, m := range a.Matches {
		if slices.Contains(g.IDs, m.OrgID) {
			e.Right++
		} else {
			e.Wrong++
			bad.Wrong = append(bad.Wrong, m)
		}
	}
	for _, id := range g.IDs {
		if !a.has(id) {
			e.Missed++
			bad.Missed = append(bad.Missed, id)
		}
	}
	if bad.Wrong == nil && bad.Missed == nil {
		e.ExactRow++
		return
	}
	e.Errors = append(e.Errors, bad)
}
