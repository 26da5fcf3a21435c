package detect

import (
	"math"
	"slices"

	"yagura/detect/sigma"
)

// complete tells whether the entries of one window meet the correlation's
// condition, and what it counted.
func (e *Engine) complete(c *correlation, list []entry) (number float64, ok bool) {
	switch c.src.Type {
	case sigma.EventCount:
		for i := range list {
			number += float64(list[i].weight)
		}
	case sigma.ValueCount:
		clear(e.distinct)
		for i := range list {
			e.distinct[list[i].value] = struct{}{}
		}
		number = float64(len(e.distinct))
	case sigma.Temporal:
		return temporal(c, list)
	case sigma.TemporalOrdered:
		return ordered(c, list)
	default:
		number = aggregate(c, list)
	}
	return number, within(c.src.Bounds, number)
}

func within(bounds []sigma.Bound, number float64) bool {
	for _, b := range bounds {
		if !b.Op.Holds(number, b.Number) {
			return false
		}
	}
	return true
}

// temporal looks at which listed rules matched at all.
func temporal(c *correlation, list []entry) (number float64, ok bool) {
	seen := make([]bool, len(c.inputs))
	for i := range list {
		if !seen[list[i].input] {
			seen[list[i].input] = true
			number++
		}
	}
	return number, seenEnough(c, seen, number)
}

func seenEnough(c *correlation, seen []bool, number float64) bool {
	switch {
	case c.src.Condition != nil:
		return among(c.src.Condition, seen)
	case len(c.src.Bounds) > 0:
		return within(c.src.Bounds, number)
	}
	return int(number) == len(seen)
}

func among(x sigma.Expr, seen []bool) bool {
	switch x := x.(type) {
	case sigma.Sel:
		return seen[x]
	case sigma.Not:
		return !among(x.Of, seen)
	case sigma.And:
		return !slices.ContainsFunc(x.Of, func(of sigma.Expr) bool { return !among(of, seen) })
	case sigma.Or:
		return slices.ContainsFunc(x.Of, func(of sigma.Expr) bool { return among(of, seen) })
	}
	return false
}

// ordered looks for the longest chain of listed rules in their order; others may
// lie between. With a condition, the rules that it needs must form the chain.
func ordered(c *correlation, list []entry) (number float64, ok bool) {
	n := len(c.inputs)
	if c.src.Condition == nil && len(c.src.Bounds) == 0 {
		at := 0
		for i := range list {
			if at < n && list[i].input == at {
				at++
			}
		}
		return float64(at), at == n
	}
	// best[i]: the longest chain that ends with rule i; chains also tells which rules it holds.
	best := make([]int, n)
	chain := make([][]bool, n)
	for k := range list {
		in := list[k].input
		length, from := 1, -1
		for i := range in {
			if best[i]+1 > length {
				length, from = best[i]+1, i
			}
		}
		if length <= best[in] {
			continue
		}
		best[in] = length
		chain[in] = make([]bool, n)
		if from >= 0 {
			copy(chain[in], chain[from])
		}
		chain[in][in] = true
		if seenEnough(c, chain[in], float64(length)) {
			return float64(length), true
		}
		number = max(number, float64(length))
	}
	return number, false
}

// aggregate computes sum, mean or percentile of the numbers (nearest rank,
// interpolated between neighbours).
func aggregate(c *correlation, list []entry) float64 {
	sum, n := 0.0, 0
	for i := range list {
		sum += list[i].number
		n++
	}
	switch c.src.Type {
	case sigma.ValueSum:
		return sum
	case sigma.ValueAvg:
		return sum / float64(n)
	}
	p := 50.0
	if c.src.Type == sigma.ValuePercentile {
		p = c.src.Percentile
	}
	numbers := make([]float64, n)
	for i := range list {
		numbers[i] = list[i].number
	}
	slices.Sort(numbers)
	rank := p / 100 * float64(n-1)
	low := int(math.Floor(rank))
	high := min(low+1, n-1)
	return numbers[low] + (rank-float64(low))*(numbers[high]-numbers[low])
}
