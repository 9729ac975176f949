package main

import (
	"context"
	"fmt"
	"time"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/indicator/conform"
)

// cluster is an engine of several processes on this machine.
type cluster interface {
	conform.Engine
	// show makes the tables of a corpus in a schema of its own and works there.
	show(ctx context.Context, dir string, m corpus.Manifest) error
	// working returns a worker that has work of the statement that stores a
	// table, and words on how much; nil while it has none.
	working(ctx context.Context, table string) (*process, string)
	// revive starts a worker that was killed again.
	revive(ctx context.Context) error
	// transient says whether a statement that failed so may be tried again.
	transient(err error) bool
	peak() string
	// cpu is what the servers have computed so far, 0 where it is not known.
	cpu() time.Duration
	stop()
}

func (o *options) start(ctx context.Context) (cluster, error) {
	switch o.engine {
	case "trino":
		return startTrino(ctx, o)
	case "spark":
		return startSpark(ctx, o)
	}
	return nil, fmt.Errorf("no engine is called %q", o.engine)
}
