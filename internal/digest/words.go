package digest

import (
	_ "embed"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
	"golang.org/x/text/number"
)

// Languages are those that reports are written in.
func Languages() []string { return []string{"en", "fr", "rw"} }

// DefaultLanguage is that of projects that have set none.
const DefaultLanguage = "en"

//go:embed messages.yaml
var messagesFile []byte

// messages are the texts, by key and language.
func messages() map[string]map[string]string {
	var all map[string]map[string]string
	if err := yaml.Unmarshal(messagesFile, &all); err != nil {
		panic(err) // the file is part of the program
	}
	return all
}

var texts = sync.OnceValue(func() *catalog.Builder {
	built := catalog.NewBuilder(catalog.Fallback(language.English))
	for key, in := range messages() {
		for name, text := range in {
			if err := built.SetString(language.MustParse(name), key, text); err != nil {
				panic(err) // the file is part of the program
			}
		}
	}
	return built
})

// Words say things in one language.
type Words struct {
	Language string
	printer  *message.Printer
}

// WordsOf returns the words of a language, one of Languages.
func WordsOf(name string) Words {
	tag := language.MustParse(name)
	return Words{name, message.NewPrinter(tag, message.Catalog(texts()))}
}

// Say returns the text of a key, with its verbs filled in.
func (w Words) Say(key string, values ...any) string {
	return w.printer.Sprintf(message.Key(key, key), values...)
}

// list returns the entries of a key that is a list.
func (w Words) list(key string) []string { return strings.Split(messages()[key][w.Language], ",") }

// Number writes a whole number as the language does.
func (w Words) Number(n int64) string {
	return strings.Replace(w.printer.Sprint(number.Decimal(n)), "-", minus, 1)
}

const minus = "−"

// Percent writes a share, to the tenth of a percent below ten percent.
func (w Words) Percent(share float64) string {
	digits := 0
	if share > -0.1 && share < 0.1 {
		digits = 1
	}
	return w.printer.Sprint(number.Percent(share, number.MaxFractionDigits(digits)))
}

// Change writes by how much a number has grown, as a share of what it was.
func (w Words) Change(now, then int64) string {
	switch {
	case now == then:
		return w.Say("change.none")
	case then <= 0:
		return w.Say("change.new")
	case now > then:
		return "+" + w.Percent(float64(now-then)/float64(then))
	default:
		return minus + w.Percent(float64(then-now)/float64(then))
	}
}
