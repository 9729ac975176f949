package ranking

import (
	"context"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/indicator"
)

// unitName is what a unit is called: countries after CLDR, districts as the
// registry names them, others as the corpus does, or else by their code.
func (s *Service) unitName(ctx context.Context, v *indicator.Value, q Query) (i18n.Text, error) {
	name := v.Name
	var err error
	switch {
	case q.Unit == "country":
		name = i18n.Text{ZH: i18n.Country(i18n.ZH, v.Unit), EN: i18n.Country(i18n.EN, v.Unit)}
	case q.Unit == "district" && s.cfg.Division != nil:
		name, err = s.cfg.Division(ctx, v.Unit)
	}
	if name.IsZero() {
		name = i18n.Text{ZH: v.Unit, EN: v.Unit}
	}
	return name, err
}
