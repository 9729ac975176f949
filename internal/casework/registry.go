package casework

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// Guard is a named condition of an action. It reads and never writes. An error
// is a failure of the guard itself; what it finds is its Verdict.
type Guard func(ctx context.Context, q db.Querier, c Case, in Input) (Verdict, error)

// Effect is a named consequence of an action, written in the transaction of the
// action: all of them stand with it, or none. c is the case as it was before
// the action, with what effects before this one have put into its data.
type Effect func(ctx context.Context, tx *db.Tx, c Case, in Input) (Done, error)

// Done is what an effect did, for the log of the case.
type Done struct {
	Log     any      // said in the event as JSON: ids of postings, a rule trace
	Data    any      // replaces the data of the case, nil leaves them
	Notices []Notice // to be put up; CaseID is filled in
}

// Registry knows the kinds and what their guards and effects mean. It is filled
// when the program starts and only read afterwards.
type Registry struct {
	kinds   map[string]map[int]*Kind
	guards  map[string]Guard
	effects map[string]Effect
	asks    map[string]Asker // by kind and action
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry {
	return &Registry{kinds: map[string]map[int]*Kind{}, guards: map[string]Guard{}, effects: map[string]Effect{}, asks: map[string]Asker{}}
}

// RegisterGuard names a guard. It panics when the name is taken: two rooms that
// mean different things by one word are a mistake of the program.
func (r *Registry) RegisterGuard(name string, g Guard) {
	if r.guards[name] != nil {
		panic("casework: guard " + name + " is registered twice")
	}
	r.guards[name] = g
}

// RegisterEffect is RegisterGuard for effects.
func (r *Registry) RegisterEffect(name string, e Effect) {
	if r.effects[name] != nil {
		panic("casework: effect " + name + " is registered twice")
	}
	r.effects[name] = e
}

// Add takes a kind in. Its guards and effects have to be registered before.
func (r *Registry) Add(k *Kind) error {
	var faults errs.List
	for i, t := range k.Transitions {
		at := "/transitions/" + strconv.Itoa(i)
		for _, g := range t.Guards {
			if r.guards[g] == nil {
				faults = append(faults, errs.New(errs.Invalid, "casework.kind_guard", errs.A{"guard": g, "action": t.Action}).At(at+"/guards"))
			}
		}
		for _, e := range t.Effects {
			if r.effects[e] == nil {
				faults = append(faults, errs.New(errs.Invalid, "casework.kind_effect", errs.A{"effect": e, "action": t.Action}).At(at+"/effects"))
			}
		}
	}
	if r.kinds[k.ID][k.Version] != nil {
		faults = append(faults, errs.New(errs.Invalid, "casework.kind_twice", errs.A{"what": fmt.Sprintf("%s@%d", k.ID, k.Version)}))
	}
	if len(faults) > 0 {
		return faults
	}
	if r.kinds[k.ID] == nil {
		r.kinds[k.ID] = map[int]*Kind{}
	}
	r.kinds[k.ID][k.Version] = k
	return nil
}

// AddFS parses and adds every file of fsys that fits the pattern: the kinds that
// a room embeds, old versions too while a case has them.
func (r *Registry) AddFS(fsys fs.FS, pattern string) error {
	names, err := fs.Glob(fsys, pattern)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("no case kinds at %s", pattern)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		k, err := ParseKind(raw)
		if err == nil {
			err = r.Add(k)
		}
		if err != nil {
			return fmt.Errorf("case kind %s: %w", name, err)
		}
	}
	return nil
}

// Kind returns a version of a kind; version 0 is the newest.
func (r *Registry) Kind(id string, version int) (*Kind, error) {
	if version == 0 {
		for v := range r.kinds[id] {
			version = max(version, v)
		}
	}
	if k := r.kinds[id][version]; k != nil {
		return k, nil
	}
	return nil, errs.New(errs.NotFound, "casework.no_kind", errs.A{"kind": id, "version": version})
}

// Kinds lists every version of every kind, by id and version.
func (r *Registry) Kinds() []*Kind {
	var out []*Kind
	for _, versions := range r.kinds {
		for _, k := range versions {
			out = append(out, k)
		}
	}
	sortKinds(out)
	return out
}
