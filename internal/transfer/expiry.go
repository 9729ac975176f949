package transfer

import (
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

// Renew lists a record again until a day; "" is the kind's own term from today
// (results and services 12 months, needs 6). A need with a deadline is not
// listed longer than that.
func (s *Service) Renew(ctx context.Context, v level.Viewer, by change.Author, word, id string, version int64, until string) error {
	return s.amend(ctx, v, by, word, id, version, func(c *Common, deadline *string, day string) error {
		if until != "" && !isDay(until) {
			return errs.New(errs.Invalid, "transfer.day", errs.A{"field": called("expires_on"), "value": clip(until)}).At("/expires_on")
		}
		last := until
		if last == "" {
			last = later(day, monthsOf(word))
			if deadline != nil && *deadline != "" {
				last = min(last, *deadline)
			}
		}
		switch {
		case last < day:
			return errs.New(errs.Invalid, "transfer.past", errs.A{"field": called("expires_on"), "day": last, "today": day}).At("/expires_on")
		case last > later(day, 36):
			return errs.New(errs.Invalid, "transfer.renew_long", errs.A{"day": last, "limit": later(day, 36)}).At("/expires_on")
		case deadline != nil && *deadline != "" && last > *deadline:
			return errs.New(errs.Invalid, "transfer.renew_deadline", errs.A{"day": last, "deadline": *deadline}).At("/expires_on")
		}
		if err := mayMove(c.Status, Listed); err != nil {
			return err
		}
		c.Status, c.ExpiresOn, c.RenewedOn = Listed, last, day
		return nil
	})
}

func monthsOf(word string) int {
	if word == KindNeed {
		return needMonths
	}
	return resultMonths
}

// Expire marks everything whose last day is before today, by the one clock, and
// returns how many records that were. Calling it again changes nothing.
func (s *Service) Expire(ctx context.Context, by change.Author) (int64, error) {
	var n int64
	for _, run := range []func() (int64, error){
		func() (int64, error) { return expire(ctx, s, results, by) },
		func() (int64, error) { return expire(ctx, s, needs, by) },
		func() (int64, error) { return expire(ctx, s, services, by) },
	} {
		part, err := run()
		n += part
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func expire[T any, P record[T]](ctx context.Context, s *Service, t *shelf[T], by change.Author) (total int64, err error) {
	for {
		n := 0
		err := s.d.InTx(ctx, func(tx *db.Tx) error {
			if err := change.Hold(ctx, tx); err != nil {
				return err
			}
			ids, err := db.Collect(ctx, tx, db.Column[string], "SELECT id FROM "+t.word+
				" WHERE status IN ('listed', 'paused') AND expires_on < $1 AND expires_on <> '' ORDER BY id LIMIT $2", today(tx.Now()), putStep)
			if n = len(ids); err != nil || n == 0 {
				return err
			}
			rows, err := t.load(ctx, tx, ids)
			if err != nil {
				return err
			}
			pairs := make([]pair[T], 0, n)
			for _, id := range ids {
				before, after := rows[id], rows[id]
				P(&after).common().Status = Expired
				pairs = append(pairs, pair[T]{&before, &after})
			}
			return commit[T, P](ctx, tx, by, t, "", pairs)
		})
		total += int64(n)
		if err != nil || n < putStep {
			return total, err
		}
	}
}

// Ending is a record that ends soon, or has ended, and may be renewed.
type Ending struct {
	Kind      string    `json:"kind"`
	ID        string    `json:"id"`
	Title     i18n.Text `json:"title"`
	Status    Status    `json:"status"`
	ExpiresOn string    `json:"expires_on"`
	Version   int64     `json:"version"`
}

// Due lists what ends within some days or has expired within the last ninety,
// the first to end first; author narrows it to what one user made.
func (s *Service) Due(ctx context.Context, v level.Viewer, author string, days int, page registry.Page) (registry.List[Ending], error) {
	now := s.d.Now()
	from, to := today(now.AddDate(0, 0, -90)), today(now.AddDate(0, 0, days))
	union, w := "", where{}
	for _, word := range []string{KindResult, KindNeed, KindService} {
		part := where{args: w.args}
		guard(&part, "t", word, v)
		part.add("t.status IN ('listed', 'expired') AND t.expires_on >= ? AND t.expires_on <= ?", from, to)
		part.equal("t.created_by", author)
		if union != "" {
			union += " UNION ALL "
		}
		union += "SELECT '" + word + "' AS kind, t.id, t.title_zh, t.title_en, t.status, t.expires_on, t.version FROM " + word + " t" + part.String()
		w.args = part.args
	}
	return endings(ctx, s.d, union, w, page)
}

func endings(ctx context.Context, q db.Querier, union string, w where, page registry.Page) (registry.List[Ending], error) {
	var out registry.List[Ending]
	var err error
	if out.Total, _, err = db.Value[int64](ctx, q, "SELECT COUNT(*) FROM ("+union+") t", w.args...); err != nil {
		return out, err
	}
	ids, next, err := keys(ctx, q, "("+union+")", where{args: w.args}, order{column: "expires_on"}, page)
	if err != nil || len(ids) == 0 {
		return out, err
	}
	w.in("t.id", ids)
	out.Next = next
	out.Items, err = db.Collect(ctx, q, func(s db.Scan) (Ending, error) {
		var e Ending
		err := s(&e.Kind, &e.ID, &e.Title.ZH, &e.Title.EN, &e.Status, &e.ExpiresOn, &e.Version)
		return e, err
	}, "SELECT t.kind, t.id, t.title_zh, t.title_en, t.status, t.expires_on, t.version FROM ("+union+") t"+w.String()+" ORDER BY t.expires_on, t.id", w.args...)
	return out, err
}
