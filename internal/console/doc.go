// Package console is the web console and the API of a running yagura. It stands
// beside the store in the picture: it reads what the other boxes made and writes
// nothing but the response record.
//
//	browser ──► pages ──┐
//	commands ─► API ────┼─► Deps: searches, incidents, tail, health, figures
//	Prometheus ► metrics┘
//
// # Guarantees
//
// Nothing is shown without a log-on except the log-on page, its assets and
// /healthz (a status code only). The token is held as a hash and compared in
// constant time; failed log-ons are limited by address before any work is done
// for them. Whatever comes from logs is a value: escaped for its place, with
// control characters and characters that turn the reading direction made
// visible. Pages run under a policy that allows no inline script or style and
// nothing from elsewhere.
//
// A result that breaks midway ends in a line {"error": …}; a result without that
// line is whole, and the trailer X-Yagura-Truncated says that the limit cut it.
//
// # Bounds
//
// maxConnections connections, Config.MaxQueries queries and maxTails tails at a
// time, maxSessions sessions of sessionLife, maxAddresses addresses in the
// limiter, maxBody bytes of a request, maxQuery bytes of a question, maxSeries
// label sets a metric.
package console
