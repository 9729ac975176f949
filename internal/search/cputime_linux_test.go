package search

import (
	"runtime"
	"syscall"
	"time"
)

// cpuOf is the processor time that fn takes on its own thread: what other
// programs on the machine do does not count.
func cpuOf(fn func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const thread = 1 // RUSAGE_THREAD
	var a, b syscall.Rusage
	_ = syscall.Getrusage(thread, &a)
	fn()
	_ = syscall.Getrusage(thread, &b)
	return time.Duration(b.Utime.Nano() + b.Stime.Nano() - a.Utime.Nano() - a.Stime.Nano())
}
