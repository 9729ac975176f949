package stats

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
)

// AnswerCommand is the argument under which the program answers one question
// and ends: whoever has a main function (tests too) calls [AnswerOne] for it.
const AnswerCommand = "answer-question"

// Question is one SELECT that a reader has written, over views.
type Question struct {
	Views    []View        `json:"views"`
	SQL      string        `json:"sql"`
	Args     []string      `json:"args"` // of $1, $2, …
	Limit    int           `json:"limit"`
	MemoryMB int           `json:"memory_mb"` // 384 when 0
	Time     time.Duration `json:"-"`         // 10 s when 0
}

// Answer is what came of a question. Cells are nil, bool, json.Number or text.
type Answer struct {
	Columns []AnswerColumn
	Rows    [][]any
	More    bool // there were more rows than the limit
}

// AnswerColumn is one column of an answer.
type AnswerColumn struct {
	Name    string `json:"name"`
	Type    string `json:"type"` // as the engine names it
	Numeric bool   `json:"numeric"`
}

const (
	askTime   = 10 * time.Second
	askMemory = 384
	askOutput = 96 << 20 // bytes of an answer
)

// asking bounds how many questions are answered at once.
var asking = make(chan struct{}, maxEngines)

// Ask answers a question in a process of its own, which is killed when its time
// is over and which the kernel keeps from taking more memory than the question
// may: neither the engine's own limit of memory nor its interruption holds for
// one very large value.
//
// What the engine refuses is errs.Invalid ("stats.refused", what: its words),
// anything but one SELECT errs.Forbidden, a question out of time
// errs.Unavailable ("stats.too_slow"), one out of memory errs.TooLarge
// ("stats.too_large").
func Ask(ctx context.Context, q Question) (Answer, error) {
	if q.Time == 0 {
		q.Time = askTime
	}
	if q.MemoryMB == 0 {
		q.MemoryMB = askMemory
	}
	limited, cancel := context.WithTimeout(ctx, q.Time)
	defer cancel()
	select {
	case asking <- struct{}{}:
		defer func() { <-asking }()
	case <-limited.Done():
		return Answer{}, askFault(ctx, limited, q, limited.Err())
	}
	a, err := ask(limited, q)
	if err != nil {
		return Answer{}, askFault(ctx, limited, q, err)
	}
	return a, nil
}

func ask(ctx context.Context, q Question) (Answer, error) {
	self, err := os.Executable()
	if err != nil {
		return Answer{}, err
	}
	question, err := json.Marshal(q)
	if err != nil {
		return Answer{}, err
	}
	spill, err := os.MkdirTemp("", "kapok-ask-")
	if err != nil {
		return Answer{}, fmt.Errorf("make a folder to spill into: %w", err)
	}
	defer func() { _ = os.RemoveAll(spill) }() // a leftover is the system's to sweep
	cmd := exec.CommandContext(ctx, self, AnswerCommand)
	cmd.Stdin = bytes.NewReader(question)
	cmd.Env = []string{"TMPDIR=" + spill, "TZ=UTC"} // no secret of the server's
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return Answer{}, err
	}
	if err := cmd.Start(); err != nil {
		return Answer{}, fmt.Errorf("answer a question: %w", err)
	}
	a, err := readAnswer(out, q.Limit)
	if err != nil {
		_ = cmd.Process.Kill() // it may be writing still
	}
	if ended := cmd.Wait(); err == nil && ended != nil {
		err = ended
	}
	return a, err
}

// errSilent is an answer that breaks off: its process has been ended.
var errSilent = errors.New("the answer breaks off")

// askFault words why there is no answer.
func askFault(asked, limited context.Context, q Question, err error) error {
	switch {
	case asked.Err() != nil:
		return asked.Err()
	case limited.Err() != nil:
		return errs.Wrap(err, errs.Unavailable, "stats.too_slow", errs.A{"seconds": int(q.Time.Seconds())})
	case errors.Is(err, errSilent):
		return errs.Wrap(err, errs.TooLarge, "stats.too_large", errs.A{"memory": q.MemoryMB})
	}
	return err
}

// line is one line that the answering process writes: its columns first, then
// rows, then the end, or a fault.
type line struct {
	Columns []AnswerColumn `json:"columns,omitempty"`
	Row     []any          `json:"row,omitempty"`
	End     bool           `json:"end,omitempty"`
	Fault   *fault         `json:"fault,omitempty"`
}

// fault is an error on its way between processes.
type fault struct {
	Kind errs.Kind `json:"kind"`
	Key  string    `json:"key"`
	What string    `json:"what,omitempty"`
}

func readAnswer(r io.Reader, limit int) (Answer, error) {
	var a Answer
	d := json.NewDecoder(bufio.NewReader(io.LimitReader(r, askOutput)))
	d.UseNumber()
	for {
		var l line
		if err := d.Decode(&l); err != nil {
			return Answer{}, fmt.Errorf("%w: %w", errSilent, err)
		}
		switch {
		case l.Fault != nil && l.Fault.Key == "stats.too_large":
			return Answer{}, errSilent
		case l.Fault != nil:
			return Answer{}, errs.New(l.Fault.Kind, l.Fault.Key, errs.A{"what": l.Fault.What})
		case l.End:
			return a, nil
		case l.Columns != nil:
			a.Columns = l.Columns
		case len(a.Rows) == limit:
			a.More = true
		default:
			a.Rows = append(a.Rows, l.Row)
		}
	}
}
