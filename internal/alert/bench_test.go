package alert

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkTake: alerts of 1,000 groups from many takers, each durable.
func BenchmarkTake(b *testing.B) {
	s := openStage(b, Config{Data: b.TempDir()}, Deps{})
	var n atomic.Int64
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := int(n.Add(1))
			if err := s.Take(context.Background(), makeAlert(i, fmt.Sprint(i%1000), noon)); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkCompose: one mail, text and HTML.
func BenchmarkCompose(b *testing.B) {
	s := openStage(b, Config{Data: b.TempDir()}, Deps{})
	a := makeAlert(1, "203.0.113.7", noon)
	take(b, s, a)
	m := s.state.mails["I-"+a.ID[:12]+".1"]
	for b.Loop() {
		if _, err := s.compose(m); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAlertToMaildir: from Take to the file in new/.
func BenchmarkAlertToMaildir(b *testing.B) {
	dir := b.TempDir()
	s := openStage(b, Config{Data: dir, MailsPerWindow: 1000}, Deps{})
	start(b, s)
	i := 0
	for b.Loop() {
		a := makeAlert(i, fmt.Sprint(i), noon)
		take(b, s, a)
		pattern := filepath.Join(dir, "mail", "new", "I-"+a.ID[:12]+".1.*")
		for {
			if found, _ := filepath.Glob(pattern); len(found) > 0 || i >= 1000 {
				break
			}
			time.Sleep(100 * time.Microsecond)
		}
		i++
	}
}
