package observatory

import "time"

// isDay reports whether text is an ISO day, or "" for unknown.
func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return text == "" || err == nil
}
