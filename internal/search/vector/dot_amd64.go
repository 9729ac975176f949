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

// multiplyCodes writes the product of the query's codes with those of each of
// len(out) rows. It is called only where fast is true.
func multiplyCodes(k *question, codes []int8, out []int32) {
	if len(out) == 0 {
		return
	}
	_ = codes[len(out)*len(k.signs)-1]
	multiplyCodesAVX2(&k.signs[0], &k.sizes[0], &codes[0], &out[0], len(k.signs)/step, len(out))
}

// multiplyCodesAVX2 takes steps of 32 codes; n is at least 1.
//
//go:noescape
func multiplyCodesAVX2(signs, sizes, codes *int8, out *int32, steps, n int)
