// Package sigma reads Sigma v2.1 documents (https://github.com/SigmaHQ/sigma-specification) into an immutable tree that
// knows nothing of the engine that runs it.
//
// Its place: detect/ builds its program from the [Set] that this package returns; rule files reach it as bytes. It does
// no input or output, reads no clock and keeps no package state.
//
//	file bytes ── Parse ──► []Document ── NewSet ──► *Set (references resolved, filters applied) ── Resolve ──► lists checked
//
// Guarantees: a rule that this package accepts means one thing, stated by the comments on the types and, executable and
// slow, by [Pattern.Match] and [Naive.Match]; everything else is refused with the line and column. All errors of a file are
// returned at once. Values returned are never written to again and may be read from any number of goroutines.
//
// Bounds: a file has at most 1 MiB, a document 10,000 keys, 64 levels of nesting and no anchors,
// aliases or merge keys; at most 200 blank lines in a row; a regular expression has
// at most 4 KiB of text; a pattern at most 64 KiB; a condition at most 64 levels and 16 KiB; a list placeholder inside a
// longer text expands to at most 10,000 values.
package sigma
