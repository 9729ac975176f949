//go:build !linux

package search

import "time"

func cpuOf(fn func()) time.Duration {
	start := time.Now()
	fn()
	return time.Since(start)
}
