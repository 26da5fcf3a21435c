package parse

// Definition is a parser by configuration as its file has it; Compile checks it
// and makes a family of it. deploy/yagura/parsers/README.md explains the keys to
// those who write one.
type Definition struct {
	Name      string              `yaml:"name"`      // the value of yagura.parser, and of a source's device
	Vendor    string              `yaml:"vendor"`    // observer.vendor
	Product   string              `yaml:"product"`   // observer.product
	Type      string              `yaml:"type"`      // observer.type
	Order     string              `yaml:"order"`     // first, normal or last: before, among or after the built-in families
	Recognise Recognition         `yaml:"recognise"` // without it only sources that name the parser use it
	From      string              `yaml:"from"`      // message, tag or line: where the text to read begins
	Patterns  []Pattern           `yaml:"patterns"`  // the first that fits is taken
	KV        PairShape           `yaml:"kv"`        // name=value pairs
	CSV       ColumnShape         `yaml:"csv"`       // columns
	JSON      ObjectShape         `yaml:"json"`      // a JSON object
	Time      TimeShape           `yaml:"time"`      // how @timestamp is written
	Values    map[string]Meanings `yaml:"values"`    // field or @name: what its words mean
	Defaults  Constants           `yaml:"defaults"`  // fields that nothing else has set
	Tests     []LineTest          `yaml:"tests"`     // a parser that fails one never loads
}

// Texts is one text or a list of texts. Nil is a null.
type Texts []string

// Constants gives values to fields. The name "" is the field that it is said of.
type Constants map[string]Texts

// Meanings says, of each word that a value may be, which fields it sets; "*" is any
// other word.
type Meanings map[string]Constants

// Recognition says which lines are the parser's. All of the keys that are given
// must hold.
type Recognition struct {
	Tag      Texts `yaml:"tag"`      // the program in the header is one of these
	Starts   Texts `yaml:"starts"`   // the text begins with one of these
	Contains Texts `yaml:"contains"` // the text holds all of these
}

// Pattern is one form of the text: a pattern, or a regular expression with a
// literal that must stand in the text before the expression is tried.
type Pattern struct {
	Pattern string    `yaml:"pattern"`
	Regex   string    `yaml:"regex"`   // RE2
	Literal string    `yaml:"literal"` // of Regex
	Groups  Texts     `yaml:"groups"`  // of Regex: field:type of each group
	Set     Constants `yaml:"set"`     // what a line of this form says by being one
}

// PairShape reads pairs of names and values.
type PairShape struct {
	Pair    string            `yaml:"pair"`    // between name and value; =
	Between string            `yaml:"between"` // between pairs; a blank
	Quote   string            `yaml:"quote"`   // around values; "
	Least   int               `yaml:"least"`   // so many of the names below must be there; 1
	Fields  map[string]string `yaml:"fields"`  // name as written: field:type
}

// ColumnShape reads columns.
type ColumnShape struct {
	Separator string `yaml:"separator"` // one character; ,
	Quote     string `yaml:"quote"`     // around columns, doubled inside; "
	Least     int    `yaml:"least"`     // fewer columns are another device's, those behind may be missing; all of them
	Columns   Texts  `yaml:"columns"`   // field:type of each; "" or - is left out
}

// ObjectShape reads a JSON object.
type ObjectShape struct {
	Least  int               `yaml:"least"`  // so many of the names below must be there; 1
	Fields map[string]string `yaml:"fields"` // keys joined by dots: field:type
}

// TimeShape says how the line writes its time.
type TimeShape struct {
	Format string `yaml:"format"` // auto, epoch or a form such as "YYYY/MM/DD hh:mm:ss"
	Of     Texts  `yaml:"of"`     // what is joined by blanks and read; @timestamp
	Zone   string `yaml:"zone"`   // of times that name none; the source's
}

// LineTest is a line and what must be read of it, or a line that is not the
// parser's.
type LineTest struct {
	Line     string           `yaml:"line"`
	Received string           `yaml:"received"` // RFC 3339; needed where @timestamp is wanted
	Not      bool             `yaml:"not"`      // the parser must leave the line alone
	Want     map[string]Texts `yaml:"want"`     // null: the field must be absent
}

// Bounds of one definition.
const (
	maxPatterns  = 256
	maxPattern   = 4 << 10 // bytes of one pattern
	maxParts     = 256     // literals, placeholders and optional parts of one pattern
	maxSlots     = 256     // different placeholders, columns and names of one parser
	maxCaptures  = 512     // values read of one line
	maxWords     = 4096    // words of all values
	maxLineTests = 1000
	minLiteral   = 3 // bytes: what is shorter stands in everybody's lines
)

// Fault is one thing that is wrong with a definition.
type Fault struct {
	Field string   // such as patterns[2].pattern
	Found string   // "found \"x\""
	Want  string   // "want ..."
	Word  string   // what may be a slip of one of Among
	Among []string // nil when there is nothing to choose from
}
