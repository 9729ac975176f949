package ingest

import (
	"runtime/debug"
	"sync"
)

// importGC is the garbage collector's percentage during an import, which makes
// much short-lived garbage: a fifth of its time would go into collecting it.
const importGC = 300

// relaxing counts the imports under way, because the setting is the process's.
var relaxing struct {
	sync.Mutex
	imports int
	before  int
}

// relax lets the collector run less often until the returned function is
// called.
func relax() (restore func()) {
	relaxing.Lock()
	defer relaxing.Unlock()
	if relaxing.imports == 0 {
		relaxing.before = debug.SetGCPercent(importGC)
	}
	relaxing.imports++
	return func() {
		relaxing.Lock()
		defer relaxing.Unlock()
		if relaxing.imports--; relaxing.imports == 0 {
			debug.SetGCPercent(relaxing.before)
		}
	}
}
