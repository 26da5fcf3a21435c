package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Kind says what to do about an error of the engine.
type Kind uint8

// Kinds of errors.
const (
	Retry         Kind = iota // wait and insert the same group again: network, memory, disk, too many parts
	Data                      // the rows: Insert has cut them out already where it could
	Configuration             // the schema, an account, a setting: tell the operator, keep the data on the bus
)

// String returns the word used in logs and metric labels.
func (k Kind) String() string {
	return [...]string{"retry", "data", "configuration"}[k]
}

// Error codes of ClickHouse (src/Common/ErrorCodes.cpp).
var (
	dataCodes = []int32{
		6,   // CANNOT_PARSE_TEXT
		26,  // CANNOT_PARSE_QUOTED_STRING
		38,  // CANNOT_PARSE_DATE
		41,  // CANNOT_PARSE_DATETIME
		72,  // CANNOT_PARSE_NUMBER
		27,  // CANNOT_PARSE_INPUT_ASSERTION_FAILED
		33,  // CANNOT_READ_ALL_DATA
		69,  // ARGUMENT_OUT_OF_BOUND
		70,  // CANNOT_CONVERT_TYPE
		117, // INCORRECT_DATA
		131, // TOO_LARGE_STRING_SIZE
		349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
		469, // VIOLATED_CONSTRAINT
	}
	configurationCodes = []int32{
		10,  // NOT_FOUND_COLUMN_IN_BLOCK
		16,  // NO_SUCH_COLUMN_IN_TABLE
		20,  // NUMBER_OF_COLUMNS_DOESNT_MATCH
		36,  // BAD_ARGUMENTS
		42,  // NUMBER_OF_ARGUMENTS_DOESNT_MATCH
		43,  // ILLEGAL_TYPE_OF_ARGUMENT
		44,  // ILLEGAL_COLUMN
		46,  // UNKNOWN_FUNCTION
		47,  // UNKNOWN_IDENTIFIER
		48,  // NOT_IMPLEMENTED
		50,  // UNKNOWN_TYPE
		53,  // TYPE_MISMATCH
		60,  // UNKNOWN_TABLE
		62,  // SYNTAX_ERROR
		73,  // UNKNOWN_FORMAT
		81,  // UNKNOWN_DATABASE
		115, // UNKNOWN_SETTING
		119, // UNKNOWN_STORAGE
		164, // READONLY
		192, // UNKNOWN_USER
		193, // WRONG_PASSWORD
		194, // REQUIRED_PASSWORD
		291, // DATABASE_ACCESS_DENIED
		497, // ACCESS_DENIED
		701, // CLUSTER_DOESNT_EXIST
		516, // AUTHENTICATION_FAILED
	}
)

// Classify tells what to do about an error of Insert, Migrate or a query. What is
// not known is worth another try.
func Classify(err error) Kind {
	var config configError
	if errors.As(err, &config) {
		return Configuration
	}
	switch code := Code(err); {
	case slices.Contains(dataCodes, code):
		return Data
	case slices.Contains(configurationCodes, code):
		return Configuration
	}
	return Retry
}

// NoSpace reports that the engine's volume or memory is full: stop pulling from
// the bus, which is the buffer.
func NoSpace(err error) bool {
	return slices.Contains([]int32{241, 243, 252}, Code(err))
}

var codeInText = regexp.MustCompile(`(?:Code: |code: )(\d+)`)

// Code returns ClickHouse's error code, 0 when the error carries none.
func Code(err error) int32 {
	var e *clickhouse.Exception
	if errors.As(err, &e) {
		return e.Code
	}
	if err == nil || errors.Is(err, context.Canceled) {
		return 0
	}
	if m := codeInText.FindStringSubmatch(err.Error()); m != nil {
		n, _ := strconv.ParseInt(m[1], 10, 32)
		return int32(n)
	}
	return 0
}

// configError marks an error that only the operator can mend.
type configError struct{ error }

func (e configError) Unwrap() error { return e.error }

func tooManyBad(n int, last error) error {
	return configError{fmt.Errorf("%d rows refused one by one, which looks like a wrong schema: %w", n, last)}
}

// engineError shows what the engine said of a question, without what the driver
// puts before it; [Code] still finds the code.
type engineError struct {
	said string
	error
}

func (e engineError) Error() string { return e.said }
func (e engineError) Unwrap() error { return e.error }

// said gives people the engine's own words, when there are any.
func said(err error) error {
	var e *clickhouse.Exception
	if errors.As(err, &e) && e.Message != "" {
		return engineError{strings.TrimPrefix(e.Message, "DB::Exception: "), err}
	}
	return fmt.Errorf("query: %w", err)
}
