package api

import (
	"cmp"
	"context"
	"net/http"
	"regexp"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/transfer"
)

// RecordKey names a record of any kind.
type RecordKey struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

func keyOf(k match.Key) RecordKey { return RecordKey{k.Kind, k.ID} }

// MatchIn asks what fits a text, or a record.
type MatchIn struct {
	Text        string             `json:"text,omitempty" doc:"What is looked for, in Chinese or English, up to 64 KiB. It is not kept"`
	Record      *RecordKey         `json:"record,omitempty" doc:"In place of a text: a need asks for offers, any other record for needs"`
	Codes       *match.CodeSet     `json:"codes,omitempty" doc:"Of the text, where they are known: they count, but exclude nothing"`
	Constraints *match.Constraints `json:"constraints,omitempty" doc:"Hard conditions, amounts in fen; of a record they replace its own"`
	Kinds       []string           `json:"kinds,omitempty" enum:"result,need,service,paper,person,org,platform,park" maxItems:"8" doc:"What is sought; results and services for a need or a text when absent"`
	Limit       int                `json:"limit,omitempty" minimum:"1" maximum:"100" default:"10"`
}

// maxMatchBody is more than the longest text: JSON may write each character as
// six (\u6728).
const maxMatchBody = 4 * match.MaxText

// MatchOut is an answer with its reasons. Contributions and bias sum to the
// score of a match exactly.
type MatchOut struct {
	Matches   []MatchItem        `json:"matches" nullable:"false"`
	Abstained bool               `json:"abstained" doc:"Nothing is recommended"`
	Why       match.Why          `json:"why,omitempty" doc:"empty, excluded, coverage, evidence, score or nobody"`
	Sentence  string             `json:"sentence,omitempty" doc:"Why, in the reader's language"`
	Best      match.Best         `json:"best" doc:"What the decision rests on"`
	Threshold match.Threshold    `json:"threshold" doc:"What it was held against"`
	Nearest   []MatchItem        `json:"nearest,omitempty" doc:"When nothing is recommended: the nearest"`
	Excluded  []MatchItem        `json:"excluded,omitempty" doc:"Near ones that fail a hard condition, and on which"`
	More      map[string]int     `json:"more,omitempty" doc:"How many more near ones an owner has"`
	Weights   string             `json:"weights" doc:"Version of the weights"`
	Meaning   match.MeaningState `json:"meaning" doc:"Whether vectors took part"`
}

// MatchItem is one record found, with its reasons.
type MatchItem struct {
	RecordKey
	Title    i18n.Text         `json:"title"`
	Owner    string            `json:"owner,omitempty"`
	Score    float64           `json:"score"`
	Bias     float64           `json:"bias,omitempty"`
	Weak     bool              `json:"weak,omitempty" doc:"Far behind the best, and alone it would not have been recommended"`
	Features []match.Part      `json:"features,omitempty"`
	Terms    []match.Term      `json:"terms,omitempty" doc:"The terms of a stream sum to the contribution of that feature"`
	Checks   []match.Check     `json:"checks,omitempty" doc:"Hard conditions: met, failed or unknown"`
	Fails    []match.Condition `json:"fails,omitempty"`
	Votes    []MatchVote       `json:"votes,omitempty" doc:"Of a person or an organisation, in place of features"`
}

// MatchVote is what one record says for a person or an organisation.
type MatchVote struct {
	RecordKey
	Title i18n.Text `json:"title"`
	Score float64   `json:"score"`
	Age   float64   `json:"age" doc:"Factor by which its age damps it"`
	Part  float64   `json:"part"`
}

func itemsOf(list []match.Match) []MatchItem {
	out := make([]MatchItem, 0, len(list))
	for i := range list {
		m := &list[i]
		item := MatchItem{RecordKey: keyOf(m.Key), Title: m.Title, Owner: m.Owner, Score: m.Score, Bias: m.Bias, Weak: m.Weak, Features: m.Features, Terms: m.Terms, Checks: m.Checks, Fails: m.Fails}
		for _, v := range m.Votes {
			item.Votes = append(item.Votes, MatchVote{keyOf(v.Key), v.Title, v.Score, v.Age, v.Part})
		}
		out = append(out, item)
	}
	return out
}

