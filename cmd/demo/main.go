// Command demo shows a launch on any computer that has Go: studiobot runs
// between a simulated Slack and a simulated SageMaker, and one page in the
// browser stands for the Slack client.
//
//	go run ./cmd/demo
//	go run ./cmd/demo --copies 3
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/studiobot/studiobot/internal/demo"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run() error {
	address := flag.String("address", "127.0.0.1:8787", "address of the page, on this computer")
	ttl := flag.Duration("link-ttl", 2*time.Minute, "how long a link can be used")
	proof := flag.String("proof", "click", "what opens a link: click or confirm")
	copies := flag.Int("copies", 1, "how many copies of studiobot run over one store, up to 5")
	verbose := flag.Bool("v", false, "show studiobot's log")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("%q: the demo takes flags only, see -help", flag.Arg(0))
	}
	o := demo.Options{Address: *address, LinkTTL: *ttl, Proof: *proof, Copies: *copies}
	if *verbose {
		o.Log = slog.NewTextHandler(os.Stderr, nil)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d, err := demo.Start(ctx, o)
	if err != nil {
		return err
	}
	fmt.Println("Open", d.URL)
	fmt.Println("Type /studio there. Be Uma to ask for access, and Ann to decide. Slack and SageMaker are simulated; nothing leaves this computer. Ctrl-C stops it.")
	err = d.Wait()
	return closeAfter(d, err)
}

func closeAfter(d *demo.Demo, err error) error {
	if closing := d.Close(); err == nil {
		return closing
	}
	return err
}
