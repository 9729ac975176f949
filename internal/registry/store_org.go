package registry

import (
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

var orgs = &table[Org]{
	word:    KindOrg,
	load:    loadOrgs,
	insert:  insertOrgs,
	update:  updateOrgs,
	remove:  removeOrgs,
	vet:     vetOrgs,
	inherit: func(row *Org, old Org) { row.MergedInto = old.MergedInto },
}

const orgColumns = "id, kind, name_zh, name_en, order_zh, order_en, status, established, closed, country, division, city, lat, lon, website, evidence, source_id, batch_id, version, created_at, updated_at"

// loadOrgs reads organisations as they were written: without what merged
// records bring, and with their own status.
func loadOrgs(ctx context.Context, q db.Querier, ids []string) (map[string]Org, error) {
	out, err := loadIn(ctx, q, `SELECT id, kind, status, established, closed, country, division, city, lat, lon, website, evidence,
		source_id, batch_id, COALESCE(merged_into, ''), version, created_at, updated_at FROM org WHERE id IN`, ids, scanOrg)
	if err != nil || len(out) == 0 {
		return out, err
	}
	found := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := out[id]; return !ok })
	err = eachIn(ctx, q, "SELECT org_id, text, lang, kind, valid_from, valid_to FROM org_name WHERE org_id IN", "ORDER BY org_id, position", found,
		func(s db.Scan) error {
			var id string
			var n Name
			err := s(&id, &n.Text, &n.Lang, &n.Kind, &n.From, &n.To)
			o := out[id]
			o.Names = append(o.Names, n)
			out[id] = o
			return err
		})
	if err != nil {
		return nil, err
	}
	return out, eachIn(ctx, q, "SELECT org_id, scheme, value FROM org_identifier WHERE org_id IN", "ORDER BY org_id, position", found,
		func(s db.Scan) error {
			var id string
			var v Identifier
			err := s(&id, &v.Scheme, &v.Value)
			o := out[id]
			o.Identifiers = append(o.Identifiers, v)
			out[id] = o
			return err
		})
}

func scanOrg(s db.Scan) (string, Org, error) {
	var o Org
	p := &o.Place
	err := s(&o.ID, &o.Kind, &o.Status, &o.Established, &o.Closed, &p.Country, &p.Division, &p.City, &p.Lat, &p.Lon, &o.Website, &o.Evidence,
		&o.SourceID, &o.BatchID, &o.MergedInto, &o.Version, &o.CreatedAt, &o.UpdatedAt)
	return o.ID, o, err
}

// orgRows are the rows of one organisation in its three tables.
type orgRows struct {
	org         []any
	names       [][]any
	identifiers [][]any
}

func rowsOf(o *Org) orgRows {
	t := display(o.Names)
	p := o.Place
	r := orgRows{org: []any{o.ID, string(o.Kind), t.ZH, t.EN, orderKey(t.In("zh-CN")), orderKey(t.In("en")), string(o.Status), o.Established, o.Closed,
		p.Country, p.Division, p.City, p.Lat, p.Lon, o.Website, o.Evidence, o.SourceID, o.BatchID, o.Version, o.CreatedAt, o.UpdatedAt}}
	for i, n := range o.Names {
		r.names = append(r.names, []any{o.ID, i, n.Text, n.Lang, string(n.Kind), n.From, n.To, fold.Name(n.Text)})
	}
	for i, v := range o.Identifiers {
		claim := o.ID
		if exclusive(v.Scheme) {
			claim = ""
		}
		r.identifiers = append(r.identifiers, []any{o.ID, i, string(v.Scheme), v.Value, claim})
	}
	return r
}

func allRows(rows []Org) (orgRows [][]any, names, identifiers [][]any) {
	made := make([]struct {
		org         []any
		names       [][]any
		identifiers [][]any
	}, len(rows))
	spread(len(rows), func(i int) { made[i] = rowsOf(&rows[i]) })
	for _, m := range made {
		orgRows = append(orgRows, m.org)
		names = append(names, m.names...)
		identifiers = append(identifiers, m.identifiers...)
	}
	return orgRows, names, identifiers
}

