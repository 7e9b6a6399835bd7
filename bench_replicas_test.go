package studiobot_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
)

// BenchmarkCopies is whole launches, a command and a click and the redirect, on one
// copy and on three over one table: what they share is the store. (Here it is
// dynalite, which is one thread, and all copies are in one process.)
func BenchmarkCopies(b *testing.B) {
	for _, n := range []int{1, 3} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := inDynamo(b, "").on(setup{})
			copies := []*rig{start(b, s)}
			for len(copies) < n {
				copies = append(copies, copies[0].another(s))
			}
			r := copies[0]
			r.sockets(2 * n)
			client := &http.Client{
				Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			}
			var turn atomic.Int64
			b.SetParallelism(8)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					a, err := r.slack.Command(r.ctx, "U0JANE", "/studio", "")
					if err != nil || a.Message == nil {
						b.Errorf("%+v, %v", a, err)
						return
					}
					p, err := r.slack.Press(r.ctx, "U0JANE", a.Message.ID, 0)
					if err != nil || !p.Acked {
						b.Errorf("%+v, %v", p, err)
						return
					}
					to := copies[int(turn.Add(1))%n]
					answer, err := fetch(r.ctx, client, to.at(p.URL))
					if err != nil || answer.status != http.StatusFound {
						b.Errorf("%d, %v", answer.status, err)
						return
					}
				}
			})
		})
	}
}
