package vector

import "golang.org/x/sys/cpu"

// fast says that the assembly kernels can run here. Tests switch it.
var fast = cpu.X86.HasAVX2 && cpu.X86.HasFMA

func dotRows(q, rows, out []float32) {
	if !fast || len(out) == 0 || len(q) == 0 {
		dotRowsGo(q, rows, out)
		return
	}
	_ = rows[len(out)*len(q)-1]
	dotRowsAVX2(&q[0], &rows[0], &out[0], len(q), len(out))
}

// dotRowsAVX2 is dotRowsGo; dim is a multiple of lane, n at least 1.
//
//go:noescape
func dotRowsAVX2(q, rows, out *float32, dim, n int)
