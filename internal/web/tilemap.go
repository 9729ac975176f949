package web

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/kapok-city/kapok/internal/i18n"
)

// TileMap is a schematic map of a city's districts: equal tiles by code, which
// claim no boundary, area or position.
type TileMap struct {
	Title    i18n.Text            `json:"title"`
	Note     i18n.Text            `json:"note"`
	Division string               `json:"division"` // of the city
	SourceID string               `json:"source_id"`
	Rows     [][]string           `json:"rows"`  // codes, "" for no tile
	Tiles    map[string]i18n.Text `json:"tiles"` // short names by code
}

// ReadTileMap reads a tile map from JSON. A row that names a tile without a
// name is an error, because its district would not be drawn.
func ReadTileMap(r io.Reader) (*TileMap, error) {
	var m TileMap
	if err := json.NewDecoder(r).Decode(&m); err != nil {
		return nil, fmt.Errorf("tile map: %w", err)
	}
	for _, row := range m.Rows {
		for _, code := range row {
			if _, ok := m.Tiles[code]; code != "" && !ok {
				return nil, fmt.Errorf("tile map: tile %s has no name", code)
			}
		}
	}
	return &m, nil
}

// grid is the map in the reader's language, as a chart places tiles.
func (m *TileMap) grid(l i18n.Lang) [][]string {
	out := make([][]string, len(m.Rows))
	for i, row := range m.Rows {
		out[i] = make([]string, len(row))
		for k, code := range row {
			out[i][k] = m.Tiles[code].In(l)
		}
	}
	return out
}
