package rules

import "slices"

// Risk is the class of a loan on the five-class ladder (五级分类).
type Risk string

// The five classes, the best first.
const (
	Normal      Risk = "normal"      // 正常
	Special     Risk = "special"     // 关注
	Substandard Risk = "substandard" // 次级
	Doubtful    Risk = "doubtful"    // 可疑
	Lost        Risk = "loss"        // 损失
)

// Risks lists the classes, the best first.
var Risks = []Risk{Normal, Special, Substandard, Doubtful, Lost}

// AtLeast reports whether a is as bad as b or worse.
func (a Risk) AtLeast(b Risk) bool { return slices.Index(Risks, a) >= slices.Index(Risks, b) }

// NonPerforming reports whether the class counts as 不良.
func (a Risk) NonPerforming() bool { return a.AtLeast(Substandard) }

// Ladder gives the class that days overdue alone bring about; a bank may class a
// loan worse for other reasons. A loan is in a class when it is overdue for more
// than that many days.
type Ladder struct {
	Cite        `yaml:",inline"`
	Substandard int64 `yaml:"substandard" json:"substandard"`
	Doubtful    int64 `yaml:"doubtful" json:"doubtful"`
	Loss        int64 `yaml:"loss" json:"loss"`
}

// Class returns the class of a loan that is so many days overdue; one that is
// overdue at all needs attention.
func (l *Ladder) Class(days int64) Risk {
	switch {
	case days > l.Loss:
		return Lost
	case days > l.Doubtful:
		return Doubtful
	case days > l.Substandard:
		return Substandard
	case days > 0:
		return Special
	}
	return Normal
}
