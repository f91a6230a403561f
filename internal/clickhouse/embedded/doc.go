// Package embedded is the ClickHouse that needs no server to be installed: it
// fetches the pinned engine library once, runs it in a child process, and
// supervises that child. On the way from POST to chart it stands below
// everything: the loader's blocks and the reports' queries both end at the
// native port that is opened here.
//
// The library contains clickhouse-local, which can open the real native and
// HTTP ports. The parent (Start) and the child (Main) share two file
// descriptors and nothing else:
//
//   - a pipe that the parent holds open. The child's last "query file" is the
//     read end, so the engine blocks on it for as long as the parent lives.
//     End of file is the order to shut down cleanly, and a parent killed with
//     SIGKILL gives it as surely as one that calls Stop: no orphan is left.
//   - the lock on the data folder. It is freed when parent and child have both
//     gone, so that two engines can never open the same data.
//
// A `clickhouse` binary on PATH, if recent enough, takes the place of the
// library; it is supervised in the same way.
package embedded
