// Go's part of gonex-bench: the same work, so that Go can stand beside the rivals.
//
//	go-bench channels serve    a request for each line of standard input: the words of a cell, and a count
//	go-bench channels          every cell once after a warm-up, for people
//	go-bench tasks [serve]     the same for tasks
//
// A request is answered by one line of JSON, with the wall time and the processor time in nanoseconds for
// each of the count, or with what is wrong.
//
// It has no dependencies:
//
//	GO111MODULE=off GOTOOLCHAIN=local GOPROXY=off go build -o go-bench .
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// answer is one line of output.
type answer struct {
	Cell  string  `json:"cell"`
	Ns    float64 `json:"ns"`
	CPUNs float64 `json:"cpu_ns"`
	Count uint64  `json:"count"`
}

// refusal is the line for a request that cannot be run, or whose result is wrong.
type refusal struct {
	Cell  string `json:"cell"`
	Error string `json:"error"`
}

// bench is one of the benches that Go takes part in.
type bench struct {
	// run does what a request asks for.
	run func(request string) (answer, error)
	// all are requests for everything that it can do.
	all func() []string
}

var benches = map[string]bench{
	"channels": {runChannels, allChannels},
	"tasks":    {runTasks, allTasks},
}

// perUnit answers with the times of one of so many.
func perUnit(cell string, count uint64, wall, cpu time.Duration) answer {
	each := func(all time.Duration) float64 { return float64(all.Nanoseconds()) / float64(count) }
	return answer{Cell: cell, Ns: each(wall), CPUNs: each(cpu), Count: count}
}

// processorTime is the user and system time of this process so far.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // It fails for a wrong argument only.
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// answerTo answers a request with one line; it reports whether it was run and right.
func (b bench) answerTo(out *json.Encoder, request string) bool {
	var line any
	got, problem := b.run(request)
	if problem == nil {
		line = got
	} else {
		words := strings.Fields(request)
		cell := strings.Join(words[:max(0, len(words)-1)], " ")
		line = refusal{Cell: cell, Error: problem.Error()}
	}
	if err := out.Encode(line); err != nil {
		fmt.Fprintln(os.Stderr, "cannot write the answer:", err)
		os.Exit(1)
	}
	return problem == nil
}

// serve answers requests until there are no more.
func (b bench) serve(out *json.Encoder) {
	requests := bufio.NewScanner(os.Stdin)
	for requests.Scan() {
		b.answerTo(out, requests.Text())
	}
	if err := requests.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "cannot read a request:", err)
		os.Exit(1)
	}
}

// show answers all requests, each after a warm-up; it reports whether all were right.
func (b bench) show(out *json.Encoder) bool {
	right := true
	for _, request := range b.all() {
		// What goes wrong in the warm-up goes wrong again, and is said then.
		_, _ = b.run(request)
		right = b.answerTo(out, request) && right
	}
	return right
}

func main() {
	var chosen bench
	known := false
	if len(os.Args) >= 2 {
		chosen, known = benches[os.Args[1]]
	}
	out := json.NewEncoder(os.Stdout)
	switch {
	case known && len(os.Args) == 3 && os.Args[2] == "serve":
		chosen.serve(out)
	case known && len(os.Args) == 2:
		if !chosen.show(out) {
			os.Exit(1)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: go-bench channels|tasks [serve]")
		os.Exit(2)
	}
}
