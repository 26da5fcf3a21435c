package run

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"

	"yagura/internal/alert"
	"yagura/internal/console"
)

func TestWhoseFaultAnErrorIs(t *testing.T) {
	said := func(code int32) error {
		return fmt.Errorf("query: %w", &clickhouse.Exception{Code: code, Message: "no"})
	}
	for name, c := range map[string]struct {
		err  error
		want console.Kind
	}{
		"syntax":             {said(62), console.Invalid},
		"an unknown format":  {said(73), console.Invalid},
		"an unknown setting": {said(115), console.Invalid},
		"no aggregate":       {said(215), console.Invalid},
		"no date":            {said(38), console.Invalid},
		"memory":             {said(241), console.Failed},
		"anything":           {errors.New("no"), console.Failed},
		"no incident":        {fmt.Errorf("x: %w", alert.ErrNotFound), console.NotFound},
		"a closed incident":  {alert.ErrClosed, console.Conflict},
		"the store away":     {errStoreAway, console.Unavailable},
	} {
		if got := classify(c.err); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
