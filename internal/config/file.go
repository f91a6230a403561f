package config

import (
	"fmt"
	"os"
	"slices"

	"github.com/alecthomas/kong"
)

// File is the path of a YAML file with options. As the type of a kong flag it
// reads the file before kong looks for values.
type File string

// BeforeResolve is kong's hook: it reads the file that the flag or the variable
// names, and lets kong ask it for each option.
func (File) BeforeResolve(ctx *kong.Context, path *kong.Path) error {
	if !slices.Contains(ctx.Flags(), path.Flag) {
		return nil // the variable, seen again by a command that was not asked for
	}
	name, _ := ctx.FlagValue(path.Flag).(File)
	if name == "" {
		return nil
	}
	settings, err := readFile(kong.ExpandPath(string(name)))
	if err != nil {
		return err
	}
	ctx.AddResolver(settings)
	return nil
}

func readFile(name string) (settings, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	parsed, err := parseFile(name, text)
	if err != nil {
		return nil, fmt.Errorf("read configuration:\n%w", err)
	}
	return parsed, nil
}

// settings are the options that a file sets, by the name of the flag: a string,
// or a []any of strings.
type settings map[string]any

// Resolve gives kong the value of a flag that was not on the command line, or
// nil. Kong would put it before the environment; we do not.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	return s[flag.Name], nil
}

// Validate has nothing left to do: parseFile has checked every key and value.
func (s settings) Validate(*kong.Application) error { return nil }
