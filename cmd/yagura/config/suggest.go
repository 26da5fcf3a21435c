package config

import "strings"

// Suggestion names the closest of the right words, or all of them.
func Suggestion(found string, all []string) string {
	if best := Closest(found, all); best != "" {
		return best
	}
	if some := partOf(found, all); len(some) > 0 {
		return strings.Join(some, " or ")
	}
	if len(all) == 0 {
		return "another"
	}
	return "one of " + strings.Join(all, ", ")
}

// Closest returns the word with the fewest changes, "" when none is close. A short
// word is close to too many.
func Closest(found string, all []string) string {
	best, distance := "", min(3, 1+len(found)/3)
	for _, s := range all {
		if n := edits(found, s); n < distance {
			best, distance = s, n
		}
	}
	return best
}

// partOf returns the dotted words of which found is one part, or nearly: of fortigate
// fortinet.fortigate.
func partOf(found string, all []string) (some []string) {
	for _, s := range all {
		parts := strings.Split(s, ".")
		if len(parts) > 1 && Closest(strings.ToLower(found), parts) != "" {
			some = append(some, s)
		}
	}
	return some
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost = 1 + min(last, row[j], row[j+1])
			}
			last, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
