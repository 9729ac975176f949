package cli

import (
	"flag"
	"testing"

	"github.com/kapok-city/kapok/internal/i18n"
)

// TestEveryFlagIsExplained holds that help never shows a message key.
func TestEveryFlagIsExplained(t *testing.T) {
	for _, cmd := range commands() {
		fs := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
		cmd.setup(fs)
		fs.VisitAll(func(f *flag.Flag) {
			if key := flagKey(cmd, f); !i18n.Has(key) {
				t.Errorf("kapok %s --%s: the catalogue has no %s", cmd.name, f.Name, key)
			}
		})
	}
}
