package simulate_test

import (
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/finance/simulate"
	"github.com/kapok-city/kapok/internal/i18n"
)

func TestTmp(t *testing.T) {
	d := dbtest.SQLite(t)
	start := time.Now()
	rep, err := simulate.Run(t.Context(), d, simulate.Options{Seed: 1, Scale: 0.01})
	if err != nil {
		t.Fatal(i18n.Error(i18n.EN, err), err)
	}
	t.Logf("%+v %v", rep, time.Since(start))
}
