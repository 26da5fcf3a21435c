package parse

import "yagura/internal/event"

// place reads the number of an argument, and of its part when it was too long for
// one record: a0, a12, a1[0].
func (r *auditRecord) place(key []byte) (argument, part []byte, ok bool) {
	if string(r.kind) != "EXECVE" || len(key) < 2 || key[0] != 'a' {
		return nil, nil, false
	}
	n := digits(key[1:])
	argument, part = key[1:1+n], key[1+n:]
	if k := len(part); k > 2 && part[0] == '[' && part[k-1] == ']' {
		part = part[1 : k-1]
	} else if k > 0 {
		return nil, nil, false
	}
	return argument, part, n > 0 && digits(part) == len(part)
}

// argument gathers a0, a1, ... of EXECVE; parts of one are joined.
func (r *auditRecord) argument(key, v []byte) {
	_, part, ok := r.place(key)
	if !ok {
		return
	}
	if len(part) == 0 || string(part) == "0" {
		r.endArgument()
		if r.args++; r.args > 1 {
			r.line = append(r.line, ' ')
		}
	}
	if len(part) == 0 {
		r.Set(event.ProcessArgs, v)
	} else if !r.split {
		r.split, r.splitAt = true, len(r.line)
	}
	if len(r.line) < 16<<10 {
		r.line = append(r.line, v...)
	}
}

// endArgument sets an argument that came in parts.
func (r *auditRecord) endArgument() {
	if r.split {
		r.Set(event.ProcessArgs, r.line[r.splitAt:])
		r.split = false
	}
}
