//go:build !amd64

package vector

var fast = false

func multiplyCodes(*question, []int8, []int32) { panic("vector: there is no kernel for the sieve") }

func dotRows(q, rows, out []float32) { dotRowsGo(q, rows, out) }
