package sigma

import "strings"

// closest returns the candidate most like word, or nothing when none is alike: at most a third of its letters differ.
func closest(word string, candidates []string) string {
	best, least := "", 1+max(1, len(word)/3)
	if len(word) > 64 {
		return ""
	}
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

// suggest says what would be right: the closest candidate, or all of them.
func suggest(word string, candidates []string) string {
	if best := closest(word, candidates); best != "" {
		return "did you mean " + best + "?"
	}
	const most = 40
	if len(candidates) > most {
		candidates = append(candidates[:most:most], "…")
	}
	if len(candidates) == 0 {
		return ""
	}
	return "one of " + strings.Join(candidates, ", ")
}

// distance counts the bytes to insert, remove, change or swap with their neighbour to get from a to b.
func distance(a, b string) int {
	if len(b) > 128 {
		return len(b)
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
