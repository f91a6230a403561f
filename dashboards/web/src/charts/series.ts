// What a chart by period shows, apart from how it is drawn.

/** Series is one line, or one colour of bars; values are by period. */
export interface Series {
  name: string;
  values: (number | null)[];
  /** The same over the range that is compared with. */
  before?: (number | null)[];
  /** Which colour of the palette; by place if absent. */
  color?: number;
}

/** Shape: lines, bars side by side in one place (the last in front), or bars on top of one another. */
export type Shape = 'line' | 'bars' | 'stack';

/** fitted cuts or fills values to a number of periods: months before may have had fewer days. */
export function fitted(values: (number | null)[], length: number): (number | null)[] {
  return Array.from({ length }, (_, i) => values[i] ?? null);
}

/** stacked puts each series on top of those before it; what is negative goes down from zero. */
export function stacked(series: Series[]): Series[] {
  const [up, down]: [number[], number[]] = [[], []];
  return series.map((one) => ({
    ...one,
    values: one.values.map((value, i) => {
      const side = (value ?? 0) < 0 ? down : up;
      return (side[i] = (side[i] ?? 0) + (value ?? 0));
    }),
  }));
}

/** parts splits values into those of whole periods and those of partial ones. A line's partial part begins where the whole one ends. */
export function parts(values: (number | null)[], partial: boolean[], line: boolean): [(number | null)[], (number | null)[]] {
  const joins = (i: number) => line && (partial[i - 1] === true || partial[i + 1] === true);
  return [
    values.map((value, i) => (partial[i] ? null : value)),
    values.map((value, i) => (partial[i] || joins(i) ? value : null)),
  ];
}

/** extent returns the least and the greatest value. */
export function extent(series: Series[]): [number, number] {
  const all = series.flatMap((one) => one.values).filter((value): value is number => value !== null);
  return all.length ? [Math.min(...all), Math.max(...all)] : [0, 0];
}
