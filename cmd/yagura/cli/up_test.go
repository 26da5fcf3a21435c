package cli

import (
	"errors"
	"fmt"
	"net"
	"testing"

	runner "yagura/cmd/yagura/run"
)

// What the operator must mend before a start is no failure of ours.
func TestRefusedStarts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, taken := net.Listen("tcp", l.Addr().String())
	for _, c := range []struct {
		err  error
		want int
	}{
		{fmt.Errorf("console: %w", taken), exitInvalid}, {fmt.Errorf("rules: %w", runner.ErrConfig), exitInvalid}, {errors.New("bus: no room"), exitFailed},
	} {
		if got := exitCode(refused(c.err), t.Output()); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
}
