package registry

import (
	"context"
	"encoding/json"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
)

var people = &table[Person]{
	word:   KindPerson,
	load:   loadPeople,
	insert: writePeople,
	update: func(ctx context.Context, tx *db.Tx, _, rows []Person) error { return writePeople(ctx, tx, rows) },
	remove: func(ctx context.Context, tx *db.Tx, old []Person) error {
		return execIn(ctx, tx, "DELETE FROM person WHERE id IN", idsOf(old))
	},
	vet: vetPeople,
}

const personColumns = "id, names, name_zh, name_en, folded, order_zh, order_en, orcid, evidence, source_id, batch_id, version, created_at, updated_at"

func loadPeople(ctx context.Context, q db.Querier, ids []string) (map[string]Person, error) {
	return loadIn(ctx, q, "SELECT id, names, COALESCE(orcid, ''), evidence, source_id, batch_id, version, created_at, updated_at FROM person WHERE id IN", ids,
		func(s db.Scan) (string, Person, error) {
			var p Person
			var names string
			if err := s(&p.ID, &names, &p.ORCID, &p.Evidence, &p.SourceID, &p.BatchID, &p.Version, &p.CreatedAt, &p.UpdatedAt); err != nil {
				return "", p, err
			}
			return p.ID, p, json.Unmarshal([]byte(names), &p.Names)
		})
}

func writePeople(ctx context.Context, tx *db.Tx, rows []Person) error {
	out := make([][]any, len(rows))
	for i, p := range rows {
		t, err := titledOf(p.Names)
		if err != nil {
			return err
		}
		out[i] = []any{p.ID, t.json, t.zh, t.en, t.folded, t.orderZH, t.orderEN, null(p.ORCID), p.Evidence, p.SourceID, p.BatchID, p.Version, p.CreatedAt, p.UpdatedAt}
	}
	return upsert(ctx, tx, "person", personColumns, out)
}

func vetPeople(ctx context.Context, q db.Querier, rows []Person) (map[int]error, error) {
	values, ids := make([]string, len(rows)), make([]string, len(rows))
	for i, p := range rows {
		values[i], ids[i] = p.ORCID, p.ID
	}
	return vetUnique(ctx, q, "person", "orcid", "registry.orcid_taken", values, ids)
}

// vetUnique finds values of a column that another row holds, stored or among
// those to be written.
func vetUnique(ctx context.Context, q db.Querier, name, column, key string, values, ids []string) (map[int]error, error) {
	held := map[string]Ref{}
	err := eachIn(ctx, q, "SELECT "+column+", id, name_zh, name_en FROM "+name+" WHERE "+column+" IN", "", tidyList(values), func(s db.Scan) error {
		var v string
		var r Ref
		err := s(&v, &r.ID, &r.Name.ZH, &r.Name.EN)
		held[v] = r
		return err
	})
	bad := map[int]error{}
	for i, v := range values {
		if h, taken := held[v]; v == "" || !taken {
			held[v] = Ref{ID: ids[i]}
		} else if h.ID != ids[i] {
			bad[i] = errs.New(errs.Conflict, key, errs.A{"value": v, "name": h.Name, "id": h.ID}).At("/" + column)
		}
	}
	return bad, err
}

var platforms = &table[Platform]{
	word:   KindPlatform,
	load:   loadPlatforms,
	insert: writePlatforms,
	update: func(ctx context.Context, tx *db.Tx, _, rows []Platform) error { return writePlatforms(ctx, tx, rows) },
	remove: removePlatforms,
	vet:    vetPlatforms,
}

const platformColumns = "id, key, names, name_zh, name_en, folded, order_zh, order_en, class, grouping, level, field_zh, field_en, division, org_id, host_text, status, established, closed, website, note_zh, note_en, evidence, source_id, batch_id, version, created_at, updated_at"

func loadPlatforms(ctx context.Context, q db.Querier, ids []string) (map[string]Platform, error) {
	out, err := loadIn(ctx, q, `SELECT id, key, names, class, grouping, level, field_zh, field_en, division, COALESCE(org_id, ''), host_text, status,
		established, closed, website, note_zh, note_en, evidence, source_id, batch_id, version, created_at, updated_at FROM platform WHERE id IN`, ids, scanPlatform)
	if err != nil || len(out) == 0 {
		return out, err
	}
	return out, eachIn(ctx, q, "SELECT platform_id, org_id FROM platform_host WHERE platform_id IN", "ORDER BY platform_id, position", ids, func(s db.Scan) error {
		var id, host string
		err := s(&id, &host)
		p := out[id]
		p.HostIDs = append(p.HostIDs, host)
		out[id] = p
		return err
	})
}

