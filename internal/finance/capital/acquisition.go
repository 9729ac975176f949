package capital

// Acquisition is a company bought by another (并购); On is its day. The price
// goes to the owners, not to the company.
type Acquisition struct {
	Common
	Acquirer Party   `json:"acquirer"`
	Price    *Amount `json:"price,omitempty"`
}

func (a *Acquisition) prepare(f *faults) {
	f.party("acquirer", &a.Acquirer)
	a.Price = f.amount("price", a.Price)
}

func (a *Acquisition) amount() *Amount  { return a.Price }
func (a *Acquisition) own() []any       { return nil }
func (a *Acquisition) sides() []side    { return []side{{"acquirer", &a.Acquirer, a.Price}} }
func (a *Acquisition) people() []*Party { return append(a.Common.people(), &a.Acquirer) }

func (a *Acquisition) entries() []Entry {
	e := a.entry(KindAcquisition, Marketed, "", a.Price)
	e.Parties = []Party{a.Acquirer}
	return []Entry{e}
}
