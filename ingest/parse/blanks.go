package parse

import "bytes"

// anomalyBlanks says that blanks were doubled, or became tabs, on the way: the text is
// read with single ones.
const anomalyBlanks = "blanks"

// unspread undoes what a relay did to a line's blanks when it did so all over the line:
// sentences are known by their words and single blanks. A run here and there is the
// device's own ("Nov  2", an empty name) and stays; documents and tables stay, too.
func (p *Parser) unspread(l *Line) {
	b := l.Text()
	first := bytes.IndexByte(b, ' ')
	if first < 0 {
		if tabbed(b) {
			l.setBlanks(bytes.ReplaceAll(b, []byte{'\t'}, []byte{' '}))
		}
		return
	}
	if !longRuns(b[first:], 2) {
		return
	}
	runs, long, odd := blankRuns(b)
	if long < 3 || 10*long < 9*runs || l.lines || len(b) > 4096 || index(b, `{"`) >= 0 || index(b, "<Event") >= 0 || bytes.IndexByte(b, '\t') >= 0 {
		return
	}
	p.scratch = narrow(p.scratch[:0], b, odd == 0)
	l.setBlanks(p.scratch)
}

// longRuns says whether the first n runs of blanks hold more than one: what costs
// least, as lines seldom begin so.
func longRuns(b []byte, n int) bool {
	for range n {
		i := bytes.IndexByte(b, ' ')
		if i < 0 || i+1 == len(b) || b[i+1] != ' ' {
			return false
		}
		for i < len(b) && b[i] == ' ' {
			i++
		}
		b = b[i:]
	}
	return true
}

func (l *Line) setBlanks(text []byte) {
	l.SetText(text)
	l.Anomaly(anomalyBlanks)
}

// blankRuns counts the runs of blanks, those of more than one, and those of an odd
// number.
func blankRuns(b []byte) (runs, long, odd int) {
	for i := 0; i < len(b); {
		n := 0
		for i+n < len(b) && b[i+n] == ' ' {
			n++
		}
		if n == 0 {
			i++
			continue
		}
		runs++
		if n > 1 {
			long++
		}
		odd += n & 1
		i += n
	}
	return runs, long, odd
}

// narrow appends b with half of its blanks when halve, else with single ones.
func narrow(dst, b []byte, halve bool) []byte {
	for i := 0; i < len(b); {
		n := 0
		for i+n < len(b) && b[i+n] == ' ' {
			n++
		}
		if n == 0 {
			dst = append(dst, b[i])
			i++
			continue
		}
		i += n
		if !halve {
			n = 2
		}
		for range n / 2 {
			dst = append(dst, ' ')
		}
	}
	return dst
}

// tabbed says whether a line with the header of syslog has tabs for all its blanks.
func tabbed(b []byte) bool {
	if bytes.Count(b, []byte{'\t'}) < 4 {
		return false
	}
	if n := digits(b[1:min(len(b), 5)]); b[0] == '<' && n > 0 && n+2 < len(b) && b[n+1] == '>' {
		b = b[n+2:]
	}
	return len(b) > 20 && (month(b) != 0 && b[3] == '\t' || dateAhead(b) && b[10] == 'T' || hasPrefix(b, "date=") ||
		index(b, "\t[") > 0 && index(b, "]\t\"") > 0)
}
