package otlp

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"

	common "go.opentelemetry.io/proto/slim/otlp/common/v1"

	"ibarura/internal/protocol/foreign"
)

// valueOf returns a value as the JSON that it means: bytes are base64, and what
// JSON has no number for is its name.
func valueOf(v *common.AnyValue) foreign.Value {
	if v.GetValue() == nil {
		return foreign.Value{}
	}
	return foreign.JSON(appendValue(nil, v))
}

func appendValue(b []byte, v *common.AnyValue) []byte {
	switch v := v.GetValue().(type) {
	case *common.AnyValue_StringValue:
		return appendString(b, v.StringValue)
	case *common.AnyValue_BoolValue:
		return strconv.AppendBool(b, v.BoolValue)
	case *common.AnyValue_IntValue:
		return strconv.AppendInt(b, v.IntValue, 10)
	case *common.AnyValue_DoubleValue:
		return appendDouble(b, v.DoubleValue)
	case *common.AnyValue_BytesValue:
		return appendString(b, base64.StdEncoding.EncodeToString(v.BytesValue))
	case *common.AnyValue_ArrayValue:
		return appendArray(b, v.ArrayValue.GetValues())
	case *common.AnyValue_KvlistValue:
		return appendMembers(b, v.KvlistValue.GetValues())
	default:
		return append(b, "null"...)
	}
}

func appendString(b []byte, s string) []byte { return append(b, foreign.String(s).JSON()...) }

func appendDouble(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return appendString(b, strconv.FormatFloat(f, 'g', -1, 64))
	}
	text, _ := json.Marshal(f) // as browsers write it; only the two above cannot be
	return append(b, text...)
}

func appendArray(b []byte, values []*common.AnyValue) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(b, v)
	}
	return append(b, ']')
}

func appendMembers(b []byte, members []*common.KeyValue) []byte {
	b = append(b, '{')
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, m.GetKey()), ':')
		b = appendValue(b, m.GetValue())
	}
	return append(b, '}')
}
