// Package vector holds vectors in memory and finds the ones nearest to a
// given one: every vector is looked at, so recall is exact. With the kernels
// below that is fast enough for a city's records (some hundred thousand), and
// there is nothing to build, tune or repair.
//
// Flat is the store; Dot the kernel for one pair. On amd64 with AVX2 and FMA
// the kernels are assembly, chosen when the program starts; elsewhere plain Go
// of the same result within rounding.
//
// It does not make vectors (package encoder does), does not know what a key
// stands for, and writes nothing to disk: vectors come back from the encoder's
// cache. It has no tables.
package vector
