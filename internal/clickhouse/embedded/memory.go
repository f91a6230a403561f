package embedded

import (
	"os"
	"strconv"
	"strings"
)

// fallbackMemory is assumed where the machine does not tell its memory.
const fallbackMemory = 4 << 30

// totalMemory returns the memory in bytes that this process may count on: the
// machine's, or the container's where that is less.
func totalMemory() uint64 {
	total := machineMemory()
	if total == 0 {
		total = fallbackMemory
	}
	if limit := containerMemory("/sys/fs/cgroup/memory.max"); limit != 0 && limit < total {
		return limit
	}
	return total
}

// containerMemory reads a cgroup's limit in bytes, 0 if there is none.
func containerMemory(path string) uint64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	limit, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil { // "max"
		return 0
	}
	return limit
}
