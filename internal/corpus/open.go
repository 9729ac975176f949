package corpus

import (
	"context"
	"path/filepath"

	"github.com/kapok-city/kapok/internal/stats"
)

// Open shows the corpus in a folder to SQL: one view per table, read only.
func Open(ctx context.Context, dir string, cfg stats.Config) (*stats.Session, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	return stats.OpenViews(ctx, cfg, m.Views(dir))
}

// Views are the tables of the corpus in a folder, with the files behind each.
func (m *Manifest) Views(dir string) []stats.View {
	views := make([]stats.View, len(Tables))
	for i, t := range Tables {
		views[i].Name = t.Name
		for _, f := range m.Files {
			if f.Table == t.Name {
				views[i].Files = append(views[i].Files, filepath.Join(dir, filepath.FromSlash(f.Path)))
			}
		}
	}
	return views
}
