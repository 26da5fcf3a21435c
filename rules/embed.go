// Package rules holds yagura's own detection rules as data: Sigma files by class
// (unauthorized_access/, abnormal_outbound/, policy_violation/), lists/ of values
// that rules name as %list%, and mapping/, which says what a log source is and where
// a rule's field names are found in an event. Files on disk may be used beside or
// instead of them.
package rules

import (
	"embed"
	"io/fs"
)

//go:embed */*
var files embed.FS

// Files returns the tree of rules, lists and mappings.
func Files() fs.FS { return files }

// Mapping returns the folder of log source mappings.
func Mapping() fs.FS {
	sub, err := fs.Sub(files, "mapping")
	if err != nil {
		panic(err) // the path is a constant
	}
	return sub
}
