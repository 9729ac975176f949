package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is one server on this machine. It ends with this program.
type process struct {
	name string
	cmd  *exec.Cmd
	log  *os.File
	gone chan struct{}
}

// start runs a server in a folder, with its output in a file there.
func start(dir, name string, env []string, program string, args ...string) (*process, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		return nil, err
	}
	p := &process{name: name, cmd: exec.Command(program, args...), log: log, gone: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, log, log
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", name, err), log.Close())
	}
	go func() {
		_ = p.cmd.Wait() // how it ended does not matter
		close(p.gone)
	}()
	return p, nil
}

// kill ends the server and what it started at once, as a machine that fails
// does, and waits until it is gone.
func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // it may be gone already
	<-p.gone
	_ = p.log.Close()
}

func (p *process) alive() bool {
	select {
	case <-p.gone:
		return false
	default:
		return true
	}
}

// peakMB is the most memory a server has held so far, 0 when it is gone.
func (p *process) peakMB() int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0]) // the kernel writes a number
			return kb / 1024
		}
	}
	return 0
}

// cpu is the time that a server and its children that ended have computed.
func (p *process) cpu() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(stat), ") ") // the name may hold spaces
	var ticks int64
	for _, field := range strings.Fields(after)[11:15] { // utime, stime, cutime, cstime
		n, _ := strconv.ParseInt(field, 10, 64) // the kernel writes a number
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / 100)
}

// ownCPU is the time that this program has computed, DuckDB with it.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// tail is the end of a server's output, to say why it did not start.
func (p *process) tail() string {
	raw, _ := os.ReadFile(p.log.Name()) // for a message only
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return strings.Join(lines[max(0, len(lines)-8):], "\n")
}

// startLimit is long: four servers start at once on as few as two cores.
const startLimit = 10 * time.Minute

// until asks again and again until ready says yes, a server is gone, or the time is over.
func until(limit time.Duration, servers []*process, ready func() bool) error {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		for _, p := range servers {
			if !p.alive() {
				return fmt.Errorf("%s did not start:\n%s", p.name, p.tail())
			}
		}
		if ready() {
			return nil
		}
	}
	return errors.New("the cluster did not start in time")
}
