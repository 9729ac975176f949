// Programs that time package cluster beside others. A module of its own, so
// that what the peers need stays out of Kapok's.
module github.com/kapok-city/kapok/bench/cluster

go 1.26.0

require (
	github.com/kapok-city/kapok v0.0.0
	github.com/smira/go-point-clustering v1.0.1
)

require github.com/willf/bitset v1.1.10 // indirect

replace github.com/kapok-city/kapok => ../..
