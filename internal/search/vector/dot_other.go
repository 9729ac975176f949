//go:build !amd64

package vector

var fast = false

func dotRows(q, rows, out []float32) { dotRowsGo(q, rows, out) }
