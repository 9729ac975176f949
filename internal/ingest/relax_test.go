package ingest

import (
	"runtime/debug"
	"testing"
)

func TestRelaxGivesTheSettingBack(t *testing.T) {
	was := debug.SetGCPercent(77)
	defer debug.SetGCPercent(was)
	one, two := relax(), relax()
	one()
	if got := debug.SetGCPercent(importGC); got != importGC {
		t.Errorf("with an import under way the setting is %d", got)
	}
	two()
	if got := debug.SetGCPercent(77); got != 77 {
		t.Errorf("after the last import the setting is %d", got)
	}
}
