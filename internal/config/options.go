package config

import (
	"strings"

	"github.com/alecthomas/kong"
)

// envPrefix begins the name of every variable.
const envPrefix = "IBARURA_"

// Options are what a kong parser needs whose commands embed Config: they name
// the variables, and add the bounds to the help. The file needs no option of
// its own: the field's type reads it.
func Options() []kong.Option {
	return []kong.Option{kong.PostBuild(completeFlags)}
}

// Default returns the configuration without flags, variables or a file.
func Default() Config {
	var c Config
	if err := kong.ApplyDefaults(&c); err != nil {
		panic(err) // a default that its own bounds refuse; the tests would not pass
	}
	return c
}

// UnknownEnv returns the names in environ (KEY=value, as os.Environ gives)
// that look like ours and that no option reads: most often a misspelt one.
func UnknownEnv(environ []string) []string {
	known := map[string]bool{envName("config"): true}
	for _, flag := range optionsOf(&Config{}) {
		known[envName(flag.Name)] = true
	}
	var unknown []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, envPrefix) && !known[name] {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

// completeFlags gives the flags of Config their variables, and their bounds as
// the last sentence of their help. A command's own flags are none of our
// business and get neither.
func completeFlags(k *kong.Kong) error {
	ours := map[string]bool{"config": true}
	for _, flag := range optionsOf(&Config{}) {
		ours[flag.Name] = true
	}
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, isFlag := node.(*kong.Flag); isFlag && ours[flag.Name] {
			flag.Envs = []string{envName(flag.Name)}
			flag.Tag.Envs = flag.Envs
			if bounds := boundsText(flag); bounds != "" {
				flag.Help += " Allowed: " + bounds + "."
			}
		}
		return next(nil)
	})
}

// envName is the variable of a flag: --http.body-timeout is
// IBARURA_HTTP_BODY_TIMEOUT.
func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(flag))
}

// optionsOf returns every option of c but the file's name, in the order of the
// struct. Each one's Target is the field of c.
func optionsOf(c *Config) []*kong.Flag {
	parser, err := kong.New(c, kong.NoDefaultHelp())
	if err != nil {
		panic(err) // the struct does not change at run time, and the tests build it
	}
	options := make([]*kong.Flag, 0, len(parser.Model.Flags))
	for _, flag := range parser.Model.Flags {
		if flag.Name != "config" {
			options = append(options, flag)
		}
	}
	return options
}
