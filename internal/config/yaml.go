package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// parseFile reads the text of a file. Every error names the file, the line and
// the key; all of them are reported, joined. Values are quoted in none but
// those of kong's mappers, which a Secret never raises.
func parseFile(name string, text []byte) (settings, error) {
	root, err := parseYAML(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p := &fileParser{
		name: name, options: map[string]*kong.Flag{}, sections: map[string]bool{},
		lines: map[string]int{}, settings: settings{},
	}
	for _, flag := range optionsOf(&Config{}) {
		p.options[flag.Name] = flag
		if section, _, nested := strings.Cut(flag.Name, "."); nested {
			p.sections[section] = true
		}
	}
	if root != nil {
		p.mapping("", root)
	}
	return p.settings, errors.Join(p.problems...)
}

// parseYAML returns the mapping that the text holds; nil if it holds nothing.
func parseYAML(text []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document")
	}
	root := document.Content[0]
	if isNull(root) {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, errors.New("the file has to be a mapping of options")
	}
	return root, nil
}

// fileParser turns nested mappings into options by the names of their flags.
type fileParser struct {
	name     string
	options  map[string]*kong.Flag
	sections map[string]bool
	lines    map[string]int // where each key was first seen
	settings settings
	problems []error
}

func (p *fileParser) problem(line int, format string, args ...any) {
	p.problems = append(p.problems, fmt.Errorf("%s:%d: %s", p.name, line, fmt.Sprintf(format, args...)))
}

// mapping takes the keys of node, which stand below prefix ("" or "http.").
func (p *fileParser) mapping(prefix string, node *yaml.Node) {
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		p.entry(prefix+key.Value, key.Line, value)
	}
}

func (p *fileParser) entry(key string, line int, value *yaml.Node) {
	flag := p.options[key]
	switch {
	case flag == nil && !p.sections[key]:
		p.problem(line, "unknown key %q%s", key, p.suggest(key))
	case p.lines[key] != 0:
		p.problem(line, "%s stands twice: first in line %d", key, p.lines[key])
	case isNull(value): // nothing after the colon leaves the default
		p.lines[key] = line
	case flag != nil:
		p.lines[key] = line
		p.option(flag, value)
	case value.Kind == yaml.MappingNode:
		p.lines[key] = line
		p.mapping(key+".", value)
	default:
		p.problem(line, "%s is a section: it holds options, not a value", key)
	}
}

func (p *fileParser) option(flag *kong.Flag, node *yaml.Node) {
	value, err := plainValue(flag, node)
	if err == nil {
		err = tryValue(flag, value)
	}
	if err != nil {
		p.problem(node.Line, "%s: %s", flag.Name, err)
		return
	}
	p.settings[flag.Name] = value
}

// plainValue returns what kong's mappers take: the text of a scalar, or of each
// entry of a list.
func plainValue(flag *kong.Flag, node *yaml.Node) (any, error) {
	switch {
	case node.Kind == yaml.ScalarNode:
		return node.Value, nil
	case node.Kind != yaml.SequenceNode || !flag.IsSlice():
		return nil, errors.New("expected a single value" + orList(flag))
	}
	list := make([]any, 0, len(node.Content))
	for _, entry := range node.Content {
		if entry.Kind != yaml.ScalarNode || isNull(entry) {
			return nil, errors.New("expected a list of plain values")
		}
		list = append(list, entry.Value)
	}
	return list, nil
}

func orList(flag *kong.Flag) string {
	if flag.IsSlice() {
		return " or a list"
	}
	return ""
}

// tryValue decodes value as kong will, so that an error can name the line.
func tryValue(flag *kong.Flag, value any) error {
	scratch := reflect.New(flag.Target.Type()).Elem()
	scan := kong.Scan().PushTyped(value, kong.FlagValueToken)
	return flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, scratch)
}

// suggest names the option that key is but for its spelling: read_key, readKey.
func (p *fileParser) suggest(key string) string {
	for name := range p.options {
		if bare(name) == bare(key) {
			return fmt.Sprintf(": did you mean %q?", name)
		}
	}
	return ""
}

// bare strips what spellings differ in.
func bare(key string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
}

func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null"
}
