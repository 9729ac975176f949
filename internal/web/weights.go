package web

import (
	"net/http"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/match"
)

// WeightsPage shows by what matches are ranked, and lets the answers to
// introductions propose better weights.
type WeightsPage struct {
	Page
	Features []string     // heads of the columns
	Rows     []WeightsRow // the version in use first
	May      bool
	Error    string
}

// WeightsRow is one version of the weights.
type WeightsRow struct {
	ID      string
	Name    string
	Values  []string
	Made    string
	Adopted string
	Fit     string // what it did to answers that it had not seen
	Reason  string
	Current bool
	Can     bool
}

func (s *Site) weights(w http.ResponseWriter, r *http.Request) error {
	b, err := s.bench(r)
	if err != nil {
		return err
	}
	return b.showWeights(w, r, http.StatusOK, nil)
}

func (b *bench) showWeights(w http.ResponseWriter, r *http.Request, status int, fault error) error {
	p := WeightsPage{Page: b.s.Page(r, b.say("bench.weights")), May: b.can(account.Edit)}
	p.Crumbs = []Link{{b.say("web.room.match"), "/match"}}
	for _, f := range match.Features {
		p.Features = append(p.Features, b.say("match.feature."+string(f)))
	}
	p.Features = append(p.Features, b.say("bench.threshold"))
	now := b.s.svc.Match.Weights()
	versions, err := b.s.svc.Match.Versions(b.ctx)
	if err != nil {
		return err
	}
	for _, v := range versions {
		row := WeightsRow{ID: v.ID, Name: v.ID, Values: weightCells(v.Weights), Made: i18n.Instant(v.MadeAt.Time) + " · " + b.actor(v.MadeBy), Reason: v.Reason, Current: now.Version == v.ID}
		row.Can = p.May && !row.Current
		if v.AdoptedBy != "" {
			row.Adopted = i18n.Instant(v.AdoptedAt.Time) + " · " + b.actor(v.AdoptedBy)
		}
		if v.Fit != nil {
			row.Fit = b.fit(v.Fit)
		}
		p.Rows = append(p.Rows, row)
	}
	p.Rows = append(p.Rows, WeightsRow{Name: b.say("bench.built_in"), Values: weightCells(match.Default()), Current: now.Version == match.Default().Version})
	if fault != nil {
		p.Error = i18n.Error(b.l, fault)
	}
	return b.s.RenderStatus(w, r, status, "weights", p)
}

func weightCells(w match.Weights) []string {
	var out []string
	for _, x := range w.Of {
		out = append(out, i18n.Decimal(x, 3))
	}
	return append(out, i18n.Decimal(100*w.Threshold.Coverage, 0)+"%")
}

func (b *bench) fit(f *match.Report) string {
	args := errs.A{"examples": f.Examples, "held": f.Held, "before": i18n.Decimal(f.Before.LogLoss, 3), "after": i18n.Decimal(f.After.LogLoss, 3)}
	text := b.say("bench.fit", args)
	if f.Before.NDCG != nil && f.After.NDCG != nil {
		text += b.say("bench.fit_ndcg", errs.A{"before": i18n.Decimal(*f.Before.NDCG, 3), "after": i18n.Decimal(*f.After.NDCG, 3)})
	}
	return text
}

func (s *Site) changeWeights(w http.ResponseWriter, r *http.Request) error {
	b, err := s.bench(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	by := b.user.Author(strings.TrimSpace(r.PostForm.Get("reason")))
	if id := r.PostForm.Get("adopt"); id != "" {
		_, err = s.svc.Match.Adopt(b.ctx, by, id)
	} else {
		_, err = s.svc.Match.Propose(b.ctx, by)
	}
	if k := errs.KindOf(err); k == errs.Conflict || k == errs.Invalid {
		return b.showWeights(w, r, statusOf[k], err)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/match/weights", http.StatusSeeOther)
	return nil
}
