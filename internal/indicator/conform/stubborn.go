package conform

import (
	"context"
	"strings"
	"time"
)

// Stubborn runs a statement again when a cluster refuses it for reasons that
// pass, such as a worker that was lost. A table that a broken statement may have
// left is dropped first, so nothing half-made is ever read.
type Stubborn struct {
	Engine
	Tries     int              // in all; 0 counts as 1
	Wait      time.Duration    // before the second try, twice as long before each further one
	Transient func(error) bool // whether an error passes; what is wrong in the statement does not
	Refused   func(table string, try int, err error)
}

// Exec runs a statement. One that stores a table is tried again.
func (s *Stubborn) Exec(ctx context.Context, sql string) error {
	if rest, ok := strings.CutPrefix(sql, "CREATE TABLE "); ok {
		name, _, _ := strings.Cut(rest, " ")
		return s.make(ctx, name, sql)
	}
	return s.again(ctx, "", func() error { return s.Engine.Exec(ctx, sql) })
}

// Query runs a SELECT, again if need be.
func (s *Stubborn) Query(ctx context.Context, sql string) (Result, error) {
	var result Result
	err := s.again(ctx, "", func() (err error) {
		result, err = s.Engine.Query(ctx, sql)
		return err
	})
	return result, err
}

func (s *Stubborn) make(ctx context.Context, table, sql string) error {
	first := true
	return s.again(ctx, table, func() error {
		if !first {
			if err := s.Engine.Exec(ctx, "DROP TABLE IF EXISTS "+table); err != nil {
				return err
			}
		}
		first = false
		return s.Engine.Exec(ctx, sql)
	})
}

func (s *Stubborn) again(ctx context.Context, table string, do func() error) error {
	wait := s.Wait
	for try := 1; ; try++ {
		err := do()
		if err == nil || !s.Transient(err) || ctx.Err() != nil {
			return err
		}
		if s.Refused != nil {
			s.Refused(table, try, err)
		}
		if try >= s.Tries {
			return err
		}
		select {
		case <-time.After(wait):
			wait *= 2
		case <-ctx.Done():
			return err
		}
	}
}
