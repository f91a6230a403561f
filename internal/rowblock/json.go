package rowblock

import (
	"encoding/json"
	"strconv"

	"ibarura/internal/event"
)

// JSON returns a row as a JSON object with its columns, for people who look at
// rows that ClickHouse refuses. It is slow.
func (b *Block) JSON(row int) []byte {
	object := map[string]any{}
	for _, c := range b.input {
		object[c.Name] = valueAt(c.Data, row)
	}
	for _, name := range []string{"occurred_at", "received_at"} {
		object[name] = event.Millis(object[name].(uint64)).Time()
	}
	object["day"] = event.Day(object["day"].(uint64)).String()
	for _, name := range []string{"person", "seq"} { // beyond what JSON's readers hold exactly
		object[name] = strconv.FormatUint(object[name].(uint64), 10)
	}
	text, err := json.Marshal(object)
	if err != nil {
		panic(err) // texts, numbers, lists and maps of them always can
	}
	return text
}

func valueAt(c any, row int) any {
	switch c := c.(type) {
	case *numbers:
		return c.at(row)
	case *texts:
		return c.at(row)
	case *labels:
		return c.names[c.rows[row]]
	case *labelLists:
		list := []string{}
		for i := c.ends.start(row); i < c.ends.data[row]; i++ {
			list = append(list, c.labels.names[c.labels.rows[i]])
		}
		return list
	case *pairs:
		object := map[string]string{}
		for i := c.ends.start(row); i < c.ends.data[row]; i++ {
			object[c.keys.names[c.keys.rows[i]]] = c.values.at(int(i))
		}
		return object
	}
	return nil
}
