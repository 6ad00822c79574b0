// Go's channels: the cells of `gonex-bench -- channels`, "{shape} {capacity} {mode}".
//
// Modes are go (GOMAXPROCS=2) and go-1 (GOMAXPROCS=1). Go has no unbounded channel. The count is that of
// all messages, or of round trips for ping-pong.
package main

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxCount bounds a request: the sum of all values stays far within what the check can hold.
const maxCount = 1 << 32

// tally is what a receiver got.
type tally struct{ count, sum uint64 }

// parties are the goroutines of one run: they start together, and the run ends with the last.
type parties struct {
	ready, done sync.WaitGroup
	gate        chan struct{}
}

func newParties() *parties { return &parties{gate: make(chan struct{})} }

// add starts a goroutine that waits at the gate first.
func (p *parties) add(body func()) {
	p.ready.Add(1)
	p.done.Add(1)
	go func() {
		defer p.done.Done()
		p.ready.Done()
		<-p.gate
		body()
	}()
}

// run opens the gate and measures until all are done: wall time and processor time.
func (p *parties) run() (wall, cpu time.Duration) {
	p.ready.Wait()
	runtime.GC()
	before := processorTime()
	start := time.Now()
	close(p.gate)
	p.done.Wait()
	wall = time.Since(start)
	return wall, processorTime() - before
}

// share is the range of values that sender i of n sends.
func share(count, i, n uint64) (from, to uint64) {
	return i * count / n, (i + 1) * count / n
}

// shared lets senders and receivers work on one channel.
func shared(p *parties, senders, receivers, capacity int, count uint64) []tally {
	channel := make(chan uint64, capacity)
	var sending sync.WaitGroup
	sending.Add(senders)
	for i := range senders {
		from, to := share(count, uint64(i), uint64(senders))
		p.add(func() {
			for v := from; v < to; v++ {
				channel <- v
			}
			sending.Done()
		})
	}
	p.add(func() {
		sending.Wait()
		close(channel)
	})
	tallies := make([]tally, receivers)
	for i := range receivers {
		p.add(func() {
			var got tally
			for v := range channel {
				got.count++
				got.sum += v
			}
			tallies[i] = got
		})
	}
	return tallies
}

// pingPong sends each value to an echo and counts what comes back.
func pingPong(p *parties, capacity int, count uint64) []tally {
	there, back := make(chan uint64, capacity), make(chan uint64, capacity)
	tallies := make([]tally, 1)
	p.add(func() {
		var got tally
		for v := range count {
			there <- v
			if echo := <-back; echo == v {
				got.count++
				got.sum += echo
			}
		}
		close(there)
		tallies[0] = got
	})
	p.add(func() {
		for v := range there {
			back <- v
		}
	})
	return tallies
}

// selecting lets one receiver select over the channels of k senders, k being 2 or 8.
func selecting(p *parties, k, capacity int, count uint64) []tally {
	c := make([]chan uint64, 8)
	for i := range k {
		c[i] = make(chan uint64, capacity)
		from, to := share(count, uint64(i), uint64(k))
		p.add(func() {
			for v := from; v < to; v++ {
				c[i] <- v
			}
		})
	}
	tallies := make([]tally, 1)
	p.add(func() {
		var got tally
		c0, c1, c2, c3, c4, c5, c6, c7 := c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]
		for got.count < count {
			var v uint64
			// Written out twice: an arm on a nil channel would cost the select of 2 something.
			if k == 2 {
				select {
				case v = <-c0:
				case v = <-c1:
				}
			} else {
				select {
				case v = <-c0:
				case v = <-c1:
				case v = <-c2:
				case v = <-c3:
				case v = <-c4:
				case v = <-c5:
				case v = <-c6:
				case v = <-c7:
				}
			}
			got.count++
			got.sum += v
		}
		tallies[0] = got
	})
	return tallies
}

// prepare makes the goroutines of a shape; they wait at the gate.
func prepare(p *parties, shape string, capacity int, count uint64) ([]tally, error) {
	switch shape {
	case "1x1":
		return shared(p, 1, 1, capacity, count), nil
	case "4x1":
		return shared(p, 4, 1, capacity, count), nil
	case "1x4":
		return shared(p, 1, 4, capacity, count), nil
	case "4x4":
		return shared(p, 4, 4, capacity, count), nil
	case "ping-pong":
		return pingPong(p, capacity, count), nil
	case "select-2":
		return selecting(p, 2, capacity, count), nil
	case "select-8":
		return selecting(p, 8, capacity, count), nil
	}
	return nil, fmt.Errorf("there is no shape %q; shapes are %s", shape, strings.Join(shapes, " "))
}

// processors is how many threads run Go code in a mode.
func processors(mode string) (int, error) {
	switch mode {
	case "go":
		return 2, nil
	case "go-1":
		return 1, nil
	}
	return 0, fmt.Errorf("there is no mode %q; modes are %s", mode, strings.Join(modes, " "))
}

// runChannels runs one request: shape, capacity, mode and count.
func runChannels(line string) (answer, error) {
	words := strings.Fields(line)
	if len(words) != 4 {
		return answer{}, fmt.Errorf("%q has %d words; a request is \"{shape} {capacity} {mode} {count}\"", line, len(words))
	}
	capacity, err := strconv.ParseUint(words[1], 10, 20)
	if err != nil {
		return answer{}, fmt.Errorf("capacity %q: Go's channels have one from 0 to %d here", words[1], 1<<20-1)
	}
	count, err := strconv.ParseUint(words[3], 10, 64)
	if err != nil || count == 0 || count > maxCount || count%8 != 0 {
		return answer{}, fmt.Errorf("count %q: it is a multiple of 8 from 8 to %d", words[3], uint64(maxCount))
	}
	threads, err := processors(words[2])
	if err != nil {
		return answer{}, err
	}
	runtime.GOMAXPROCS(threads)
	p := newParties()
	tallies, err := prepare(p, words[0], int(capacity), count)
	if err != nil {
		return answer{}, err
	}
	wall, cpu := p.run()
	var all tally
	for _, got := range tallies {
		all.count += got.count
		all.sum += got.sum
	}
	if want := (tally{count, count / 2 * (count - 1)}); all != want {
		return answer{}, fmt.Errorf("received %d messages of sum %d; sent were %d of sum %d", all.count, all.sum, want.count, want.sum)
	}
	return perUnit(strings.Join(words[:3], " "), count, wall, cpu), nil
}

var (
	shapes     = []string{"1x1", "4x1", "1x4", "4x4", "ping-pong", "select-2", "select-8"}
	capacities = []string{"0", "1", "128"}
	modes      = []string{"go", "go-1"}
)

// allChannels is the whole matrix, with so few messages that it ends soon.
func allChannels() (requests []string) {
	for _, shape := range shapes {
		for _, capacity := range capacities {
			for _, mode := range modes {
				requests = append(requests, fmt.Sprintf("%s %s %s 200000", shape, capacity, mode))
			}
		}
	}
	return requests
}
