package rules

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kapok-city/kapok/internal/errs"
)

// maxFile bounds a file of regimes; the demo city's has 10 kB.
const maxFile = 1 << 20

// maxUplifts bounds the answers that are tried when marks are not known.
const maxUplifts = 6

// million is the whole in parts per million.
const million = 1_000_000

type file struct {
	Version int      `yaml:"version"`
	Regimes []Regime `yaml:"regimes"`
}

var goTypes = regexp.MustCompile(` (in type|into) rules\.\w+`)

// Parse reads a file of regimes. A field that it does not know, a word outside
// its list or a number out of bounds is a fault; all faults are told together.
func Parse(raw []byte) ([]Regime, error) {
	if len(raw) > maxFile {
		return nil, errs.New(errs.TooLarge, "pool.file_large", errs.A{"limit": maxFile})
	}
	var f file
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, errs.Wrap(err, errs.Invalid, "pool.yaml", errs.A{"detail": goTypes.ReplaceAllString(err.Error(), "")})
	}
	if err := dec.Decode(&file{}); !errors.Is(err, io.EOF) {
		return nil, errs.New(errs.Invalid, "pool.yaml_two")
	}
	if f.Version != 1 {
		return nil, errs.New(errs.Invalid, "pool.yaml_version", errs.A{"version": f.Version})
	}
	var faults errs.List
	seen := map[string]bool{}
	for i := range f.Regimes {
		r := &f.Regimes[i]
		faults = append(faults, r.Validate()...)
		if seen[r.ID] {
			faults = append(faults, r.fault("id", "pool.regime_twice"))
		}
		seen[r.ID] = true
	}
	return f.Regimes, faults.Err()
}

func (r *Regime) fault(field, key string, args ...errs.A) *errs.Error {
	return errs.New(errs.Invalid, key, append(args, errs.A{"regime": r.ID, "field": field})...).At("/" + r.ID + "/" + field)
}

