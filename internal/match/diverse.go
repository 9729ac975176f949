package match

// perOwner is how many records of one owner a list holds at most: with two a
// broker sees that an owner has more, and others still find room.
const perOwner = 2

// diverse keeps the order and lets at most perOwner records of one owner
// through until limit is reached; more counts those that stood back. A record
// without an owner stands for itself.
func diverse[T any](ranked []T, owner func(T) string, limit int) (kept []T, more map[string]int) {
	seen := map[string]int{}
	more = map[string]int{}
	for _, r := range ranked {
		if len(kept) == limit {
			break
		}
		o := owner(r)
		if o != "" && seen[o] == perOwner {
			more[o]++
			continue
		}
		seen[o]++
		kept = append(kept, r)
	}
	return kept, more
}
