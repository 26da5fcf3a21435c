package parse

// customScratch is a parser's space for reading one line by configuration.
type customScratch struct {
	captures []capture
	held     []byte // values without their escapes; captures may be parts of it
	joined   []byte // a value being built
	damaged  bool   // what was read last was cut
	leaves   objectLeaves
}
