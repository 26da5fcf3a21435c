package parse

// These families read JSON objects.

func (windows) objects()  {}
func (suricata) objects() {}
func (zeek) objects()     {}
