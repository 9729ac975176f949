package stats

import (
	"fmt"
	"syscall"
)

// overheadMB is what a process needs beside the engine's own memory: the
// program, the engine's code and buffers, the answer on its way.
const overheadMB = 512

// confineProcess takes from this process what it does not need: memory beyond
// the engine's, long computing, large files. RLIMIT_DATA counts what is mapped
// to be written (Linux 4.7), not what is merely reserved.
func confineProcess(memoryMB int) error {
	for _, l := range []struct {
		what int
		most uint64
	}{{syscall.RLIMIT_DATA, uint64(memoryMB+overheadMB) << 20}, {syscall.RLIMIT_CPU, 60}, {syscall.RLIMIT_FSIZE, 2 << 30}, {syscall.RLIMIT_CORE, 0}} {
		if err := syscall.Setrlimit(l.what, &syscall.Rlimit{Cur: l.most, Max: l.most}); err != nil {
			return fmt.Errorf("limit this process: %w", err)
		}
	}
	return nil
}
