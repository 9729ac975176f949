package transfer

import (
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/registry"
)

// Offering is a service or a piece of equipment that a platform lets others
// use (服务, 设备). Its word in the change log and in addresses is "service";
// the type has another name because Service is the room's.
type Offering struct {
	Common
	PlatformID string       `json:"platform_id,omitempty"`
	Kind       OfferingKind `json:"kind"`
	Text       string       `json:"text,omitempty"`
	PriceText  string       `json:"price_text,omitempty"` // as printed: "200元/小时"
	Contact    string       `json:"contact,omitempty"`    // the office to turn to; no person

	Platform *registry.Ref `json:"platform,omitempty"` // output only
}

// OfferingKind tells services from equipment.
type OfferingKind string

// The kinds.
const (
	ServiceOffered   OfferingKind = "service"
	EquipmentOffered OfferingKind = "equipment"
)

// OfferingKinds lists both kinds.
var OfferingKinds = []OfferingKind{ServiceOffered, EquipmentOffered}

func (o *Offering) prepare() errs.List {
	var f faults
	o.Platform = nil
	o.Text = strings.TrimSpace(o.Text)
	o.tidy(&f, KindService)
	oneOf(&f, "kind", o.Kind, OfferingKinds)
	return f.list
}

func (o *Offering) settle(old *Offering, today string) errs.List {
	o.Common.settle(commonOf(old), today, resultMonths)
	return nil
}