// WeightsOut is one version of the weights by the names of their features.
type WeightsOut struct {
	Version   string             `json:"version"`
	Bias      float64            `json:"bias"`
	Features  map[string]float64 `json:"features"`
	Threshold match.Threshold    `json:"threshold"`
}

func weightsOf(w match.Weights) WeightsOut {
	out := WeightsOut{w.Version, w.Bias, map[string]float64{}, w.Threshold}
	for i, f := range match.Features {
		out.Features[string(f)] = w.Of[i]
	}
	return out
}

// WeightsVersion is a proposal, or a version that has been adopted.
type WeightsVersion struct {
	ID        string        `json:"id"`
	Weights   WeightsOut    `json:"weights"`
	Fit       *match.Report `json:"fit,omitempty" doc:"What it did to answers held out; absent for weights written by hand"`
	Reason    string        `json:"reason,omitempty"`
	MadeBy    string        `json:"made_by"`
	MadeAt    db.Time       `json:"made_at"`
	AdoptedBy string        `json:"adopted_by,omitempty"`
	AdoptedAt db.Time       `json:"adopted_at"`
}

func versionOut(v match.Version) WeightsVersion {
	return WeightsVersion{v.ID, weightsOf(v.Weights), v.Fit, v.Reason, v.MadeBy, v.MadeAt, v.AdoptedBy, v.AdoptedAt}
}

// WeightsIn asks for a page of versions.
type WeightsIn struct {
	Paging
	used match.Weights
}

// WeightsPage are the versions, the newest first, and the weights in use.
type WeightsPage struct {
	Page[WeightsVersion]
	InUse WeightsOut `json:"in_use"`
}

func (s *server) matches() {
	const tag = "match"
	add(s, route{id: "match", method: http.MethodPost, path: "/match", tag: tag, needs: account.Read, maxBody: maxMatchBody}, s.match)
	addShown(s, route{id: "list_weights", path: "/match/weights", tag: tag, needs: account.Edit}, weightsTable(), s.listWeights,
		func(in *WeightsIn, page Page[WeightsVersion]) WeightsPage {
			return WeightsPage{page, weightsOf(in.used)}
		})
	add(s, route{id: "propose_weights", method: http.MethodPost, path: "/match/weights", tag: tag, needs: account.Edit, once: true, status: http.StatusCreated}, s.proposeWeights)
	add(s, route{id: "adopt_weights", method: http.MethodPost, path: "/match/weights/{id}/adopt", tag: tag, needs: account.Edit, once: true}, s.adoptWeights)
}

func (s *server) matchRoom() (*match.Service, error) {
	if s.Match == nil {
		return nil, errs.New(errs.Unavailable, "api.not_offered")
	}
	return s.Match, nil
}

// match answers for a text or a record, for whoever may read, under his level.
func (s *server) match(ctx context.Context, in *struct{ Body MatchIn }) (*answer[MatchOut], error) {
	room, err := s.matchRoom()
	if err != nil {
		return nil, err
	}
	b := &in.Body
	if (b.Text == "") == (b.Record == nil) {
		return nil, errs.New(errs.Invalid, "api.match_either")
	}
	if list := conditions(b); len(list) > 0 {
		return nil, list
	}
	select {
	case s.asks <- struct{}{}:
		defer func() { <-s.asks }()
	case <-ctx.Done():
		return nil, errs.Wrap(ctx.Err(), errs.Unavailable, "errs.busy")
	}
	a, err := askMatch(ctx, room, b)
	if err != nil {
		return nil, err
	}
	out := MatchOut{Matches: itemsOf(a.Matches), Abstained: a.Abstained, Why: a.Why, Sentence: a.Sentence(callOf(ctx).lang), Best: a.Best, Threshold: a.Threshold,
		Nearest: itemsOf(a.Nearest), Excluded: itemsOf(a.Excluded), More: a.More, Weights: a.Weights, Meaning: a.Meaning}
	return of(out), nil
}

