// Package proc reads from Linux's /proc what other processes use: CPU time and
// memory. Benchmarks attribute their costs by it, beside the way from POST to
// chart. Where there is no /proc every figure is zero.
package proc

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// tick is the unit of CPU time in /proc; USER_HZ is 100 on every Linux that Go
// runs on.
const tick = 10 * time.Millisecond

// Positions in /proc/PID/stat, counted from the field after the name.
const (
	parentField = 1
	userField   = 11
	systemField = 12
	fields      = 13
)

// CPU returns the time that the processes have spent on CPUs, their own and the
// system's for them. A process that is gone counts nothing.
func CPU(pids ...int) time.Duration {
	var sum time.Duration
	for _, pid := range pids {
		if stat := readStat(pid); stat != nil {
			sum += time.Duration(number(stat[userField])+number(stat[systemField])) * tick
		}
	}
	return sum
}

// Self returns what CPU counts for this process, to the microsecond.
func Self() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail for oneself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Resident returns the resident size of the processes, in bytes.
func Resident(pids ...int) int64 {
	sum := int64(0)
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		if err != nil {
			continue
		}
		if sizes := bytes.Fields(text); len(sizes) > 1 {
			sum += number(sizes[1]) * int64(os.Getpagesize())
		}
	}
	return sum
}

// Descendants returns the children of a process, and theirs, and so on.
func Descendants(pid int) []int {
	children := map[int][]int{}
	paths, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is a good one
	for _, path := range paths {
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			continue
		}
		if stat := readStat(child); stat != nil {
			parent := int(number(stat[parentField]))
			children[parent] = append(children[parent], child)
		}
	}
	all := children[pid]
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// readStat returns the fields of /proc/PID/stat after the name, which may hold
// spaces and brackets; nil if the process is gone.
func readStat(pid int) [][]byte {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	after := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(after) < fields {
		return nil
	}
	return after
}

func number(text []byte) int64 {
	n, _ := strconv.ParseInt(string(text), 10, 64) // the kernel writes numbers
	return n
}
