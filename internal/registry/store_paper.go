package registry

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
)

var papers = &table[Paper]{
	word:    KindPaper,
	load:    loadPapers,
	insert:  writePapers,
	update:  updatePapers,
	remove:  removePapers,
	vet:     vetPapers,
	inherit: keepResolution,
}

const paperColumns = "id, key, title, folded, order_zh, lang, year, month, dated, doi, clc, keywords, funding, evidence, source_id, batch_id, version, created_at, updated_at"

func loadPapers(ctx context.Context, q db.Querier, ids []string) (map[string]Paper, error) {
	out, err := loadIn(ctx, q, `SELECT id, key, title, lang, year, month, doi, clc, keywords, funding, evidence, source_id, batch_id, version, created_at, updated_at
		FROM paper WHERE id IN`, ids, scanPaper)
	if err != nil || len(out) == 0 {
		return out, err
	}
	err = eachIn(ctx, q, "SELECT paper_id, raw, city, country, method, reason, reason_args FROM paper_affiliation WHERE paper_id IN", "ORDER BY paper_id, position", ids,
		func(s db.Scan) error {
			var id, code, args string
			var a Affiliation
			if err := s(&id, &a.Raw, &a.City, &a.Country, &a.Method, &code, &args); err != nil {
				return err
			}
			if code != "" {
				a.None = &Reason{}
				if err := a.None.read(code, args); err != nil {
					return err
				}
			}
			p := out[id]
			p.Affiliations = append(p.Affiliations, a)
			out[id] = p
			return nil
		})
	if err != nil {
		return nil, err
	}
	return out, eachIn(ctx, q, "SELECT paper_id, position, org_id, name, score, reason, reason_args FROM paper_org WHERE paper_id IN", "ORDER BY paper_id, position, place", ids,
		func(s db.Scan) error {
			var id, code, args string
			var at int
			var o AffiliationOrg
			if err := s(&id, &at, &o.OrgID, &o.Name, &o.Score, &code, &args); err != nil {
				return err
			}
			if err := o.Reason.read(code, args); err != nil {
				return err
			}
			p := out[id]
			if at >= len(p.Affiliations) {
				return fmt.Errorf("paper %s has no affiliation %d: the data is damaged", id, at)
			}
			p.Affiliations[at].Orgs = append(p.Affiliations[at].Orgs, o)
			return o.Reason.read(code, args)
		})
}

func scanPaper(s db.Scan) (string, Paper, error) {
	var p Paper
	var keywords string
	if err := s(&p.ID, &p.Key, &p.Title, &p.Lang, &p.Year, &p.Month, &p.DOI, &p.CLC, &keywords, &p.Funding, &p.Evidence, &p.SourceID, &p.BatchID,
		&p.Version, &p.CreatedAt, &p.UpdatedAt); err != nil {
		return "", p, err
	}
	return p.ID, p, json.Unmarshal([]byte(keywords), &p.Keywords)
}

// read fills r from its columns: the code, and the rest as JSON.
func (r *Reason) read(code, args string) error {
	r.Code = code
	if args == "" {
		return nil
	}
	return json.Unmarshal([]byte(args), r)
}

func (r Reason) columns() (code, args string, err error) {
	code, r.Code = r.Code, ""
	if r == (Reason{}) {
		return code, "", nil
	}
	raw, err := json.Marshal(reasonArgs{r.Name, r.City, r.Country, r.Count})
	return code, string(raw), err
}

type reasonArgs struct {
	Name    string `json:"name,omitempty"`
	City    string `json:"city,omitempty"`
	Country string `json:"country,omitempty"`
	Count   int    `json:"count,omitempty"`
}

func writePapers(ctx context.Context, tx *db.Tx, rows []Paper) error {
	var w paperRows
	for i := range rows {
		if err := w.add(&rows[i]); err != nil {
			return err
		}
	}
	if err := upsert(ctx, tx, "paper", paperColumns, w.papers); err != nil {
		return err
	}
	if err := db.InsertMany(ctx, tx, "paper_affiliation(paper_id, position, raw, city, country, method, reason, reason_args)", "", w.affiliations); err != nil {
		return err
	}
	return db.InsertMany(ctx, tx, "paper_org(paper_id, position, place, org_id, name, score, reason, reason_args)", "", w.orgs)
}

type paperRows struct{ papers, affiliations, orgs [][]any }

func (w *paperRows) add(p *Paper) error {
	keywords, err := json.Marshal(p.Keywords)
	if err != nil {
		return err
	}
	w.papers = append(w.papers, []any{p.ID, p.Key, p.Title, fold.Name(p.Title), orderKey(p.Title), p.Lang, p.Year, p.Month, p.dated(), p.DOI, p.CLC, string(keywords), p.Funding,
		p.Evidence, p.SourceID, p.BatchID, p.Version, p.CreatedAt, p.UpdatedAt})
	for i, a := range p.Affiliations {
		var none Reason
		if a.None != nil {
			none = *a.None
		}
		code, args, err := none.columns()
		if err != nil {
			return err
		}
		w.affiliations = append(w.affiliations, []any{p.ID, i, a.Raw, a.City, a.Country, a.Method, code, args})
		for n, o := range a.Orgs {
			code, args, err := o.Reason.columns()
			if err != nil {
				return err
			}
			w.orgs = append(w.orgs, []any{p.ID, i, n, o.OrgID, o.Name, o.Score, code, args})
		}
	}
	return nil
}

func updatePapers(ctx context.Context, tx *db.Tx, _, rows []Paper) error {
	if err := removePaperParts(ctx, tx, idsOf(rows)); err != nil {
		return err
	}
	return writePapers(ctx, tx, rows)
}

func removePaperParts(ctx context.Context, tx *db.Tx, ids []string) error {
	if err := execIn(ctx, tx, "DELETE FROM paper_org WHERE paper_id IN", ids); err != nil {
		return err
	}
	return execIn(ctx, tx, "DELETE FROM paper_affiliation WHERE paper_id IN", ids)
}

func removePapers(ctx context.Context, tx *db.Tx, old []Paper) error {
	ids := idsOf(old)
	if err := removePaperParts(ctx, tx, ids); err != nil {
		return err
	}
	return execIn(ctx, tx, "DELETE FROM paper WHERE id IN", ids)
}

func vetPapers(ctx context.Context, q db.Querier, rows []Paper) (map[int]error, error) {
	held := map[string]string{}
	keys := make([]string, len(rows))
	refs := make([][]string, len(rows))
	for i := range rows {
		keys[i] = rows[i].Key
		for _, a := range rows[i].Affiliations {
			for _, o := range a.Orgs {
				refs[i] = append(refs[i], o.OrgID)
			}
		}
	}
	err := eachIn(ctx, q, "SELECT key, id FROM paper WHERE key IN", "", keys, func(s db.Scan) error {
		var key, id string
		err := s(&key, &id)
		held[key] = id
		return err
	})
	if err != nil {
		return nil, err
	}
	bad := map[int]error{}
	for i := range rows {
		if id, taken := held[rows[i].Key]; taken && id != rows[i].ID {
			bad[i] = errs.New(errs.Conflict, "registry.key_taken", errs.A{"value": rows[i].Key, "id": id}).At("/key")
			continue
		}
		held[rows[i].Key] = rows[i].ID
	}
	missing, err := unknown(ctx, q, "org", refs)
	for i, id := range missing {
		bad[i] = errs.New(errs.Invalid, "registry.unknown_org", errs.A{"id": id}).At("/affiliations")
	}
	return bad, err
}
