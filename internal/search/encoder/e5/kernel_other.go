//go:build !amd64

package e5

var fast = false

func quantise(x []float32, q []int8, scale []float32, minus []int32) { quantiseGo(x, q, scale, minus) }

func spread(out, packed []byte) { spreadGo(out, packed) }

func panel(w []byte, scale []float32, q []int8, qScale []float32, minus []int32, bias, y []float32, tiles, stride int) {
	panelGo(w, scale, q, qScale, minus, bias, y, tiles, stride)
}

func scores(q, k, out []float32, n, stride int, factor float32) {
	scoresGo(q, k, out, n, stride, factor)
}

func softmax(x []float32) float32 { return softmaxGo(x) }

func mix(weights, v, out []float32, n, stride int, factor float32) {
	mixGo(weights, v, out, n, stride, factor)
}

func gelu(x []float32) { geluGo(x) }

func addNorm(x, y, factor, term []float32, epsilon float32) { addNormGo(x, y, factor, term, epsilon) }
