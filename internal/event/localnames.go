package event

// localNames interns the local names of one draft.
type localNames struct {
	list    []string
	index   map[string]Field
	scratch []byte
}

// reset keeps the table: senders repeat their names. It is dropped when it has
// grown past what one event may hold.
func (n *localNames) reset() {
	if len(n.list) > MaxFields {
		n.list = n.list[:0]
		clear(n.index)
	}
}

func (n *localNames) intern(name string) Field {
	if f, ok := n.index[name]; ok {
		return f
	}
	if n.index == nil {
		n.index = make(map[string]Field)
	}
	if len(n.list) > 2*MaxFields {
		return 0
	}
	f := FirstLocal + Field(len(n.list))
	n.list = append(n.list, name)
	n.index[name] = f
	return f
}

func (n *localNames) internBytes(name []byte) Field {
	if f, ok := n.index[string(name)]; ok {
		return f
	}
	return n.intern(string(name))
}

func (n *localNames) name(f Field) string {
	if i := int(f - FirstLocal); i < len(n.list) {
		return n.list[i]
	}
	return ""
}
