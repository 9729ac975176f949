package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// progress draws a bar on a terminal and nothing anywhere else.
type progress struct {
	w     io.Writer
	label string
	last  int // percent drawn
	drawn bool
}

func newProgress(w io.Writer, label string) *progress {
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return &progress{w: w, label: label, last: -1}
		}
	}
	return &progress{last: -1}
}

const barWidth = 30

func (p *progress) show(done, total int64) {
	if p.w == nil || total <= 0 {
		return
	}
	percent := int(done * 100 / total)
	if percent == p.last {
		return
	}
	p.last, p.drawn = percent, true
	full := percent * barWidth / 100
	fmt.Fprintf(p.w, "\r%s [%s%s] %3d%%", p.label, strings.Repeat("█", full), strings.Repeat(" ", barWidth-full), percent)
}

// done takes the bar away.
func (p *progress) done() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
