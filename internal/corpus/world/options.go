package world

import (
	"strconv"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
)

// Options say which world is made. Works is required; the rest has good zero
// values.
type Options struct {
	Works      int
	Seed       uint64
	From, To   int  // years of the works; 2014 and 2023 when 0
	References bool // make the citation links too; then the citations of a work are its links
	Patents    int  // a sixth of the works when 0, none when negative
	Workers    int  // the number of cores when 0; it changes no byte
	MemoryMB   int  // for each worker's DuckDB, 256 when 0
	CreatedAt  time.Time
}

// The bounds of a world.
const (
	maxWorks  = 1_000_000_000
	firstYear = 1900
	lastYear  = 2100
	maxYears  = 60
)

func (o Options) withDefaults() Options {
	if o.From == 0 && o.To == 0 {
		o.From, o.To = 2014, 2023
	}
	if o.Patents == 0 {
		o.Patents = o.Works / 6
	}
	o.Patents = max(o.Patents, 0)
	if o.MemoryMB == 0 {
		o.MemoryMB = 256
	}
	return o
}

func (o *Options) validate() error {
	var faults errs.List
	if o.Works < 1 || o.Works > maxWorks || o.Patents > maxWorks {
		faults = append(faults, errs.New(errs.Invalid, "world.bad_size", errs.A{"max": maxWorks}))
	}
	if o.From < firstYear || o.To > lastYear || o.From > o.To || o.To-o.From >= maxYears {
		faults = append(faults, errs.New(errs.Invalid, "world.bad_years",
			errs.A{"first": firstYear, "last": lastYear, "most": maxYears}))
	}
	return faults.Err()
}

// parameters describe the world in the manifest of its corpus.
func (o *Options) parameters() map[string]string {
	return map[string]string{
		"works":      strconv.Itoa(o.Works),
		"seed":       strconv.FormatUint(o.Seed, 10),
		"from":       strconv.Itoa(o.From),
		"to":         strconv.Itoa(o.To),
		"references": strconv.FormatBool(o.References),
		"patents":    strconv.Itoa(o.Patents),
		"generator":  strconv.Itoa(generator),
	}
}

// generator counts the changes after which the same options give another world.
const generator = 1