func askMatch(ctx context.Context, room *match.Service, b *MatchIn) (match.Answer, error) {
	o, v := match.Options{Kinds: b.Kinds, Limit: cmp.Or(b.Limit, 10)}, callOf(ctx).viewer()
	if b.Record != nil {
		o.Wants = b.Constraints
		return room.For(ctx, v, match.Key{Kind: b.Record.Kind, ID: b.Record.ID}, o)
	}
	ask := match.Ask{Text: b.Text}
	if b.Codes != nil {
		ask.Codes = *b.Codes
	}
	if b.Constraints != nil {
		ask.Wants = *b.Constraints
	}
	return room.ForText(ctx, v, ask, o)
}

var division = regexp.MustCompile(`^[0-9]{6}$`)

// conditions faults every condition that no record could meet, and brings codes
// into their kept form.
func conditions(b *MatchIn) errs.List {
	var list errs.List
	codes := func(field string, codes []string, parse func(string) (string, error)) {
		for i := range codes {
			codes[i] = parsed(&list, field, codes[i], parse)
		}
	}
	if b.Codes != nil {
		codes("/codes/ipc", b.Codes.IPC, transfer.ParseIPC)
		codes("/codes/industry", b.Codes.Industry, transfer.ParseIndustry)
	}
	c := b.Constraints
	if c == nil {
		return list
	}
	codes("/constraints/ipc", c.IPC, transfer.ParseIPC)
	codes("/constraints/industry", c.Industry, transfer.ParseIndustry)
	for _, r := range c.Regions {
		if !division.MatchString(r) {
			list = append(list, errs.New(errs.Invalid, "api.pattern", errs.A{"pattern": division.String()}).At("/constraints/regions"))
		}
	}
	if c.TRLMin < 0 || c.TRLMin > 9 {
		list = append(list, errs.New(errs.Invalid, "match.trl_out_of_range", errs.A{"value": c.TRLMin}).At("/constraints/trl_min"))
	}
	if c.Budget.Min != nil && c.Budget.Max != nil && *c.Budget.Min > *c.Budget.Max {
		list = append(list, errs.New(errs.Invalid, "match.budget_turned").At("/constraints/budget"))
	}
	return list
}

func (s *server) listWeights(ctx context.Context, in *WeightsIn) (part[WeightsVersion], error) {
	room, err := s.matchRoom()
	if err != nil {
		return part[WeightsVersion]{}, err
	}
	in.used = room.Weights()
	versions, err := room.Versions(ctx)
	if err != nil {
		return part[WeightsVersion]{}, err
	}
	all := make([]WeightsVersion, len(versions))
	for i, v := range versions {
		all[i] = versionOut(v)
	}
	return cutPage(all, &in.Paging, func(v *WeightsVersion) string { return v.ID })
}

func (s *server) proposeWeights(ctx context.Context, in *struct{ Body *ReasonIn }) (*answer[WeightsVersion], error) {
	room, err := s.matchRoom()
	if err != nil {
		return nil, err
	}
	v, err := room.Propose(ctx, author(ctx, reasonOf(in.Body)))
	if err != nil {
		return nil, err
	}
	return of(versionOut(v)), nil
}

func (s *server) adoptWeights(ctx context.Context, in *struct {
	ID
	Body *ReasonIn
}) (*answer[WeightsVersion], error) {
	room, err := s.matchRoom()
	if err != nil {
		return nil, err
	}
	v, err := room.Adopt(ctx, author(ctx, reasonOf(in.Body)), in.ID.ID)
	if err != nil {
		return nil, err
	}
	return of(versionOut(v)), nil
}

func weightsTable() table[WeightsVersion] {
	type v = WeightsVersion
	columns := []column[v]{{"id", func(x *v) any { return x.ID }}, {"made_at", func(x *v) any { return instant(x.MadeAt) }}, {"made_by", func(x *v) any { return x.MadeBy }},
		{"adopted_at", func(x *v) any { return instant(x.AdoptedAt) }}, {"adopted_by", func(x *v) any { return x.AdoptedBy }}, {"reason", func(x *v) any { return x.Reason }},
		{"bias", func(x *v) any { return x.Weights.Bias }}}
	for _, f := range match.Features {
		columns = append(columns, column[v]{string(f), func(x *v) any { return x.Weights.Features[string(f)] }})
	}
	return table[v]{name: "weights", columns: columns}
}
