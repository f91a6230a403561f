package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// DefaultCacheDir is the folder that keeps fetched libraries, below the user's
// cache folder and so outside any checkout.
func DefaultCacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("engine: no cache folder, name one with --engine.cache-dir: %w", err)
	}
	return filepath.Join(base, "ibarura"), nil
}

// cachedLibrary is where the cache has, or will have, this platform's library.
func cachedLibrary(cacheDir string) (string, error) {
	if cacheDir == "" {
		var err error
		if cacheDir, err = DefaultCacheDir(); err != nil {
			return "", err
		}
	}
	absolute, err := filepath.Abs(cacheDir)
	if err != nil {
		return "", fmt.Errorf("engine: cache folder %s: %w", cacheDir, err)
	}
	build := EngineVersion + "-" + strings.ReplaceAll(platform(), "/", "-")
	return filepath.Join(absolute, "engine", build, libraryFile), nil
}
