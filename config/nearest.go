package config

// nearest is the known key that a misspelt one most likely means, or "".
func nearest(key string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if n := distance(key, k); n < least && n < len(k)/2+1 {
			best, least = k, n
		}
	}
	return best
}

// distance counts the letters to change, add or drop from a to b.
func distance(a, b string) int {
	if max(len(a), len(b)) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost = 1 + min(before, row[j], row[j+1])
			}
			before, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