func insertOrgs(ctx context.Context, tx *db.Tx, rows []Org) error {
	main, names, identifiers := allRows(rows)
	for i := range main {
		main[i] = append(main[i], rows[i].ID)
	}
	if err := db.InsertMany(ctx, tx, "org("+orgColumns+", root)", "", main); err != nil {
		return err
	}
	return insertOrgParts(ctx, tx, names, identifiers)
}

func insertOrgParts(ctx context.Context, tx *db.Tx, names, identifiers [][]any) error {
	if err := db.InsertMany(ctx, tx, "org_name(org_id, position, text, lang, kind, valid_from, valid_to, folded)", "", names); err != nil {
		return err
	}
	return db.InsertMany(ctx, tx, "org_identifier(org_id, position, scheme, value, claim)", "", identifiers)
}

// updateOrgs leaves merged_into and root to merging.
func updateOrgs(ctx context.Context, tx *db.Tx, rows []Org) error {
	main, names, identifiers := allRows(rows)
	if err := removeOrgParts(ctx, tx, orgIDs(rows)); err != nil {
		return err
	}
	for i := range main { // root must be given, and stands already
		main[i] = append(main[i], rows[i].ID)
	}
	if err := db.InsertMany(ctx, tx, "org("+orgColumns+", root)", "ON CONFLICT (id) DO UPDATE SET "+assignments(orgColumns), main); err != nil {
		return err
	}
	return insertOrgParts(ctx, tx, names, identifiers)
}

func removeOrgs(ctx context.Context, tx *db.Tx, ids []string) error {
	if err := removeOrgParts(ctx, tx, ids); err != nil {
		return err
	}
	return execIn(ctx, tx, "DELETE FROM org WHERE id IN", ids)
}

func removeOrgParts(ctx context.Context, tx *db.Tx, ids []string) error {
	if err := execIn(ctx, tx, "DELETE FROM org_name WHERE org_id IN", ids); err != nil {
		return err
	}
	return execIn(ctx, tx, "DELETE FROM org_identifier WHERE org_id IN", ids)
}

func orgIDs(rows []Org) []string {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	return ids
}

// vetOrgs finds exclusive identifiers that another organisation holds, in the
// registry or among the rows.
func vetOrgs(ctx context.Context, q db.Querier, rows []Org) (map[int]error, error) {
	byScheme := map[identifier.Scheme][]string{}
	for i := range rows {
		for _, v := range rows[i].Identifiers {
			if exclusive(v.Scheme) {
				byScheme[v.Scheme] = append(byScheme[v.Scheme], v.Value)
			}
		}
	}
	held := map[Identifier]Ref{}
	for scheme, values := range byScheme {
		err := eachIn(ctx, q, `SELECT i.value, o.id, o.name_zh, o.name_en FROM org_identifier i JOIN org o ON o.id = i.org_id
			WHERE i.claim = '' AND i.scheme = '`+string(scheme)+`' AND i.value IN`, "", values, func(s db.Scan) error {
			v, r := Identifier{Scheme: scheme}, Ref{Kind: KindOrg}
			err := s(&v.Value, &r.ID, &r.Name.ZH, &r.Name.EN)
			held[v] = r
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	bad := map[int]error{}
	for i := range rows {
		if err := claim(held, &rows[i]); err != nil {
			bad[i] = err
		}
	}
	return bad, nil
}

// claim takes the exclusive identifiers of o unless another record holds one.
func claim(held map[Identifier]Ref, o *Org) error {
	for _, v := range o.Identifiers {
		if h, taken := held[v]; taken && h.ID != o.ID {
			return errs.New(errs.Conflict, "registry.identifier_taken",
				errs.A{"scheme": string(v.Scheme), "value": v.Value, "name": h.Name, "id": h.ID}).At("/identifiers")
		}
	}
	for _, v := range o.Identifiers {
		if exclusive(v.Scheme) {
			held[v] = Ref{Kind: KindOrg, ID: o.ID, Name: o.Title()}
		}
	}
	return nil
}
