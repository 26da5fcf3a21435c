package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"yagura/cmd/yagura/config"
	"yagura/ingest/syslog"
)

// CheckListeners reads the files of every listener as a start would. warnings are
// what does not hinder a start and will hurt soon: what ends within a month.
func CheckListeners(cfg config.Config) (warnings []string, err error) {
	var errs []error
	for i, l := range cfg.Listen.Syslog {
		field := fmt.Sprintf("listen.syslog[%d]", i)
		if l.Unix != "" {
			soon, err := checkUnix(l.Unix)
			if err != nil {
				errs = append(errs, cfg.Fault(field+".unix", err))
			} else if soon != nil {
				warnings = append(warnings, cfg.Fault(field+".unix", soon).Error())
			}
		}
		if !l.Secured() {
			continue
		}
		ends, err := syslog.InspectTLS(tlsFiles(l))
		var f *syslog.FileError
		switch {
		case errors.As(err, &f):
			errs = append(errs, cfg.Fault(field+"."+f.Field, fmt.Errorf("%s: %w", f.Path, f.Err)))
		case err != nil:
			errs = append(errs, cfg.Fault(field, err))
		}
		if left := time.Until(ends.Certificate); !ends.Certificate.IsZero() && left < certSoon {
			what := fmt.Sprintf("the certificate ends in %d days (%s); renew it", int(left.Hours()/24), ends.Certificate.Format(time.DateOnly))
			if left < 0 {
				what = "the certificate has ended on " + ends.Certificate.Format(time.DateOnly) + ": senders refuse it; renew it"
			}
			warnings = append(warnings, cfg.Fault(field+".cert", fmt.Errorf("%s: %s", l.Cert, what)).Error())
		}
		if !ends.CRL.IsZero() && time.Now().After(ends.CRL) {
			warnings = append(warnings, cfg.Fault(field+".crl", fmt.Errorf("%s: the list should have been replaced on %s; fetch the authority's new one", l.CRL, ends.CRL.Format(time.DateOnly))).Error())
		}
	}
	return warnings, errors.Join(errs...)
}

// checkUnix looks at where a unix socket is to be. warning: its folder, which the service
// unit may make at the start.
func checkUnix(path string) (warning, err error) {
	info, err := os.Lstat(path)
	if err == nil && info.Mode().Type() != fs.ModeSocket {
		return nil, fmt.Errorf("%s: a file or folder that is no socket is there; remove it, or want another path such as /run/yagura/log", path)
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the folder %s does not exist; make it, or let the service unit make it (RuntimeDirectory=)", dir), nil
	} else if err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder; want a path such as /run/yagura/log", dir)
	}
	return nil, nil
}
