package transfer

import (
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// Result is a research result (成果) that may be handed over.
type Result struct {
	Common
	Type     ResultType `json:"type"`
	Team     []Member   `json:"team,omitempty"`
	Maturity []TRL      `json:"maturity,omitempty"` // by day; Current is the last one reached
	Rights   []Right    `json:"rights,omitempty"`
	Stage    Stage      `json:"stage,omitempty"`
	Forms    []Form     `json:"forms,omitempty"` // in which the owner would hand it over
	Price    Price      `json:"price,omitzero"`
}

// ResultType says what a result is.
type ResultType string

// The types.
const (
	Process   ResultType = "process"  // 工艺
	Device    ResultType = "device"   // 装置、设备
	Material  ResultType = "material" // 材料
	Software  ResultType = "software"
	Variety   ResultType = "variety" // 品种
	Method    ResultType = "method"
	Design    ResultType = "design"
	OtherType ResultType = "other"
)

// ResultTypes lists every type.
var ResultTypes = []ResultType{Process, Device, Material, Software, Variety, Method, Design, OtherType}

// Stage is the stage of application as the register of results in China has it
// (初期, 中期, 成熟应用); "" is unknown.
type Stage string

// The stages.
const (
	Early  Stage = "early"
	Middle Stage = "middle"
	Mature Stage = "mature"
)

// Stages lists every stage.
var Stages = []Stage{Early, Middle, Mature}

// Form is a way in which a result is handed over, or wanted.
type Form string

// The forms.
const (
	Transfer         Form = "transfer"          // 转让
	Licence          Form = "licence"           // 许可
	Equity           Form = "equity"            // 作价入股
	JointDevelopment Form = "joint_development" // 合作开发
	ByService        Form = "service"           // 技术服务
	Pilot            Form = "pilot"             // 中试
)

// Forms lists every form.
var Forms = []Form{Transfer, Licence, Equity, JointDevelopment, ByService, Pilot}

// Member is somebody of the team behind a result.
type Member struct {
	Name     string `json:"name"`
	PersonID string `json:"person_id,omitempty"`
	Role     string `json:"role,omitempty"`
}

// RightKind is a kind of intellectual property.
type RightKind string

// The kinds.
const (
	Invention   RightKind = "invention"
	Utility     RightKind = "utility"
	DesignRight RightKind = "design"
	Copyright   RightKind = "software"
	NewVariety  RightKind = "variety"
	Layout      RightKind = "layout"
	KnowHow     RightKind = "know_how"
)

// RightKinds lists every kind.
var RightKinds = []RightKind{Invention, Utility, DesignRight, Copyright, NewVariety, Layout, KnowHow}

// Right is one piece of intellectual property in a result.
type Right struct {
	Kind   RightKind   `json:"kind"`
	Number string      `json:"number,omitempty"` // "" is unknown
	Status RightStatus `json:"status,omitempty"`
	Title  string      `json:"title,omitempty"`
}

// RightStatus is how far a right has come; "" is unknown.
type RightStatus string

// The states of a right.
const (
	Applied      RightStatus = "applied"
	Granted      RightStatus = "granted"
	RightExpired RightStatus = "expired"
)

// RightStatuses lists every state.
var RightStatuses = []RightStatus{Applied, Granted, RightExpired}

// Price is what the owner has in mind, in fen; a nil end is unknown.
type Price struct {
	Min        *money.Fen `json:"min,omitempty"`
	Max        *money.Fen `json:"max,omitempty"`
	Negotiable bool       `json:"negotiable,omitempty"`
}

// months is how long records stay listed when they do not say.
const (
	resultMonths = 12
	needMonths   = 6
)

func (r *Result) prepare() errs.List {
	var f faults
	r.tidy(&f, KindResult)
	oneOf(&f, "type", r.Type, ResultTypes)
	if r.Stage != "" {
		oneOf(&f, "stage", r.Stage, Stages)
	}
	r.Forms = words(&f, "forms", r.Forms, Forms)
	r.Maturity = f.maturity(r.Maturity)
	r.Team = f.team(r.Team)
	r.Rights = f.rights(r.Rights)
	f.amounts("price_min", r.Price.Min, "price_max", r.Price.Max)
	return f.list
}

func (r *Result) settle(old *Result, today string) errs.List {
	r.Common.settle(commonOf(old), today, resultMonths)
	return nil
}

func (f *faults) team(in []Member) []Member {
	f.most("team", len(in), maxParts)
	var out []Member
	for _, m := range in {
		if m.Name = strings.TrimSpace(m.Name); m.Name == "" {
			f.add(required("team"))
		}
		out = append(out, m)
	}
	return out
}

// rights returns the stored form of rights. Numbers of patents are checked by
// their own digit; others have none.
func (f *faults) rights(in []Right) []Right {
	f.most("rights", len(in), maxParts)
	var out []Right
	for _, r := range in {
		oneOf(f, "right_kind", r.Kind, RightKinds)
		if r.Status != "" {
			oneOf(f, "right_status", r.Status, RightStatuses)
		}
		r.Number = strings.TrimSpace(r.Number)
		if r.Number != "" && slices.Contains([]RightKind{Invention, Utility, DesignRight}, r.Kind) && chinese(r.Number) {
			kept, err := identifier.Parse(identifier.CNPatent, r.Number)
			if err != nil {
				f.add(errs.Of(err).At("/rights"))
			} else {
				r.Number = kept
			}
		}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// chinese reports whether a number of a patent is written as one of China: a
// foreign one begins with its country.
func chinese(number string) bool {
	s := strings.ToUpper(number)
	return s[0] >= '0' && s[0] <= '9' || strings.HasPrefix(s, "ZL") || strings.HasPrefix(s, "CN20")
}
