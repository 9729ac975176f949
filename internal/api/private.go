package api

import (
	"context"
	"sync"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/transfer"
)

// sourceBook is a copy of all sources as of one number of the change log. There
// are tens of them, and each row of a list asks for one.
type sourceBook struct {
	mu    sync.Mutex
	known bool
	seq   int64
	byID  map[string]source.Source
}

// sourceStep is how many sources are read at a time.
const sourceStep = 1000

// book returns all sources by id.
func (s *server) book(ctx context.Context) (map[string]source.Source, error) {
	seq, err := change.Head(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	s.books.mu.Lock()
	defer s.books.mu.Unlock()
	if s.books.known && s.books.seq == seq {
		return s.books.byID, nil
	}
	all, after := map[string]source.Source{}, ""
	for {
		part, err := source.List(ctx, s.DB, after, sourceStep)
		if err != nil {
			return nil, err
		}
		for _, v := range part {
			all[v.ID], after = v, v.ID
		}
		if len(part) < sourceStep {
			break
		}
	}
	s.books.known, s.books.seq, s.books.byID = true, seq, all
	return all, nil
}

// Attribution is what is said of a source beside the rows that come from it.
type Attribution struct {
	Title      i18n.Text  `json:"title"`
	Publisher  string     `json:"publisher,omitempty"`
	Licence    string     `json:"licence,omitempty"`
	LicenceTag source.Tag `json:"licence_tag"`
	Simulated  bool       `json:"simulated,omitempty" doc:"The rows are made up for a demonstration"`
}

func attribution(v source.Source) Attribution {
	return Attribution{Title: v.Title, Publisher: v.Publisher, Licence: v.Licence, LicenceTag: v.LicenceTag, Simulated: v.Simulated}
}

// seesPrivate reports whether the caller may see records of sources tagged R.
func (c *call) seesPrivate() bool {
	return c.user != nil && account.Can(c.user.Role, account.ReadPrivate)
}

// viewer is the caller as somebody who looks at records.
func (c *call) viewer() level.Viewer { return account.ViewerOf(c.user) }

// readable refuses a record of a source tagged R to those who may not see it,
// in the words used for a record that is not there.
func (s *server) readable(ctx context.Context, sourceID, id string) error {
	c := callOf(ctx)
	if sourceID == "" || c.seesPrivate() {
		return nil
	}
	book, err := s.book(ctx)
	if err == nil && book[sourceID].LicenceTag == source.Red {
		err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": id})
	}
	return err
}

// readableRow is readable for what a service returned: it passes the service's
// error on.
func readableRow[T any](ctx context.Context, s *server, v T, err error, sourceID func(T) string, id string) (T, error) {
	if err == nil {
		err = s.readable(ctx, sourceID(v), id)
	}
	return v, err
}

// sourceOf returns the source of a record of any kind, "" for a kind that has
// none.
func (s *server) sourceOf(ctx context.Context, kind, id string) (string, error) {
	switch kind {
	case registry.KindOrg:
		o, err := s.Registry.Org(ctx, id)
		return o.SourceID, err
	case registry.KindPlatform:
		p, err := s.Registry.Platform(ctx, id)
		return p.SourceID, err
	case registry.KindPark:
		p, err := s.Registry.Park(ctx, id)
		return p.SourceID, err
	case registry.KindPerson:
		p, err := s.Registry.Person(ctx, id)
		return p.SourceID, err
	case registry.KindPaper:
		p, err := s.Registry.Paper(ctx, id)
		return p.SourceID, err
	case transfer.KindResult:
		r, err := s.Transfer.Result(ctx, callOf(ctx).viewer(), id)
		return r.SourceID, err
	case transfer.KindNeed:
		n, err := s.Transfer.Need(ctx, callOf(ctx).viewer(), id)
		return n.SourceID, err
	case transfer.KindService:
		o, err := s.Transfer.Service(ctx, callOf(ctx).viewer(), id)
		return o.SourceID, err
	case observatory.KindFigure:
		f, err := s.Observatory.Definition(ctx, id)
		return f.SourceID, err
	}
	return "", nil
}

// leaves reports whether the title of a record may stand in a file: not that of
// one from a source tagged R, nor of one whose source cannot be told.
func (s *server) leaves(ctx context.Context, kind, id string) (bool, error) {
	from, err := s.sourceOf(ctx, kind, id)
	if errs.KindOf(err) == errs.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	book, err := s.book(ctx)
	return book[from].LicenceTag != source.Red, err
}
