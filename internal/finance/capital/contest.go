package capital

import "strings"

// Contest is what a company reached in a competition (创新创业大赛); On is the
// day of the award.
type Contest struct {
	Common
	Contest string  `json:"contest"`           // name of the competition
	Edition string  `json:"edition,omitempty"` // 届次: "第十三届", "2024"
	Track   string  `json:"track,omitempty"`   // 赛道
	Project string  `json:"project,omitempty"`
	Place   int     `json:"place,omitempty"` // 名次, 0 when not known
	Award   string  `json:"award,omitempty"` // 奖项: "一等奖"
	Prize   *Amount `json:"prize,omitempty"`
}

func (c *Contest) prepare(f *faults) {
	for _, s := range []*string{&c.Contest, &c.Edition, &c.Track, &c.Project, &c.Award} {
		*s = strings.TrimSpace(*s)
	}
	f.required("contest", c.Contest)
	if c.Place < 0 {
		f.add(required("place"))
	}
	c.Prize = f.amount("prize", c.Prize)
}

func (c *Contest) amount() *Amount { return c.Prize }
func (c *Contest) own() []any      { return []any{c.Contest, c.Edition, c.Track, c.Award} }

func (c *Contest) entries() []Entry {
	e := c.entry(KindContest, Founded, c.Award, c.Prize)
	e.Text = strings.TrimSpace(c.Contest + " " + c.Edition)
	return []Entry{e}
}
