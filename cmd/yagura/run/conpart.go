package run

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"yagura/internal/alert"
	"yagura/internal/console"
	"yagura/internal/store"
	"yagura/internal/store/search"
)

// consolePart is the console with what commands need to reach it.
type consolePart struct {
	*console.Console
	socket, token, scheme string
}

func (c *consolePart) url() string { return c.scheme + "://" + c.Addr() + "/" }

// newConsole makes the console and binds its addresses. Its parts come up later:
// until then it says that they are away.
func (m *Main) newConsole() error {
	if !m.has("console") {
		return nil
	}
	if err := m.free("console.address", m.cfg.Console.Address); err != nil {
		return err
	}
	token, err := m.folder.Secret("console.token")
	if err != nil {
		return err
	}
	socket, err := m.socket("console")
	if err != nil {
		return err
	}
	c, err := console.New(console.Config{
		Address: m.cfg.Console.Address, Cert: m.cfg.Console.Cert, Key: m.cfg.Console.Key, TokenHash: console.HashToken(token),
		Language: m.cfg.Language, Zone: m.handlers.Location(), Socket: socket, Version: m.opts.Version,
	}, console.Deps{
		Search: searcher{m}, Incidents: m.incidents(), Tail: tailer{m}, Import: m.importer(), Health: m.health, Gather: m.gather,
		Classify: classify, Audit: m.audit,
	}, m.log)
	if err != nil {
		return err
	}
	m.console = &consolePart{Console: c, socket: socket, token: token, scheme: "http"}
	if m.cfg.Console.Cert != "" {
		m.console.scheme = "https"
	}
	return c.Listen()
}

// importer is nil where nothing is received.
func (m *Main) importer() console.Importer {
	if m.packer == nil {
		return nil
	}
	return &importer{dir: m.folder.Sub("imports"), packer: m.packer, handlers: m.handlers}
}

// incidents is nil where the alert stage does not run.
func (m *Main) incidents() console.Incidents {
	if m.alerts == nil {
		return nil
	}
	return m.alerts
}

// audit keeps a trail of who asked and did what, in our own log: questions are
// the operator's words, no log lines.
func (m *Main) audit(ctx context.Context, a console.Act) {
	m.log.LogAttrs(ctx, slog.LevelInfo, "console", slog.String("what", a.What), slog.String("who", a.Who), slog.String("from", a.From), slog.String("text", a.Text))
}

var errStoreAway = errors.New("the store does not answer yet; the lines are safe on the bus")

// searcher answers the console's questions from the store.
type searcher struct{ m *Main }

func (s searcher) ask(q console.Question) store.Ask {
	return store.Ask{
		Text: q.Text, Since: q.Since, Until: q.Until, TimeZone: s.m.cfg.Timezone, Params: q.Params,
		Limits: store.Limits{Rows: q.Limit},
	}
}

// Query implements console.Searcher.
func (s searcher) Query(ctx context.Context, q console.Question) (console.Rows, error) {
	if s.m.db == nil {
		return nil, errStoreAway
	}
	rows, err := s.m.db.Query(ctx, s.ask(q))
	if err != nil {
		return nil, userFault(err)
	}
	return resultRows{rows}, nil
}

// Explain implements console.Searcher.
func (s searcher) Explain(_ context.Context, q console.Question) (string, map[string]string, error) {
	if s.m.db == nil {
		return "", nil, errStoreAway
	}
	plan, err := s.m.db.Plan(s.ask(q))
	return plan.SQL, plan.Params, userFault(err)
}

// userFault gives an error in a search its place.
func userFault(err error) error {
	var bad *search.Error
	if errors.As(err, &bad) {
		return &console.BadRequest{Message: bad.Message, Hint: bad.Hint, Column: bad.Column()}
	}
	return err
}

// resultRows shows the store's rows to the console.
type resultRows struct{ *store.Rows }

// Columns implements console.Rows.
func (r resultRows) Columns() []console.Column {
	all := make([]console.Column, len(r.Rows.Columns))
	for i, c := range r.Rows.Columns {
		all[i] = console.Column(c)
	}
	return all
}

// Row implements console.Rows.
func (r resultRows) Row() ([]any, error) { return r.Values() }

// Truncated implements console.Rows.
func (r resultRows) Truncated() bool { return r.Rows.Truncated }

// classify tells whose fault an error of a part is.
func classify(err error) console.Kind {
	switch {
	case errors.Is(err, alert.ErrNotFound):
		return console.NotFound
	case errors.Is(err, alert.ErrClosed):
		return console.Conflict
	case errors.Is(err, alert.ErrInput):
		return console.Invalid
	case errors.Is(err, errStoreAway):
		return console.Unavailable
	}
	if slices.Contains(askedWrong, store.Code(err)) {
		return console.Invalid
	}
	return console.Failed
}

// askedWrong are ClickHouse's codes of faults in what was asked
// (src/Common/ErrorCodes.cpp).
var askedWrong = []int32{
	6,   // CANNOT_PARSE_TEXT
	26,  // CANNOT_PARSE_QUOTED_STRING
	36,  // BAD_ARGUMENTS
	38,  // CANNOT_PARSE_DATE
	41,  // CANNOT_PARSE_DATETIME
	42,  // NUMBER_OF_ARGUMENTS_DOESNT_MATCH
	43,  // ILLEGAL_TYPE_OF_ARGUMENT
	46,  // UNKNOWN_FUNCTION
	47,  // UNKNOWN_IDENTIFIER
	50,  // UNKNOWN_TYPE
	53,  // TYPE_MISMATCH
	59,  // ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER
	60,  // UNKNOWN_TABLE
	62,  // SYNTAX_ERROR
	70,  // CANNOT_CONVERT_TYPE
	72,  // CANNOT_PARSE_NUMBER
	73,  // UNKNOWN_FORMAT
	81,  // UNKNOWN_DATABASE
	115, // UNKNOWN_SETTING
	153, // ILLEGAL_DIVISION
	164, // READONLY
	179, // MULTIPLE_EXPRESSIONS_FOR_ALIAS
	184, // ILLEGAL_AGGREGATION
	215, // NOT_AN_AGGREGATE
	258, // UNION_ALL_RESULT_STRUCTURES_MISMATCH
	386, // NO_COMMON_TYPE
	395, // FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
	456, // UNKNOWN_QUERY_PARAMETER
	497, // ACCESS_DENIED
}
