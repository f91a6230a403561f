package config

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// Render writes the configuration as YAML that --config reads back to the same
// values. Masked, a secret that is set stands in a comment, as asterisks: the
// file then says that there is one, and does not set it.
func (c *Config) Render(w io.Writer, masked bool) error {
	var out strings.Builder
	section := ""
	for _, flag := range optionsOf(c) {
		prefix, key, nested := strings.Cut(flag.Name, ".")
		indent := ""
		if !nested {
			key = flag.Name
		} else {
			indent = "  "
			if prefix != section {
				fmt.Fprintf(&out, "%s:\n", prefix)
				section = prefix
			}
		}
		line, err := renderOption(key, flag, masked)
		if err != nil {
			return fmt.Errorf("render option %s: %w", flag.Name, err)
		}
		out.WriteString(indent + line)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func renderOption(key string, flag *kong.Flag, masked bool) (string, error) {
	if secret, is := flag.Target.Interface().(Secret); is && masked && secret != "" {
		return fmt.Sprintf("# %s: %q is set, and not shown\n", key, mask), nil
	}
	value, err := yaml.Marshal(yamlValue(flag.Target.Interface()))
	if err != nil {
		return "", err
	}
	return key + ": " + string(value), nil
}

// yamlValue returns a node that takes one line.
func yamlValue(value any) *yaml.Node {
	switch v := value.(type) {
	case []string:
		list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, entry := range v {
			list.Content = append(list.Content, quoted(entry))
		}
		return list
	case string:
		return quoted(v)
	case Secret:
		return quoted(v.Reveal())
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: text(v)}
	}
}

// quoted is text between double quotes: of all styles, the one in which every
// text takes one line and none is mistaken for a number or a null.
func quoted(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle, Value: s}
}
