package agent

import "strings"

// filterPath is Elasticsearch's filter_path: which fields of an answer are shown. The
// zero value shows all. * stands for one name or a part of it, ** for any number of
// names; a leading - hides what fits.
type filterPath struct{ show, hide [][]string }

// maxFilters bounds the patterns.
const maxFilters = 32

func parseFilterPath(text string) (f filterPath) {
	for i, p := range strings.SplitN(text, ",", maxFilters) {
		p = strings.TrimSpace(p)
		hidden := strings.HasPrefix(p, "-")
		if p = strings.TrimPrefix(p, "-"); p == "" || i >= maxFilters {
			continue
		}
		names := strings.SplitN(p, ".", 16)
		if hidden {
			f.hide = append(f.hide, names)
		} else {
			f.show = append(f.show, names)
		}
	}
	return f
}

// shows tells whether a field is shown.
func (f filterPath) shows(path ...string) bool {
	if covered(f.hide, path) {
		return false
	}
	return len(f.show) == 0 || covered(f.show, path)
}

// covered tells whether a pattern fits the path or what it stands in.
func covered(patterns [][]string, path []string) bool {
	for _, p := range patterns {
		if covers(p, path) {
			return true
		}
	}
	return false
}

func covers(pattern, path []string) bool {
	switch {
	case len(pattern) == 0:
		return true
	case pattern[0] == "**":
		for i := range len(path) + 1 {
			if len(pattern) > 1 && i < len(path) && covers(pattern[1:], path[i:]) {
				return true
			}
		}
		return len(pattern) == 1
	case len(path) == 0:
		return false
	}
	return wild(pattern[0], path[0]) && covers(pattern[1:], path[1:])
}

// wild compares a name with a pattern in which * is any text.
func wild(pattern, name string) bool {
	head, rest, some := strings.Cut(pattern, "*")
	if !some {
		return pattern == name
	}
	if !strings.HasPrefix(name, head) {
		return false
	}
	name = name[len(head):]
	for {
		part, more, again := strings.Cut(rest, "*")
		if !again {
			return strings.HasSuffix(name, part)
		}
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name, rest = name[i+len(part):], more
	}
}
