// Reading what the server says of itself, in Prometheus' text format.

/** Metrics are values by name, each by its labels as they stand there. */
export type Metrics = Map<string, Map<string, number>>;

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;

/** parseMetrics leaves out what it does not understand, and buckets, which nobody looks at here. */
export function parseMetrics(text: string): Metrics {
  const metrics: Metrics = new Map();
  for (const one of text.split('\n')) {
    const [, name = '', labels = '', value = ''] = line.exec(one) ?? [];
    if (!name || name.endsWith('_bucket') || Number.isNaN(Number(value))) continue;
    const known = metrics.get(name) ?? new Map<string, number>();
    metrics.set(name, known.set(labels, Number(value)));
  }
  return metrics;
}

/** total adds up the values of a metric whose labels contain a text; null if the server has no such metric. */
export function total(metrics: Metrics, name: string, labels = ''): number | null {
  const values = metrics.get(name);
  if (!values) return null;
  let sum = 0;
  for (const [of, value] of values) if (of.includes(labels)) sum += value;
  return sum;
}