func scanPlatform(s db.Scan) (string, Platform, error) {
	var p Platform
	var names string
	if err := s(&p.ID, &p.Key, &names, &p.Class, &p.Group, &p.Level, &p.Field.ZH, &p.Field.EN, &p.Division, &p.OrgID, &p.HostText, &p.Status,
		&p.Established, &p.Closed, &p.Website, &p.Note.ZH, &p.Note.EN, &p.Evidence, &p.SourceID, &p.BatchID, &p.Version, &p.CreatedAt, &p.UpdatedAt); err != nil {
		return "", p, err
	}
	return p.ID, p, json.Unmarshal([]byte(names), &p.Names)
}

func writePlatforms(ctx context.Context, tx *db.Tx, rows []Platform) error {
	out := make([][]any, len(rows))
	ids := make([]string, len(rows))
	var hosts [][]any
	for i, p := range rows {
		t, err := titledOf(p.Names)
		if err != nil {
			return err
		}
		ids[i] = p.ID
		out[i] = []any{p.ID, p.Key, t.json, t.zh, t.en, t.folded, t.orderZH, t.orderEN, p.Class, p.Group, p.Level, p.Field.ZH, p.Field.EN, p.Division, null(p.OrgID), p.HostText,
			p.Status, p.Established, p.Closed, p.Website, p.Note.ZH, p.Note.EN, p.Evidence, p.SourceID, p.BatchID, p.Version, p.CreatedAt, p.UpdatedAt}
		for n, host := range p.HostIDs {
			hosts = append(hosts, []any{p.ID, n, host})
		}
	}
	if err := execIn(ctx, tx, "DELETE FROM platform_host WHERE platform_id IN", ids); err != nil {
		return err
	}
	if err := upsert(ctx, tx, "platform", platformColumns, out); err != nil {
		return err
	}
	return db.InsertMany(ctx, tx, "platform_host(platform_id, position, org_id)", "", hosts)
}

func removePlatforms(ctx context.Context, tx *db.Tx, old []Platform) error {
	ids := idsOf(old)
	if err := execIn(ctx, tx, "DELETE FROM platform_host WHERE platform_id IN", ids); err != nil {
		return err
	}
	return execIn(ctx, tx, "DELETE FROM platform WHERE id IN", ids)
}

func vetPlatforms(ctx context.Context, q db.Querier, rows []Platform) (map[int]error, error) {
	refs := make([][]string, len(rows))
	keys, ids := make([]string, len(rows)), make([]string, len(rows))
	for i, p := range rows {
		refs[i] = append([]string{p.OrgID}, p.HostIDs...)
		keys[i], ids[i] = p.Key, p.ID
	}
	return vetKeyed(ctx, q, "platform", keys, ids, refs)
}

// vetKeyed finds keys that another row holds and organisations that the
// registry does not have.
func vetKeyed(ctx context.Context, q db.Querier, name string, keys, ids []string, refs [][]string) (map[int]error, error) {
	bad, err := vetUnique(ctx, q, name, "key", "registry.key_taken", keys, ids)
	if err != nil {
		return nil, err
	}
	missing, err := unknown(ctx, q, "org", refs)
	for i, id := range missing {
		bad[i] = errs.New(errs.Invalid, "registry.unknown_org", errs.A{"id": id}).At("/org_id")
	}
	return bad, err
}

var parks = &table[Park]{
	word:   KindPark,
	load:   loadParks,
	insert: writeParks,
	update: func(ctx context.Context, tx *db.Tx, _, rows []Park) error { return writeParks(ctx, tx, rows) },
	remove: func(ctx context.Context, tx *db.Tx, old []Park) error {
		return execIn(ctx, tx, "DELETE FROM park WHERE id IN", idsOf(old))
	},
	vet: vetParks,
}

const parkColumns = "id, key, names, name_zh, name_en, folded, order_zh, order_en, class, level, field_zh, field_en, division, org_id, status, established, closed, website, note_zh, note_en, evidence, source_id, batch_id, version, created_at, updated_at"

