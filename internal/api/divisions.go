package api

import (
	"context"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/registry"
)

// DivisionsIn asks for the divisions below one, or by name.
type DivisionsIn struct {
	Parent string `query:"parent" pattern:"^[0-9]{6}$" doc:"Code; the provinces when absent"`
	Name   string `query:"name" maxLength:"80" doc:"Divisions of this name, wherever they lie; parent is then not read"`
	At     string `query:"at" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Day; today"`
	Paging
}

// DivisionIn names a division.
type DivisionIn struct {
	Code string `path:"code" pattern:"^[0-9]{6}$" doc:"GB/T 2260 code"`
	At   string `query:"at" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Day; today"`
}

// DivisionOut is a division, what it lies in, and what its code stood for in
// the course of time.
type DivisionOut struct {
	Division registry.Division   `json:"division"`
	Path     []registry.Division `json:"path" nullable:"false" doc:"From the province down"`
	History  []registry.Division `json:"history" nullable:"false"`
}

func (s *server) divisions() {
	const tag = "divisions"
	addList(s, route{id: "list_divisions", path: "/divisions", tag: tag, needs: account.Read}, divisionTable(), s.listDivisions)
	add(s, route{id: "get_division", path: "/divisions/{code}", tag: tag, needs: account.Read}, s.getDivision)
}

func (s *server) listDivisions(ctx context.Context, in *DivisionsIn) (part[registry.Division], error) {
	var all []registry.Division
	var err error
	if in.Name != "" {
		all, err = s.Registry.DivisionsByName(ctx, in.Name, in.At)
	} else {
		all, err = s.Registry.Divisions(ctx, in.At, in.Parent)
	}
	if err != nil {
		return part[registry.Division]{}, err
	}
	return cutPage(all, &in.Paging, func(d *registry.Division) string { return d.ID })
}

func (s *server) getDivision(ctx context.Context, in *DivisionIn) (*answer[DivisionOut], error) {
	d, err := s.Registry.Division(ctx, in.Code, in.At)
	if d, err = readableRow(ctx, s, d, err, func(d registry.Division) string { return d.SourceID }, in.Code); err != nil {
		return nil, err
	}
	path, err := s.Registry.DivisionPath(ctx, in.Code, in.At)
	if err != nil {
		return nil, err
	}
	history, err := s.Registry.DivisionHistory(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	return row(DivisionOut{d, append([]registry.Division{}, path...), append([]registry.Division{}, history...)}, d.Version), nil
}

func divisionTable() table[registry.Division] {
	type d = registry.Division
	return table[d]{name: "divisions", source: func(v *d) string { return v.SourceID }, columns: []column[d]{
		{"code", func(v *d) any { return v.Code }}, {"name_zh", func(v *d) any { return v.Name.ZH }}, {"name_en", func(v *d) any { return v.Name.EN }},
		{"level", func(v *d) any { return string(v.Level) }}, {"parent", func(v *d) any { return v.Parent }},
		{"valid_from", func(v *d) any { return v.ValidFrom }}, {"valid_to", func(v *d) any { return v.ValidTo }}, {"note", func(v *d) any { return v.Note }},
	}}
}
