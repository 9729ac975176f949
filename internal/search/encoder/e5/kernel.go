package e5

import "math"

// tile is the number of tokens that the matrix kernel takes at once. Buffers
// have room for whole tiles; what the kernel computes in the surplus is never
// read.
const tile = 4

// quantised is a row of activations for each token, in eight bits: the values
// of a block of 32 are scale · q, with q from −127 to 127.
type quantised struct {
	q     []int8    // tokens × columns
	scale []float32 // for each tile and block, the scales of its tokens
	minus []int32   // beside scale: −8 times the sum of the block's q, which brings weights 0…15 to −8…7
}

// quantiseGo brings one row x to eight bits: q gets len(x) values, scale and
// minus every tile-th place. Halves round to even.
func quantiseGo(x []float32, q []int8, scale []float32, minus []int32) {
	for b := 0; b*block < len(x); b++ {
		var most float32
		for _, v := range x[b*block : (b+1)*block] {
			most = max(most, float32(math.Abs(float64(v))))
		}
		step, per := most/127, float32(0)
		if step > 0 {
			per = 1 / step
		}
		var sum int32
		for i, v := range x[b*block : (b+1)*block] {
			n := int32(math.RoundToEven(float64(v * per)))
			n = max(-127, min(127, n))
			q[b*block+i] = int8(n)
			sum += n
		}
		scale[b*tile], minus[b*tile] = step, -8*sum
	}
}

// spreadGo writes a packed panel as bytes: of each 32 bytes first the low
// halves, 128 bytes a block, then the high halves.
func spreadGo(out, packed []byte) {
	const half = panelRows * block / 2
	for b := 0; b*half < len(packed); b++ {
		in, to := packed[b*half:(b+1)*half], out[2*b*half:]
		for i, v := range in {
			to[i], to[half+i] = v&15, v>>4
		}
	}
}

// panelGo multiplies one spread panel with tiles·tile rows of activations: y
// gets for each token panelRows values, the next token's stride further on.
func panelGo(w []byte, scale []float32, q []int8, qScale []float32, minus []int32, bias, y []float32, tiles, stride int) {
	blocks := len(scale) / panelRows
	for t := range tiles * tile {
		row := q[t*blocks*block:]
		var sum [panelRows]float32
		for b := range blocks {
			at := (t/tile*blocks+b)*tile + t%tile
			for r := range panelRows {
				n := minus[at]
				for k := range block {
					n += int32(w[b*panelRows*block+k/4*4*panelRows+4*r+k%4]) * int32(row[b*block+k])
				}
				sum[r] += float32(n) * (scale[b*panelRows+r] * qScale[at])
			}
		}
		for r := range panelRows {
			y[t*stride+r] = sum[r] + bias[r]
		}
	}
}

// scoresGo writes factor · (q · k) for n keys, each stride floats after the
// one before.
func scoresGo(q, k, out []float32, n, stride int, factor float32) {
	for s := range n {
		var sum float32
		for i, v := range q {
			sum += v * k[s*stride+i]
		}
		out[s] = factor * sum
	}
}

// softmaxGo makes x the exponentials of its values less the greatest, and
// returns their sum.
func softmaxGo(x []float32) float32 {
	most := x[0]
	for _, v := range x {
		most = max(most, v)
	}
	var sum float32
	for i, v := range x {
		x[i] = float32(math.Exp(float64(v - most)))
		sum += x[i]
	}
	return sum
}

// mixGo writes the sum of n rows of v, each times its weight and factor.
func mixGo(weights, v, out []float32, n, stride int, factor float32) {
	clear(out)
	for s := range n {
		for i := range out {
			out[i] += weights[s] * v[s*stride+i]
		}
	}
	for i := range out {
		out[i] *= factor
	}
}

// geluGo makes x the Gaussian error linear unit of its values: x·Φ(x).
func geluGo(x []float32) {
	for i, v := range x {
		x[i] = float32(0.5 * float64(v) * (1 + math.Erf(float64(v)/math.Sqrt2)))
	}
}

// addNormGo adds y to x and brings x to mean 0 and variance 1, then scales and
// shifts it.
func addNormGo(x, y, factor, term []float32, epsilon float32) {
	var mean, variance float32
	for i := range x {
		x[i] += y[i]
		mean += x[i]
	}
	mean /= float32(len(x))
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	variance /= float32(len(x))
	per := float32(1 / math.Sqrt(float64(variance+epsilon)))
	for i, v := range x {
		x[i] = (v-mean)*per*factor[i] + term[i]
	}
}
