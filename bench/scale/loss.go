package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/indicator"
	"github.com/kapok-city/kapok/internal/indicator/conform"
)

// loss computes everything while one worker is killed in the middle of a
// statement, and holds that what comes out is what DuckDB computes.
func loss(ctx context.Context, o options) error {
	if o.attach != "" {
		return errors.New("only a worker that this program started can be killed")
	}
	return o.beside(ctx, func(b *beside) error {
		if err := b.reference(ctx); err != nil {
			return err
		}
		k := &killer{cluster: b.cluster, during: o.victim}
		refused := 0
		stubborn := &conform.Stubborn{Engine: k, Tries: 4, Wait: 5 * time.Second, Transient: b.cluster.transient,
			Refused: func(table string, try int, err error) {
				refused++
				fmt.Printf("refused: %s, try %d: %s\n", table, try, firstLine(err))
			}}
		took, err := conform.Run(ctx, stubborn, o.spec(), indicator.AllUnits)
		if err != nil {
			return err
		}
		if k.killed == "" {
			return fmt.Errorf("no worker was killed: statement %s was over too soon", o.victim)
		}
		fmt.Printf("%s: %s was killed with -9, %.1f s into %s; %d statements in %.1f s, %d refused and tried again\n",
			o.engine, k.killed, k.after.Seconds(), o.victim, len(took), total(took).Seconds(), refused)
		if err := b.compare(ctx); err != nil {
			return err
		}
		return b.cluster.revive(ctx)
	})
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line[:min(len(line), 300)]
}

// killer kills a worker, once, while a statement runs.
type killer struct {
	cluster
	during string
	killed string
	after  time.Duration
}

func (k *killer) Exec(ctx context.Context, sql string) error {
	if k.killed != "" || !strings.HasPrefix(sql, "CREATE TABLE "+k.during+" ") {
		return k.cluster.Exec(ctx, sql)
	}
	done := make(chan error, 1)
	go func() { done <- k.cluster.Exec(ctx, sql) }()
	for began := time.Now(); ; {
		select {
		case err := <-done:
			return err
		case <-time.After(100 * time.Millisecond):
		}
		if p, doing := k.working(ctx, k.during); p != nil && time.Since(began) > time.Second {
			p.kill()
			k.killed, k.after = p.name+", "+doing+",", time.Since(began)
			return <-done
		}
	}
}
