package vector

import "math"

// lane is the number of floats of one step of the kernels; rows are padded to
// a multiple of it.
const lane = 8

// Dot returns the dot product of a and b over the shorter of the two.
func Dot(a, b []float32) float32 {
	n := min(len(a), len(b))
	if n == 0 {
		return 0
	}
	whole := n &^ (lane - 1)
	var sum float32
	if whole > 0 {
		var out [1]float32
		dotRows(a[:whole], b[:whole], out[:])
		sum = out[0]
	}
	for i := whole; i < n; i++ {
		sum += a[i] * b[i]
	}
	return sum
}

// dotRowsGo writes the dot product of q with each of the len(out) rows of
// len(q) floats that stand one behind the other in rows.
func dotRowsGo(q, rows, out []float32) {
	for i := range out {
		row := rows[i*len(q) : (i+1)*len(q)]
		var sum [lane]float32
		for j := 0; j+lane <= len(q); j += lane {
			x, y := q[j:j+lane], row[j:j+lane]
			for l := range sum {
				sum[l] += x[l] * y[l]
			}
		}
		out[i] = (sum[0] + sum[4]) + (sum[1] + sum[5]) + (sum[2] + sum[6]) + (sum[3] + sum[7])
	}
}

// unit writes v divided by its length to dst, which may be longer, and reports
// whether v was finite. A vector of zeros stays as it is.
func unit(dst, v []float32) bool {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if math.IsNaN(sum) || math.IsInf(sum, 0) {
		return false
	}
	scale := 0.0
	if sum > 0 {
		scale = 1 / math.Sqrt(sum)
	}
	for i, x := range v {
		dst[i] = float32(float64(x) * scale)
	}
	return true
}
