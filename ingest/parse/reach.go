package parse

// reach is the kind of lines that a family can be sure of at all: it is not asked about
// others, as asking all of them costs more than reading a line. The zero value is every
// line but objects, for which there is objects.
type reach uint8

const (
	reachAll     reach = iota
	reachTagged        // lines with a tag
	reachBare          // lines without a tag
	reachObjects       // JSON objects only
	reachOwn           // lines with one of its tags, of which it is always certain
)

type reacher interface{ reach() reach }

func (postfix) reach() reach  { return reachTagged }
func (vpn) reach() reach      { return reachTagged }
func (services) reach() reach { return reachTagged }
func (fastPath) reach() reach { return reachTagged }

func (comware) reach() reach     { return reachBare }
func (blueCoat) reach() reach    { return reachBare }
func (iis) reach() reach         { return reachBare }
func (windowsDHCP) reach() reach { return reachBare }

func (eset) reach() reach { return reachObjects }

func (sshd) reach() reach       { return reachOwn }
func (symantec) reach() reach   { return reachOwn }
func (checkPoint) reach() reach { return reachOwn }
func (filterlog) reach() reach  { return reachOwn }
func (clamav) reach() reach     { return reachOwn }
func (dnsmasq) reach() reach    { return reachOwn }
func (sendmail) reach() reach   { return reachOwn }

// arrange sorts the families by the lines that they are asked about.
func (f *families) arrange() {
	f.json, f.tagged, f.bare = nil, nil, nil
	for _, fam := range f.all {
		if _, ok := fam.(objects); ok {
			f.json = append(f.json, fam)
		}
		r := reachAll
		if limited, ok := fam.(reacher); ok {
			r = limited.reach()
		}
		if r == reachAll || r == reachTagged {
			f.tagged = append(f.tagged, fam)
		}
		if r == reachAll || r == reachBare {
			f.bare = append(f.bare, fam)
		}
	}
}

// asked is the families that are asked about the line.
func (f *families) asked(l *Line) []family {
	switch {
	case jsonAhead(l.Body): // what stands inside is looked at by inner
		return f.json
	case len(l.Tag) > 0:
		return f.tagged
	}
	return f.bare
}
