package embedded

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"unsafe"

	"github.com/ebitengine/purego"
)

// runLibrary loads the engine library and runs clickhouse-local in it, in this
// process, until its last query file ends.
func runLibrary(path string, args []string) error {
	// The engine takes the thread that calls it for its main thread.
	runtime.LockOSThread()
	library, err := loadLibrary(path)
	if err != nil {
		return err
	}
	if err := takeTerminal(); err != nil {
		return err
	}
	return library.run(slices.Concat([]string{"clickhouse"}, args, interactive))
}

// library holds the two functions of the engine library that are used.
type library struct {
	queryCmdline func(argc int32, argv **byte) unsafe.Pointer
	resultError  func(result unsafe.Pointer) string
}

func loadLibrary(path string) (*library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("engine: load the library: %w", err)
	}
	var lib library
	for name, function := range map[string]any{
		"chdb_query_cmdline": &lib.queryCmdline,
		"chdb_result_error":  &lib.resultError,
	} {
		symbol, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, fmt.Errorf("engine: %s is not an engine library: %w", path, err)
		}
		purego.RegisterFunc(function, symbol)
	}
	return &lib, nil
}

// run calls clickhouse-local with a command line and blocks until it is done.
func (l *library) run(argv []string) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	pointers := make([]*byte, len(argv)+1) // C wants a null at the end
	for i, arg := range argv {
		text := append([]byte(arg), 0)
		pin.Pin(&text[0])
		pointers[i] = &text[0]
	}
	result := l.queryCmdline(int32(len(argv)), &pointers[0])
	if result == nil {
		return errors.New("engine: the library gave no result")
	}
	if message := l.resultError(result); message != "" {
		return fmt.Errorf("engine: %s", message)
	}
	return nil
}
