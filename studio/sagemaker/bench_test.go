package sagemaker_test

import (
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

// browsers is how many click at the same time.
const browsers = 64

// The two benchmarks do the same call against the same simulator in the same
// process: ours, and the SDK as it comes; each with a steady 64 calls in flight,
// and in bursts of 64 with a pause after each, as at nine in the morning.
// cpu-µs/op is the CPU time of the whole process, the simulator's half included.

func BenchmarkOpen(b *testing.B) {
	c := newClient(b, startSim(b, sagemakersim.Options{}).URL(), nil, research)
	measure(b, func() error {
		_, err := c.Open(b.Context(), me, jane)
		return err
	})
}

func BenchmarkBareSDK(b *testing.B) {
	c := api.New(api.Options{
		Region:       research.Region,
		BaseEndpoint: aws.String(startSim(b, sagemakersim.Options{}).URL()),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
	measure(b, func() error {
		_, err := c.CreatePresignedDomainUrl(b.Context(), &api.CreatePresignedDomainUrlInput{
			DomainId: aws.String(research.ID), UserProfileName: aws.String(jane.Profile), ExpiresInSeconds: aws.Int32(5),
			SessionExpirationDurationInSeconds: aws.Int32(8 * 3600),
		})
		return err
	})
}

func BenchmarkWarmWhenFresh(b *testing.B) {
	c := newClient(b, startSim(b, sagemakersim.Options{}).URL(), nil, research)
	c.Warm(b.Context())
	b.ReportAllocs()
	for b.Loop() {
		c.Warm(b.Context(), "research")
	}
}

func measure(b *testing.B, call func() error) {
	b.Run("steady", func(b *testing.B) {
		b.SetParallelism(max(1, browsers/runtime.GOMAXPROCS(0)))
		b.ReportAllocs()
		before := cpu(b)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := call(); err != nil {
					b.Error(err)
					return
				}
			}
		})
		b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
	})
	b.Run("bursts", func(b *testing.B) {
		b.ReportAllocs()
		before := cpu(b)
		for left := b.N; left > 0; left -= browsers {
			var clicks sync.WaitGroup
			for range min(left, browsers) {
				clicks.Go(func() {
					if err := call(); err != nil {
						b.Error(err)
					}
				})
			}
			clicks.Wait()
		}
		b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
	})
}

func cpu(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
