package web

import (
	"net/http/httptest"
	"testing"
)

// BenchmarkKitPage renders the page with every component, four charts at two
// widths among them.
func BenchmarkKitPage(b *testing.B) {
	h := kitSite(b, Options{Rooms: kitRooms}).Handler()
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/kit", nil))
		b.SetBytes(int64(w.Body.Len()))
	}
}
