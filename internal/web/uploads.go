package web

import (
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/ingest"
)

// upload is a file on its way in: sent, looked at, tried, not yet imported.
type upload struct {
	token    string
	user     string
	name     string
	dir      string
	target   string
	source   string
	mapping  ingest.Mapping
	heads    []string
	sample   [][]string
	rejected string // file of the rows that a trial rejected, "" when none
	filing   filing // of a table for a risk pool
	at       time.Time
}

func (u *upload) path() string { return filepath.Join(u.dir, "upload"+filepath.Ext(u.name)) }

// uploads are kept on disk for an hour, and only for who sent them. They do not
// outlive the program.
type uploads struct {
	mu  sync.Mutex
	all map[string]*upload
	now func() time.Time
}

const (
	uploadAge   = time.Hour
	uploadsEach = 5        // of one user; the oldest goes
	maxUpload   = 64 << 20 // bytes of a request that carries a file
)

func newUploads(now func() time.Time) *uploads { return &uploads{all: map[string]*upload{}, now: now} }

// put keeps a file.
func (s *uploads) put(user, name string, r io.Reader) (*upload, error) {
	dir, err := os.MkdirTemp("", "kapok-upload-")
	if err != nil {
		return nil, err
	}
	u := &upload{token: rand.Text(), user: user, name: name, dir: dir, at: s.now()}
	if err := u.write(r); err != nil {
		_ = os.RemoveAll(dir) // the first error counts
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(user)
	s.all[u.token] = u
	return u, nil
}

func (u *upload) write(r io.Reader) error {
	f, err := os.OpenFile(u.path(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err = io.Copy(f, r); err != nil {
		_ = f.Close() // the first error counts
		return err
	}
	return f.Close()
}

// sweep drops what is too old, and the oldest of a user who has many.
func (s *uploads) sweep(user string) {
	var oldest *upload
	n := 0
	for _, u := range s.all {
		if s.now().Sub(u.at) > uploadAge {
			s.drop(u)
			continue
		}
		if u.user == user {
			if n++; oldest == nil || u.at.Before(oldest.at) {
				oldest = u
			}
		}
	}
	if n >= uploadsEach {
		s.drop(oldest)
	}
}

func (s *uploads) drop(u *upload) {
	delete(s.all, u.token)
	_ = os.RemoveAll(u.dir) // a left-over upload is only disk space
}

// get returns a user's file, or errs.NotFound.
func (s *uploads) get(user, token string) (*upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.all[token]
	if !ok || u.user != user || s.now().Sub(u.at) > uploadAge {
		return nil, errs.New(errs.NotFound, "reg.import.gone")
	}
	return u, nil
}

func (s *uploads) done(u *upload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(u)
}