func loadParks(ctx context.Context, q db.Querier, ids []string) (map[string]Park, error) {
	return loadIn(ctx, q, `SELECT id, key, names, class, level, field_zh, field_en, division, COALESCE(org_id, ''), status, established, closed, website,
		note_zh, note_en, evidence, source_id, batch_id, version, created_at, updated_at FROM park WHERE id IN`, ids, func(s db.Scan) (string, Park, error) {
		var p Park
		var names string
		if err := s(&p.ID, &p.Key, &names, &p.Class, &p.Level, &p.Field.ZH, &p.Field.EN, &p.Division, &p.OrgID, &p.Status, &p.Established, &p.Closed, &p.Website,
			&p.Note.ZH, &p.Note.EN, &p.Evidence, &p.SourceID, &p.BatchID, &p.Version, &p.CreatedAt, &p.UpdatedAt); err != nil {
			return "", p, err
		}
		return p.ID, p, json.Unmarshal([]byte(names), &p.Names)
	})
}

func writeParks(ctx context.Context, tx *db.Tx, rows []Park) error {
	out := make([][]any, len(rows))
	for i, p := range rows {
		t, err := titledOf(p.Names)
		if err != nil {
			return err
		}
		out[i] = []any{p.ID, p.Key, t.json, t.zh, t.en, t.folded, t.orderZH, t.orderEN, p.Class, p.Level, p.Field.ZH, p.Field.EN, p.Division, null(p.OrgID), p.Status,
			p.Established, p.Closed, p.Website, p.Note.ZH, p.Note.EN, p.Evidence, p.SourceID, p.BatchID, p.Version, p.CreatedAt, p.UpdatedAt}
	}
	return upsert(ctx, tx, "park", parkColumns, out)
}

func vetParks(ctx context.Context, q db.Querier, rows []Park) (map[int]error, error) {
	refs := make([][]string, len(rows))
	keys, ids := make([]string, len(rows)), make([]string, len(rows))
	for i, p := range rows {
		refs[i] = []string{p.OrgID}
		keys[i], ids[i] = p.Key, p.ID
	}
	return vetKeyed(ctx, q, "park", keys, ids, refs)
}

var divisions = &table[Division]{
	word:   KindDivision,
	load:   loadDivisions,
	insert: writeDivisions,
	update: func(ctx context.Context, tx *db.Tx, _, rows []Division) error { return writeDivisions(ctx, tx, rows) },
	remove: func(ctx context.Context, tx *db.Tx, old []Division) error {
		return execIn(ctx, tx, "DELETE FROM division WHERE id IN", idsOf(old))
	},
}

const (
	divisionRead  = "id, code, name_zh, name_en, level, parent, valid_from, valid_to, note, source_id, batch_id, version, created_at, updated_at"
	divisionWrite = divisionRead + ", folded"
)

func scanDivision(s db.Scan) (Division, error) {
	var d Division
	err := s(&d.ID, &d.Code, &d.Name.ZH, &d.Name.EN, &d.Level, &d.Parent, &d.ValidFrom, &d.ValidTo, &d.Note, &d.SourceID, &d.BatchID, &d.Version, &d.CreatedAt, &d.UpdatedAt)
	return d, err
}

func loadDivisions(ctx context.Context, q db.Querier, ids []string) (map[string]Division, error) {
	return loadIn(ctx, q, "SELECT "+divisionRead+" FROM division WHERE id IN", ids, func(s db.Scan) (string, Division, error) {
		d, err := scanDivision(s)
		return d.ID, d, err
	})
}

func writeDivisions(ctx context.Context, tx *db.Tx, rows []Division) error {
	out := make([][]any, len(rows))
	for i, d := range rows {
		out[i] = []any{d.ID, d.Code, d.Name.ZH, d.Name.EN, string(d.Level), d.Parent, d.ValidFrom, d.ValidTo, d.Note, d.SourceID, d.BatchID, d.Version, d.CreatedAt, d.UpdatedAt,
			divisionKeys(d)}
	}
	return upsert(ctx, tx, "division", divisionWrite, out)
}

// divisionKeys are the folded names under which a division is looked up, each
// between blanks of its own: |广州市|广州|guangzhou|.
func divisionKeys(d Division) string {
	out := "|"
	for _, n := range []string{d.Name.ZH, shortDivision(d.Name.ZH), d.Name.EN} {
		if key := fold.Name(n); key != "" {
			out += key + "|"
		}
	}
	return out
}
