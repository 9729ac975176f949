package app

import (
	"context"

	"github.com/kapok-city/kapok/internal/corpus/world"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
)

// wellKnown lifts a city of the built-in list above every town of the registry
// nearby: a cluster bears the name of the city, not of a suburb with a campus.
const wellKnown = 1_000_000

// towns are the cities that lend clusters their names: those that the program
// brings, with names in both languages, then those of the registry.
func (a *App) towns(ctx context.Context) ([]registry.Town, error) {
	towns, err := a.Registry.Towns(ctx)
	if err != nil {
		return nil, err
	}
	cities, err := world.Cities()
	for _, c := range cities {
		t := registry.Town{Country: c.Country, Name: i18n.Text{ZH: c.Name.ZH, EN: c.Name.EN}, Lon: c.Lon, Lat: c.Lat, Orgs: int(wellKnown * c.Weight)}
		if c.Country == "CN" {
			t.Code = c.Code
		}
		towns = append(towns, t)
	}
	return towns, err
}
