package app

import (
	"context"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory/release"
	"github.com/kapok-city/kapok/internal/ranking"
)

// ReleaseParts are the rankings over corpora as a release freezes them: tables,
// statements and what they give.
func (a *App) ReleaseParts(ctx context.Context, corpora []string) ([]release.Part, error) {
	var parts []release.Part
	for _, name := range corpora {
		r, err := a.Rankings.Recipe(ctx, name)
		if err != nil {
			return nil, err
		}
		parts = append(parts, partOf(&r))
	}
	return parts, nil
}

// partShown is how many rows of a ranking the report prints.
const partShown = 50

func partOf(r *ranking.Recipe) release.Part {
	m := r.Corpus
	p := release.Part{
		Name: "ranking-" + m.Name, Method: r.Method, Simulated: m.Simulated, Tables: r.Tables,
		Title: i18n.Text{ZH: "排名：" + m.Title.ZH, EN: "Rankings: " + m.Title.EN},
		Note:  i18n.Text{ZH: i18n.T(i18n.ZH, "app.ranking_note"), EN: i18n.T(i18n.EN, "app.ranking_note")},
		Sources: []release.Source{{
			ID: m.Source.ID, Kind: m.Source.Kind, Title: m.Source.Title, Publisher: m.Source.Publisher, Author: m.Source.Author, URL: m.Source.URL,
			PublishedOn: m.Source.PublishedOn, RetrievedOn: m.Source.RetrievedOn, Licence: m.Source.Licence, LicenceTag: m.Source.LicenceTag, Simulated: m.Simulated,
		}},
	}
	for _, s := range r.Statements {
		step := release.Statement{Name: s.Name, SQL: s.SQL, Key: s.Key}
		if title := "app.statement." + s.Name; len(s.Key) > 0 && i18n.Has(title) {
			step.Title = i18n.Text{ZH: i18n.T(i18n.ZH, title), EN: i18n.T(i18n.EN, title)}
			step.Shown = partShown
		}
		p.Statements = append(p.Statements, step)
	}
	return p
}
