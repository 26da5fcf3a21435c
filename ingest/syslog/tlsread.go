package syslog

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// maxTLSFile bounds a file of certificates or of revocations.
const maxTLSFile = 64 << 20

// FileError is what is wrong with one of the files of TLS.
type FileError struct {
	Field string // of the configuration: cert, key, client_ca or crl
	Path  string
	Err   error // what is wrong, where, and what would be right
}

// Error names the field, the file and the fault.
func (e *FileError) Error() string { return fmt.Sprintf("%s: %s: %v", e.Field, e.Path, e.Err) }

// Unwrap gives the fault.
func (e *FileError) Unwrap() error { return e.Err }

func fileError(field, path, format string, args ...any) *FileError {
	return &FileError{field, path, fmt.Errorf(format, args...)}
}

func readTLSFile(field, path string) ([]byte, *FileError) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxTLSFile {
		return nil, fileError(field, path, "%d bytes; want at most %d", info.Size(), maxTLSFile)
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(path)
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err // the path is said already
	}
	if err != nil {
		return nil, fileError(field, path, "%w; want a file that this user can read", err)
	}
	return text, nil
}

// readPair reads our certificate and its key.
func readPair(files TLSFiles) (pair tls.Certificate, ferr *FileError) {
	cert, ferr := readTLSFile("cert", files.Cert)
	if ferr != nil {
		return pair, ferr
	}
	key, ferr := readTLSFile("key", files.Key)
	if ferr != nil {
		return pair, ferr
	}
	if _, err := certificates(cert); err != nil {
		return pair, fileError("cert", files.Cert, "%w; want a PEM certificate and its key", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return pair, fileError("key", files.Key, "%w; want the PEM key of the certificate %s", err, files.Cert)
	}
	return pair, nil
}

// readAuthorities reads client_ca: authorities, and single certificates that count by
// themselves.
func readAuthorities(path string) ([]*x509.Certificate, *FileError) {
	text, ferr := readTLSFile("client_ca", path)
	if ferr != nil {
		return nil, ferr
	}
	all, err := certificates(text)
	if err != nil {
		return nil, fileError("client_ca", path, "%w; want PEM", err)
	}
	return all, nil
}

// certificates reads all certificates of a PEM file, at least one.
func certificates(text []byte) (all []*x509.Certificate, err error) {
	err = eachPEM(text, func(b *pem.Block, line int) error {
		if b.Type != "CERTIFICATE" {
			return nil
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		all = append(all, c)
		return nil
	})
	if err == nil && len(all) == 0 {
		err = errors.New("holds no certificate")
	}
	return all, err
}

// eachPEM hands out the blocks of a file, each with its line. A block that is cut off
// is an error.
func eachPEM(text []byte, each func(b *pem.Block, line int) error) error {
	begin := []byte("-----BEGIN ")
	for rest := text; ; {
		at := bytes.Index(rest, begin)
		if at < 0 {
			return nil
		}
		line := 1 + bytes.Count(text[:len(text)-len(rest)+at], []byte("\n"))
		end := bytes.Index(rest[at+1:], begin) // pem.Decode would pass over what is broken
		one := rest[at:]
		if end >= 0 {
			one = rest[at : at+1+end]
		}
		b, _ := pem.Decode(one)
		if b == nil {
			return fmt.Errorf("line %d: a PEM block that is broken or cut off", line)
		}
		if err := each(b, line); err != nil {
			return err
		}
		rest = rest[at+len(one):]
	}
}
