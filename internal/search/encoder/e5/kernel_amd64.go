package e5

import "golang.org/x/sys/cpu"

// fast says that the assembly kernels can run here. Tests switch it.
var fast = cpu.X86.HasAVX2 && cpu.X86.HasFMA

func quantise(x []float32, q []int8, scale []float32, minus []int32) {
	if !fast {
		quantiseGo(x, q, scale, minus)
		return
	}
	n := len(x) / block
	_, _, _ = q[len(x)-1], scale[(n-1)*tile], minus[(n-1)*tile]
	quantiseAVX2(&x[0], &q[0], &scale[0], &minus[0], n)
}

func spread(out, packed []byte) {
	if !fast {
		spreadGo(out, packed)
		return
	}
	_ = out[2*len(packed)-1]
	spreadAVX2(&out[0], &packed[0], len(packed)/(panelRows*block/2))
}

func panel(w []byte, scale []float32, q []int8, qScale []float32, minus []int32, bias, y []float32, tiles, stride int) {
	if !fast {
		panelGo(w, scale, q, qScale, minus, bias, y, tiles, stride)
		return
	}
	blocks, tokens := len(scale)/panelRows, tiles*tile
	_, _, _, _ = w[blocks*panelRows*block-1], q[tokens*blocks*block-1], qScale[tokens*blocks-1], minus[tokens*blocks-1]
	_, _ = bias[panelRows-1], y[(tokens-1)*stride+panelRows-1]
	panelAVX2(&w[0], &scale[0], &q[0], &qScale[0], &minus[0], &bias[0], &y[0], blocks, tiles, stride)
}

// scores computes whole fours of keys: k and out must have room for them.
func scores(q, k, out []float32, n, stride int, factor float32) {
	if !fast {
		scoresGo(q, k, out, n, stride, factor)
		return
	}
	fours := (n + 3) / 4
	_, _ = k[(4*fours-1)*stride+len(q)-1], out[4*fours-1]
	scoresAVX2(&q[0], &k[0], &out[0], len(q), fours, stride, factor)
}

// softmax fills x with a floor to a whole number of lanes: x must have the
// capacity for it.
func softmax(x []float32) float32 {
	if !fast {
		return softmaxGo(x)
	}
	n := (len(x) + lane - 1) / lane
	padded := x[:n*lane]
	for i := len(x); i < len(padded); i++ {
		padded[i] = unreached
	}
	return softmaxAVX2(&padded[0], n)
}

func mix(weights, v, out []float32, n, stride int, factor float32) {
	if !fast {
		mixGo(weights, v, out, n, stride, factor)
		return
	}
	_, _ = weights[n-1], v[(n-1)*stride+len(out)-1]
	mixAVX2(&weights[0], &v[0], &out[0], len(out), n, stride, factor)
}

func gelu(x []float32) {
	if !fast {
		geluGo(x)
		return
	}
	geluAVX2(&x[0], len(x)/lane)
}

func addNorm(x, y, factor, term []float32, epsilon float32) {
	if !fast {
		addNormGo(x, y, factor, term, epsilon)
		return
	}
	_, _, _ = y[len(x)-1], factor[len(x)-1], term[len(x)-1]
	addNormAVX2(&x[0], &y[0], &factor[0], &term[0], len(x)/lane, epsilon)
}

//go:noescape
func quantiseAVX2(x *float32, q *int8, scale *float32, minus *int32, blocks int)

//go:noescape
func spreadAVX2(out, packed *byte, blocks int)

//go:noescape
func panelAVX2(w *byte, scale *float32, q *int8, qScale *float32, minus *int32, bias, y *float32, blocks, tiles, stride int)

//go:noescape
func scoresAVX2(q, k, out *float32, head, fours, stride int, factor float32)

//go:noescape
func softmaxAVX2(x *float32, lanes int) float32

//go:noescape
func mixAVX2(weights, v, out *float32, head, n, stride int, factor float32)

//go:noescape
func geluAVX2(x *float32, lanes int)

//go:noescape
func addNormAVX2(x, y, factor, term *float32, lanes int, epsilon float32)
