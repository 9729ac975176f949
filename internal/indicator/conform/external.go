package conform

import (
	"strings"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/indicator"
)

// External returns the statement that shows the Parquet files of a corpus's
// table to a cluster: those below location, which is an address in the
// cluster's own words. Nothing is copied, and the folders by year are no
// partitions: the year is a column in the files.
func External(d indicator.Dialect, t corpus.Table, location string) string {
	defined := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		defined[i] = c.Name + " " + d.Type(c.Type)
	}
	columns := "CREATE TABLE " + t.Name + " (" + strings.Join(defined, ", ") + ")"
	if d == indicator.Spark {
		return columns + " USING parquet OPTIONS (path '" + location + "', recursiveFileLookup 'true')"
	}
	return columns + " WITH (external_location = '" + location + "', format = 'PARQUET')"
}
