package app

import (
	"path/filepath"
)

// Config is all that can be set from outside. Each field's zero value works.
type Config struct {
	DSN  string // "postgres://…" or an SQLite file; "" is kapok.db in Data
	Data string // folder of the embedded database and of the facts; "" is kapok-data
	Addr string // address to serve; "" is 127.0.0.1:8080
	City string // GB/T 2260 code of the city that is measured; "" is 440100, Guangzhou
	// Private closes the pages and the API to readers who have not signed in.
	Private bool
}

func (c Config) withDefaults() Config {
	if c.Data == "" {
		c.Data = "kapok-data"
	}
	if c.DSN == "" {
		c.DSN = filepath.Join(c.Data, "kapok.db")
	}
	if c.City == "" {
		c.City = "440100"
	}
	if c.Addr == "" {
		c.Addr = "127.0.0.1:8080"
	}
	return c
}

// Folder returns the data folder.
func (c Config) Folder() string { return c.withDefaults().Data }

// FactsDir returns the folder of the Parquet facts.
func (c Config) FactsDir() string { return filepath.Join(c.Folder(), "facts") }

// CorporaDir returns the folder of the corpora.
func (c Config) CorporaDir() string { return filepath.Join(c.Folder(), "corpora") }

// PreparedDir returns the folder of what is computed from the corpora.
func (c Config) PreparedDir() string { return filepath.Join(c.Folder(), "prepared") }

// EncoderDir returns the folder of the encoder model that was added.
func (c Config) EncoderDir() string { return filepath.Join(c.Folder(), "encoder") }

// VectorsDir returns the folder of the cache of vectors.
func (c Config) VectorsDir() string { return filepath.Join(c.Folder(), "vectors") }

// ReleasesDir returns the folder of the releases.
func (c Config) ReleasesDir() string { return filepath.Join(c.Folder(), "releases") }

// IndexDir returns the folder of the search index.
func (c Config) IndexDir() string { return filepath.Join(c.Folder(), "index") }
