package api

import (
	"encoding/json"
	"net/http"

	"github.com/kapok-city/kapok/internal/change"
)

// health answers whoever watches the program: livez says that it runs, readyz
// that it can read its database, whose schema is the one it wants.
func (s *server) health() {
	s.mux.HandleFunc("GET /api/livez", func(w http.ResponseWriter, _ *http.Request) { healthy(w, http.StatusOK, "ok") })
	s.mux.HandleFunc("GET /api/readyz", func(w http.ResponseWriter, r *http.Request) {
		if _, err := change.Head(r.Context(), s.DB); err != nil {
			s.Log.ErrorContext(r.Context(), "not ready", "error", err.Error())
			healthy(w, http.StatusServiceUnavailable, "database")
			return
		}
		healthy(w, http.StatusOK, "ok")
	})
}

func healthy(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"status": text}) //nolint:errcheck // the reader went away
}
