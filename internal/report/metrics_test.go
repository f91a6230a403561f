package report

import "testing"

func TestEveryMetricIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Metrics() {
		if m.Key == "" || seen[m.Key] || (m.ratio[0] == "") == (len(m.parts) == 0) {
			t.Errorf("metric %+v is not whole, or there twice", m)
		}
		seen[m.Key] = true
		for _, p := range m.parts {
			if last := p[len(p)-1]; last.source.grain != byMoment {
				t.Errorf("the last choice of %s, %s, does not answer every time zone", m.Key, last.source.table)
			}
			for _, c := range p {
				for kind := range c.source.columns {
					if !p[len(p)-1].source.has(dimensionKey{kind: kind}) {
						t.Errorf("the last choice of %s has no %s, which %s has", m.Key, kind, c.source.table)
					}
				}
			}
		}
		for _, of := range m.quotient() {
			if of.Key == "" {
				t.Errorf("%s divides what is no metric", m.Key)
			}
		}
	}
}