var (
	idShape    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	ruleShape  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`)
	placeShape = regexp.MustCompile(`^[0-9]{6}$`)
)

// Validate returns every fault of the regime.
func (r *Regime) Validate() errs.List {
	v := &checking{r: r}
	v.when(!idShape.MatchString(r.ID), "id", "pool.shape")
	v.when(!placeShape.MatchString(r.Place), "place", "pool.shape")
	v.when(r.Name.IsZero(), "name", "pool.missing")
	v.when(!isDay(r.From, true), "from", "pool.day")
	v.when(r.To != "" && !isDay(r.To, false), "to", "pool.day")
	v.when(r.To != "" && r.From > r.To, "to", "pool.period")
	v.when(r.Status != Verified && r.Status != Unverified, "status", "pool.word")
	v.when(r.Governing != nil && *r.Governing != Registration && *r.Governing != Claiming, "governing", "pool.word")
	v.when(len(r.Modes) == 0, "modes", "pool.missing")
	v.modes("modes", r.Modes)
	v.rules()
	v.scope()
	v.shares()
	v.conditions()
	return v.list
}

// checking gathers the faults of a regime.
type checking struct {
	r    *Regime
	list errs.List
}

func (v *checking) when(bad bool, field, key string) {
	if bad {
		v.list = append(v.list, v.r.fault(field, key))
	}
}

func (v *checking) modes(field string, modes []Mode) {
	for _, m := range modes {
		v.when(!slices.Contains(Modes, m), field, "pool.word")
	}
}

func (v *checking) rules() {
	seen := map[string]bool{}
	for _, c := range v.r.cites() {
		v.when(!ruleShape.MatchString(c.ID), "rule "+c.ID, "pool.shape")
		v.when(c.Status != Verified && c.Status != Unverified, c.ID+".status", "pool.word")
		v.when(seen[c.ID], "rule "+c.ID, "pool.rule_twice")
		seen[c.ID] = true
	}
}

func (v *checking) scope() {
	if b := v.r.Budget; b != nil {
		v.amount("budget.year", b.Year)
		v.amount("budget.guarantee", b.Guarantee)
	}
	if l := v.r.Limits; l != nil {
		v.amount("limits.borrower_year", l.Borrower)
		v.when(l.Months != nil && *l.Months <= 0, "limits.months", "pool.positive")
	}
	if s := v.r.Scope; s != nil {
		for _, c := range slices.Concat(s.Classes, s.Conditional) {
			v.when(!slices.Contains(Classes, c), "scope.classes", "pool.word")
		}
		v.marks("scope.marks", s.Marks)
		v.when(len(s.Conditional) > 0 && len(s.Marks) == 0, "scope.marks", "pool.missing")
		v.modes("scope.modes", s.Modes)
	}
}

func (v *checking) amount(field string, y *Yuan) { v.when(y != nil && *y <= 0, field, "pool.positive") }

func (v *checking) marks(field string, marks []string) {
	for _, m := range marks {
		v.when(!slices.Contains(Marks, m), field, "pool.word")
	}
}

func (v *checking) share(field string, ppm int64) {
	v.when(ppm <= 0 || ppm > million, field, "pool.share")
}

func (v *checking) rounding(field string, r Rounding) {
	v.when(r != Floor && r != HalfEven, field, "pool.word")
}

func (v *checking) shares() {
	if t := v.r.Tiers; t != nil {
		v.tiers(t)
	}
	v.when(len(v.r.Uplifts) > maxUplifts, "uplifts", "pool.many")
	for _, u := range v.r.Uplifts {
		v.share(u.ID+".add_ppm", u.Add)
		v.when(len(u.Any) == 0, u.ID+".any", "pool.missing")
		v.marks(u.ID+".any", u.Any)
	}
	if c := v.r.Cap; c != nil {
		v.share(c.ID+".share_ppm", c.Share)
	}
	if c := v.r.BorrowerCap; c != nil {
		v.share(c.ID+".share_ppm", c.Share)
		v.rounding(c.ID+".rounding", c.Rounding)
	}
	if g := v.r.Guarantee; g != nil {
		v.share(g.ID+".share_ppm", g.Share)
		v.rounding(g.ID+".rounding", g.Rounding)
	}
}

func (v *checking) tiers(t *Tiers) {
	v.when(t.Mode != nil && *t.Mode != Whole && *t.Mode != Marginal, "tiers.tier_mode", "pool.word")
	v.when(t.Edge != nil && *t.Edge != Inclusive && *t.Edge != Exclusive, "tiers.edge", "pool.word")
	v.rounding("tiers.rounding", t.Rounding)
	v.when(len(t.Bands) == 0, "tiers.bands", "pool.missing")
	for i, b := range t.Bands {
		v.share("tiers.bands", b.Share)
		v.when(b.UpTo <= 0 || i > 0 && b.UpTo <= t.Bands[i-1].UpTo, "tiers.bands", "pool.bands")
	}
}

func (v *checking) conditions() {
	for _, b := range v.r.Breakers {
		v.when(b.Of != Bank && b.Of != Guarantor, b.ID+".of", "pool.word")
		v.share(b.ID+".over_ppm", b.Over)
	}
	if c := v.r.Claims; c != nil {
		v.when(c.MinClass != nil && !slices.Contains(Risks, *c.MinClass), "claims.min_class", "pool.word")
		v.when(c.Register != nil && *c.Register <= 0, "claims.register_days", "pool.positive")
		v.when(c.Window != nil && *c.Window <= 0, "claims.window_days", "pool.positive")
	}
	if l := v.r.Ladder; l != nil {
		v.when(l.Substandard <= 0 || l.Doubtful <= l.Substandard || l.Loss <= l.Doubtful, "ladder", "pool.ladder")
	}
	if c := v.r.Recovery; c != nil {
		v.when(c.Order != nil && !slices.Contains([]Order{ProRata, PoolFirst, BankFirst}, *c.Order), "recovery.order", "pool.word")
		v.rounding("recovery.rounding", c.Rounding)
	}
	if c := v.r.ClawBack; c != nil {
		for _, g := range c.Grounds {
			v.when(strings.TrimSpace(g) == "", "claw_back.grounds", "pool.missing")
		}
	}
}

// isDay reports whether text is an ISO day; a part of one (2019, 2019-07) does
// where whole days are seldom known.
func isDay(text string, part bool) bool {
	layouts := []string{time.DateOnly}
	if part {
		layouts = append(layouts, "2006-01", "2006")
	}
	for _, l := range layouts {
		if _, err := time.Parse(l, text); err == nil && len(text) == len(l) {
			return true
		}
	}
	return false
}
