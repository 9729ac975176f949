package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

const orgColumns = "id, kind, names, identifiers, name_zh, name_en, order_zh, order_en, status, established, closed, country, division, city, lat, lon, website, evidence, source_id, batch_id, version, created_at, updated_at"

// loadOrgs reads organisations as they were written: without what merged
// records bring, and with their own status.
func loadOrgs(ctx context.Context, q db.Querier, ids []string) (map[string]Org, error) {
	var rows []storedOrg
	err := eachIn(ctx, q, `SELECT id, kind, names, identifiers, status, established, closed, country, division, city, lat, lon, website, evidence,
		source_id, batch_id, COALESCE(merged_into, ''), version, created_at, updated_at FROM org WHERE id IN`, "", ids, func(s db.Scan) error {
		var r storedOrg
		o, p := &r.org, &r.org.Place
		err := s(&o.ID, &o.Kind, &r.names, &r.identifiers, &o.Status, &o.Established, &o.Closed, &p.Country, &p.Division, &p.City, &p.Lat, &p.Lon, &o.Website, &o.Evidence,
			&o.SourceID, &o.BatchID, &o.MergedInto, &o.Version, &o.CreatedAt, &o.UpdatedAt)
		rows = append(rows, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	spread(len(rows), func(i int) { rows[i].decode() })
	out := make(map[string]Org, len(rows))
	for _, r := range rows {
		if r.err != nil {
			return nil, fmt.Errorf("organisation %s: %w", r.org.ID, r.err)
		}
		out[r.org.ID] = r.org
	}
	return out, nil
}

// storedOrg is an organisation whose lists are still JSON.
type storedOrg struct {
	org                Org
	names, identifiers []byte
	err                error
}

func (r *storedOrg) decode() {
	r.err = errors.Join(json.Unmarshal(r.names, &r.org.Names), json.Unmarshal(r.identifiers, &r.org.Identifiers))
}

func rowOf(o *Org) ([]any, error) {
	names, err := json.Marshal(o.Names)
	if err != nil {
		return nil, err
	}
	identifiers, err := json.Marshal(o.Identifiers)
	t := display(o.Names)
	p := o.Place
	return []any{o.ID, string(o.Kind), string(names), string(identifiers), t.ZH, t.EN, orderKey(t.In("zh-CN")), orderKey(t.In("en")), string(o.Status),
		o.Established, o.Closed, p.Country, p.Division, p.City, p.Lat, p.Lon, o.Website, o.Evidence, o.SourceID, o.BatchID, o.Version, o.CreatedAt, o.UpdatedAt, o.ID}, err
}

// keysOf are the rows under which an organisation is looked up: its folded
// names, its identifiers.
func keysOf(o *Org) (names [][2]string, identifiers [][4]string) {
	for _, n := range o.Names {
		key := [2]string{fold.Name(n.Text), o.ID}
		if !slices.Contains(names, key) {
			names = append(names, key)
		}
	}
	for _, v := range o.Identifiers {
		claim := o.ID
		if exclusive(v.Scheme) {
			claim = ""
		}
		identifiers = append(identifiers, [4]string{string(v.Scheme), v.Value, claim, o.ID})
	}
	return names, identifiers
}

func insertOrgs(ctx context.Context, tx *db.Tx, rows []Org) error {
	moves := keyMovesAside(nil, rows)
	if err := writeOrgs(ctx, tx, rows, ""); err != nil {
		return err
	}
	return moveKeys(ctx, tx, <-moves)
}

// updateOrgs leaves merged_into and root to merging.
func updateOrgs(ctx context.Context, tx *db.Tx, old, rows []Org) error {
	moves := keyMovesAside(old, rows)
	if err := writeOrgs(ctx, tx, rows, "ON CONFLICT (id) DO UPDATE SET "+assignments(orgColumns)); err != nil {
		return err
	}
	return moveKeys(ctx, tx, <-moves)
}

func writeOrgs(ctx context.Context, tx *db.Tx, rows []Org, conflict string) error {
	out := make([][]any, len(rows))
	faults := make([]error, len(rows))
	spread(len(rows), func(i int) { out[i], faults[i] = rowOf(&rows[i]) })
	if err := errors.Join(faults...); err != nil {
		return err
	}
	return db.InsertMany(ctx, tx, "org("+orgColumns+", root)", conflict, out)
}

// removeOrgs refuses to remove what others were merged into; the other
// references are kept by foreign keys. A foreign key for merged_into would read
// the whole table for each organisation removed.
func removeOrgs(ctx context.Context, tx *db.Tx, old []Org) error {
	err := eachIn(ctx, tx, "SELECT id FROM org WHERE id <> root AND root IN", "", idsOf(old), func(s db.Scan) error {
		var id string
		if err := s(&id); err != nil {
			return err
		}
		return errs.New(errs.Conflict, "errs.reference", errs.A{"what": id})
	})
	if err != nil {
		return err
	}
	if err := moveKeys(ctx, tx, keyMoves(old, nil)); err != nil {
		return err
	}
	return execIn(ctx, tx, "DELETE FROM org WHERE id IN", idsOf(old))
}

// keyMove says which lookup rows go and which come.
type keyMove struct {
	goneNames, newNames             [][2]string
	goneIdentifiers, newIdentifiers [][4]string
}

// keyMoves finds the keys that only old has and those that only rows have. Those
// to come are in the order of their index: they touch fewer of its pages.
func keyMoves(old, rows []Org) keyMove {
	oldNames, oldIdentifiers := keysOfAll(old)
	names, identifiers := keysOfAll(rows)
	var m keyMove
	m.goneNames, m.newNames = differ(oldNames, names)
	m.goneIdentifiers, m.newIdentifiers = differ(oldIdentifiers, identifiers)
	slices.SortFunc(m.newNames, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	slices.SortFunc(m.newIdentifiers, func(a, b [4]string) int { return slices.Compare(a[:], b[:]) })
	return m
}

func keyMovesAside(old, rows []Org) <-chan keyMove {
	return aside(func() keyMove { return keyMoves(old, rows) })
}

func moveKeys(ctx context.Context, tx *db.Tx, m keyMove) error {
	if err := deleteRows(ctx, tx, "org_name", "folded, org_id", len(m.goneNames), func(i int) []string { return m.goneNames[i][:] }); err != nil {
		return err
	}
	if err := deleteRows(ctx, tx, "org_identifier", "scheme, value, claim", len(m.goneIdentifiers), func(i int) []string { return m.goneIdentifiers[i][:3] }); err != nil {
		return err
	}
	if err := db.InsertMany(ctx, tx, "org_name(folded, org_id)", "", textRows(len(m.newNames), func(i int) []string { return m.newNames[i][:] })); err != nil {
		return err
	}
	return db.InsertMany(ctx, tx, "org_identifier(scheme, value, claim, org_id)", "", textRows(len(m.newIdentifiers), func(i int) []string { return m.newIdentifiers[i][:] }))
}

func keysOfAll(rows []Org) (names [][2]string, identifiers [][4]string) {
	made := make([]struct {
		names       [][2]string
		identifiers [][4]string
	}, len(rows))
	spread(len(rows), func(i int) { made[i].names, made[i].identifiers = keysOf(&rows[i]) })
	for _, m := range made {
		names = append(names, m.names...)
		identifiers = append(identifiers, m.identifiers...)
	}
	return names, identifiers
}

// differ returns what only a has and what only b has, in their order.
func differ[K comparable](a, b []K) (onlyA, onlyB []K) {
	if len(a) == 0 || len(b) == 0 {
		return a, b
	}
	inA, inB := make(map[K]bool, len(a)), make(map[K]bool, len(b))
	for _, k := range a {
		inA[k] = true
	}
	for _, k := range b {
		inB[k] = true
		if !inA[k] {
			onlyB = append(onlyB, k)
		}
	}
	for _, k := range a {
		if !inB[k] {
			onlyA = append(onlyA, k)
		}
	}
	return onlyA, onlyB
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
