package search

import (
	"syscall"
	"time"
)

// cpuOf is the processor time that the program spends while fn runs, on all its
// threads: what others do on the machine counts less than in the time by the
// clock.
func cpuOf(fn func()) time.Duration {
	var a, b syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &a)
	fn()
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &b)
	return time.Duration(b.Utime.Nano() + b.Stime.Nano() - a.Utime.Nano() - a.Stime.Nano())
}
