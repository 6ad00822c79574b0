// Goroutines: the cases of `gonex-bench -- tasks`, each named by one word. GOMAXPROCS is left at the number
// of cores, as many threads as every rival has.
package main

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxTasks bounds a request: a goroutine takes some 2.7 kB while it lives.
const maxTasks = 1 << 26

// tasks does one case so many times and reports whether the result is right.
type tasks func(count int) bool

var taskCases = map[string]tasks{
	"forget-outside": forget,
	"forget-within":  within(forget),
	"join-outside":   join,
	"join-within":    within(join),
	"one":            oneByOne,
	"yield":          yield,
	"fork":           fork,
	"sum":            sum,
	"mapped":         mapped,
	"coarse":         coarse,
	"coarse-each":    coarseEach,
}

// forget starts goroutines that nobody gets a result from; a wait group tells when all have run.
func forget(count int) bool {
	var done sync.WaitGroup
	done.Add(count)
	for range count {
		go done.Done()
	}
	done.Wait()
	return true
}

// within does the same from a goroutine of its own: main is as near to outside as Go has it.
func within(body tasks) tasks {
	return func(count int) bool {
		right := make(chan bool)
		go func() { right <- body(count) }()
		return <-right
	}
}

// join starts goroutines that each leave a result.
func join(count int) bool {
	results := make([]int, count)
	var done sync.WaitGroup
	done.Add(count)
	for n := range count {
		go func() {
			results[n] = n + 1
			done.Done()
		}()
	}
	done.Wait()
	return !slices.Contains(results, 0)
}

// oneByOne starts the next goroutine when the result of the last has come.
func oneByOne(count int) bool {
	result := make(chan int, 1)
	for n := range count {
		go func() { result <- n }()
		if <-result != n {
			return false
		}
	}
	return true
}

// yield lets two goroutines yield to each other.
func yield(count int) bool {
	var done sync.WaitGroup
	for range 2 {
		done.Go(func() {
			for range count / 2 {
				runtime.Gosched()
			}
		})
	}
	done.Wait()
	return true
}

// fork adds up fib(n) with a goroutine for one half of each fork; the count is that of the forks.
func fork(count int) bool {
	depth, forks, next := 1, 0, 1
	for forks < count {
		// A fork for each addition: one more than those of both halves.
		depth, forks, next = depth+1, next, forks+next+1
	}
	return forks == count && forkedFib(depth) == fib(depth)
}

func forkedFib(n int) int {
	if n < 2 {
		return n
	}
	half := make(chan int, 1)
	go func() { half <- forkedFib(n - 1) }()
	other := forkedFib(n - 2)
	return <-half + other
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

// pieces cuts the items into one range for each thread, and runs all at a time.
func pieces(count int, body func(piece, from, to int)) {
	threads := runtime.GOMAXPROCS(0)
	var done sync.WaitGroup
	for piece := range threads {
		done.Go(func() { body(piece, piece*count/threads, (piece+1)*count/threads) })
	}
	done.Wait()
}

// numbers are the items of sum and mapped, and total what sum has to give; made before the clock starts.
var (
	numbers []uint64
	total   uint64
)

func square(n uint64) uint64 { return n*n ^ n>>3 }

// sum adds up what is computed from each item.
func sum(count int) bool {
	sums := make([]uint64, runtime.GOMAXPROCS(0))
	pieces(count, func(piece, from, to int) {
		var sum uint64
		for _, n := range numbers[from:to] {
			sum += square(n)
		}
		sums[piece] = sum
	})
	var all uint64
	for _, sum := range sums {
		all += sum
	}
	return all == total
}

// mapped writes what is computed from each item into a new slice.
func mapped(count int) bool {
	results := make([]uint64, count)
	pieces(count, func(_, from, to int) {
		for n := from; n < to; n++ {
			results[n] = square(numbers[n])
		}
	})
	return results[count-1] == square(uint64(count-1))
}

// work takes about a microsecond; as many turns as the bench's own.
//
//go:noinline
func work(seed uint64) uint64 {
	for n := range uint64(workTurns) {
		seed = seed*31 ^ n
	}
	return seed
}

const workTurns = 700

// coarse cuts the items into a piece for each thread.
func coarse(count int) bool {
	results := make([]uint64, count)
	pieces(count, func(_, from, to int) {
		for n := from; n < to; n++ {
			results[n] = work(uint64(n))
		}
	})
	return results[count-1] == work(uint64(count-1))
}

// coarseEach starts a goroutine for each item.
func coarseEach(count int) bool {
	results := make([]uint64, count)
	var done sync.WaitGroup
	done.Add(count)
	for n := range count {
		go func() {
			results[n] = work(uint64(n))
			done.Done()
		}()
	}
	done.Wait()
	return results[count-1] == work(uint64(count-1))
}

// runTasks runs one request: a case and a count.
func runTasks(line string) (answer, error) {
	words := strings.Fields(line)
	if len(words) != 2 {
		return answer{}, fmt.Errorf("%q has %d words; a request is \"{case} {count}\"", line, len(words))
	}
	run, known := taskCases[words[0]]
	if !known {
		cases := slices.Sorted(maps.Keys(taskCases))
		return answer{}, fmt.Errorf("there is no case %q; cases are %s", words[0], strings.Join(cases, " "))
	}
	count, err := strconv.Atoi(words[1])
	if err != nil || count < 1 || count > maxTasks {
		return answer{}, fmt.Errorf("count %q: it is a number from 1 to %d", words[1], maxTasks)
	}
	prepareNumbers(words[0], count)
	// What an earlier run left is no part of this one.
	runtime.GC()
	before := processorTime()
	start := time.Now()
	right := run(count)
	wall := time.Since(start)
	cpu := processorTime() - before
	if !right {
		return answer{}, fmt.Errorf("%s gave a wrong result for %d", words[0], count)
	}
	return perUnit(words[0], uint64(count), wall, cpu), nil
}

// prepareNumbers makes the items of the cases that read some.
func prepareNumbers(name string, count int) {
	if (name != "sum" && name != "mapped") || len(numbers) == count {
		return
	}
	numbers, total = make([]uint64, count), 0
	for n := range numbers {
		numbers[n] = uint64(n)
		total += square(uint64(n))
	}
}

// allTasks are all cases; the count is that of the forks of fib(20).
func allTasks() (requests []string) {
	for _, name := range slices.Sorted(maps.Keys(taskCases)) {
		requests = append(requests, name+" 10945")
	}
	return requests
}
