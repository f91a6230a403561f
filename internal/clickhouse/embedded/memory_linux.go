package embedded

import "golang.org/x/sys/unix"

// machineMemory returns the machine's memory in bytes, 0 if it is not known.
func machineMemory() uint64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0
	}
	return info.Totalram * uint64(info.Unit)
}
