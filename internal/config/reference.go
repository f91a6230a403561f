package config

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

const referenceIntro = `# Options

Every option of ` + "`ibarura`" + `, made from ` + "`internal/config`" + ` (do not edit; ` + "`go test ./internal/config -update`" + ` writes it).

A flag wins over the variable, the variable over the file named by ` + "`--config`" + ` (` + "`IBARURA_CONFIG`" + `), the file over the
default. In the file, an option stands under its flag's name, the part before the dot being a section:

` + "```yaml" + `
data-dir: /var/lib/ibarura
http:
  listen: 0.0.0.0:8080
  trusted-proxies: [10.0.0.0/8]
` + "```" + `

Durations are written as 250ms, 30s, 5m or 24h; sizes as bytes or with kB, MB, GB, TB, KiB, MiB, GiB, TiB; lists with
commas, or as a YAML list. Bounds are inclusive. ` + "`ibarura config`" + ` prints the values in effect.
`

// Reference writes the table of all options as Markdown.
func Reference(w io.Writer) error {
	var out strings.Builder
	out.WriteString(referenceIntro)
	section := "-"
	for _, flag := range optionsOf(&Config{}) {
		if title := sectionTitle(flag); title != section {
			section = title
			fmt.Fprintf(&out, "\n## %s\n\n| option | variable | default | bounds | meaning |\n|---|---|---|---|---|\n", title)
		}
		out.WriteString(referenceRow(flag))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func sectionTitle(flag *kong.Flag) string {
	if flag.Group == nil {
		return "General"
	}
	return flag.Group.Title
}

func referenceRow(flag *kong.Flag) string {
	return fmt.Sprintf("| `--%s` | `%s` | %s | %s | %s |\n",
		flag.Name, envName(flag.Name), defaultText(flag), boundsText(flag), strings.ReplaceAll(flag.Help, "|", `\|`))
}

func defaultText(flag *kong.Flag) string {
	switch {
	case flag.IsBool():
		return "`false`"
	case flag.Default == "":
		return "empty"
	default:
		return "`" + flag.Default + "`"
	}
}
