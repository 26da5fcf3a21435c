package engine

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Exception is an error of the engine or of the gateway in ClickHouse's terms.
type Exception struct {
	Code    int    // ClickHouse's error code (src/Common/ErrorCodes.cpp)
	Message string // "Code: 62. DB::Exception: … (SYNTAX_ERROR)"
}

// Error returns the message.
func (e *Exception) Error() string { return e.Message }

// ClickHouse error codes that the gateway itself gives.
const (
	codeUnknownFormat   = 73
	codeNotImplemented  = 48
	codeSyntax          = 62
	codeReadonly        = 164
	codeTooManyQueries  = 202
	codeBadArguments    = 36
	codeTooLarge        = 223
	codeQueryTooLarge   = 290
	codeCancelled       = 394
	codeCannotReadAll   = 33
	codeUnknownSetting  = 115
	codeCannotDecompess = 271
	codeResultTooLarge  = 396
	codeStdException    = 1001
	codeAuthFailed      = 516
)

var codeNames = map[int]string{
	codeUnknownFormat: "UNKNOWN_FORMAT", codeNotImplemented: "NOT_IMPLEMENTED", codeSyntax: "SYNTAX_ERROR",
	codeReadonly: "READONLY", codeCannotReadAll: "CANNOT_READ_ALL_DATA", codeUnknownSetting: "UNKNOWN_SETTING", codeQueryTooLarge: "QUERY_IS_TOO_LARGE", codeTooManyQueries: "TOO_MANY_SIMULTANEOUS_QUERIES", codeBadArguments: "BAD_ARGUMENTS",
	codeTooLarge: "TOO_LARGE_SIZE", codeCancelled: "QUERY_WAS_CANCELLED", codeCannotDecompess: "CANNOT_DECOMPRESS",
	codeResultTooLarge: "TOO_MANY_ROWS_OR_BYTES", codeAuthFailed: "AUTHENTICATION_FAILED", codeStdException: "STD_EXCEPTION",
}

func exception(code int, format string, args ...any) *Exception {
	if code == 0 {
		code = codeStdException
	}
	msg := fmt.Sprintf("Code: %d. DB::Exception: ", code) + fmt.Sprintf(format, args...)
	if n := codeNames[code]; n != "" {
		msg += ". (" + n + ")"
	}
	return &Exception{Code: code, Message: msg}
}

var codePattern = regexp.MustCompile(`Code: (\d+)\. `)

// parseException reads an error text of the engine. The library puts words of
// its own before the code now and then ("Error: …"); they are dropped. A text
// without a code becomes 1001.
func parseException(text string) *Exception {
	text = strings.TrimSpace(text)
	m := codePattern.FindStringSubmatchIndex(text)
	if m == nil {
		return exception(codeStdException, "%s", text)
	}
	code, err := strconv.Atoi(text[m[2]:m[3]])
	if err != nil {
		return exception(codeStdException, "%s", text)
	}
	text = nestedPattern.ReplaceAllString(text[m[0]:], "$1")
	return &Exception{Code: code, Message: versionPattern.ReplaceAllString(text, "")}
}

// An exception that the library has caught and thrown again carries its head and
// tail once for each time.
var (
	nestedPattern  = regexp.MustCompile(`^(Code: \d+\. DB::Exception: )(?:Code: \d+\. DB::Exception: )+`)
	versionPattern = regexp.MustCompile(`(?: \(version [^()]*\)\. \([A-Z_]+\))+$`)
)

// withoutScope takes the gateway's own statement out of an error of the engine
// on a statement that it was given as text.
func withoutScope(err error) error {
	var e *Exception
	if !errors.As(err, &e) {
		return err
	}
	from, to := strings.Index(e.Message, ": In scope SELECT formatQuerySingleLine("), strings.LastIndex(e.Message, ". (")
	if from < 0 || to < from {
		return err
	}
	return &Exception{Code: e.Code, Message: strings.TrimRight(e.Message[:from], " .") + e.Message[to:]}
}

// httpStatus maps codes as ClickHouse's exceptionCodeToHTTPStatus.cpp does, but
// for 202, which it answers with 500: 503 makes clients and proxies try again.
func httpStatus(code int) int {
	switch {
	case code == 194:
		return http.StatusUnauthorized
	case slices.Contains([]int{192, 193, 516, 512, 497}, code):
		return http.StatusForbidden
	case slices.Contains([]int{36, 427, 6, 25, 26, 38, 41, 72, 441, 675, 676, 376, 27, 15, 44, 56, 237, 8, 167, 168, 223, 62, 117, 53, 321}, code):
		return http.StatusBadRequest
	case slices.Contains([]int{60, 46, 47, 50, 56, 81, 115, 30, 63, 73, 336, 78, 511}, code):
		return http.StatusNotFound
	case code == codeQueryTooLarge:
		return http.StatusRequestEntityTooLarge
	case code == codeNotImplemented:
		return http.StatusNotImplemented
	case code == 209 || code == 76 || code == 439 || code == codeTooManyQueries:
		return http.StatusServiceUnavailable
	case code == 159:
		return http.StatusRequestTimeout
	}
	return http.StatusInternalServerError
}
