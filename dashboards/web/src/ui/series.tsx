// A panel of numbers by period: the chart and its table come from the same lines.

import type { ComponentChildren } from 'preact';
import type { Asked } from '../api/ask';
import { useView } from '../api/ask';
import type { Answer } from '../api/types';
import type { Series, Shape } from '../charts/series';
import { TimeChart } from '../charts/timechart';
import { useWords } from '../i18n';
import { Panel } from './panel';
import { tableOf, type Column } from './tabledata';

/** Line is a series with the name of its column. */
export interface Line extends Series {
  key: string;
}

interface Props<D, S> {
  title: string;
  asked: Asked<D, S>;
  periods: (data: D, summary: S | undefined) => string[];
  lines: (data: D, summary: S | undefined) => Line[];
  shape?: Shape;
  /** The unit, if it is not a count. */
  format?: (value: number) => string;
  /** Where the answer has an interval of its own. */
  interval?: string;
  tools?: ComponentChildren;
  /** As a panel has it. */
  part?: string;
  wide?: boolean;
}

interface Row {
  period: string;
  values: (number | null)[];
}

export function SeriesPanel<D, S>({ title, asked, periods, lines, shape = 'line', format, interval, tools, part, wide = false }: Props<D, S>) {
  const compared = (answer: Answer<D, S>): Line[] => {
    const { data, summary, compare } = answer;
    const before = compare && lines(compare.data, compare.summary);
    return lines(data, summary).map((line) => {
      const same = before?.find(({ key }) => key === line.key);
      return same ? { ...line, before: same.values } : line;
    });
  };
  const table = useLinesTable(title, interval, format);
  return (
    <Panel
      title={title}
      asked={asked}
      tools={tools}
      part={part}
      wide={wide}
      empty={(answer) => compared(answer).every((line) => [...line.values, ...(line.before ?? [])].every((value) => !value))}
      chart={(answer) => (
        <TimeChart
          name={title}
          periods={periods(answer.data, answer.summary)}
          interval={interval ?? answer.meta.interval ?? 'day'}
          partial={answer.meta.partial}
          shape={shape}
          series={compared(answer)}
          {...(format && { format })}
        />
      )}
      table={(answer) => table(answer, periods(answer.data, answer.summary), compared(answer))}
    />
  );
}

/** useLinesTable returns how lines are written as a table, a row each period. */
function useLinesTable(title: string, interval: string | undefined, format?: (value: number) => string) {
  const { t, period, number } = useWords();
  const { compare } = useView();
  const write = (value: number | null | undefined) => (value == null ? '–' : (format ?? number)(value));
  return (answer: Answer<unknown>, labels: string[], lines: Line[]) => {
    const { meta } = answer;
    const mark = (label: string) => (meta.partial.includes(label) ? ` (${t('partial_mark')})` : '');
    const rows: Row[] = labels.map((label, i) => ({ period: label, values: lines.flatMap((line) => [line.values[i] ?? null, line.before?.[i] ?? null]) }));
    const columns: Column<Row>[] = lines.flatMap((line, i) => {
      const value = (row: Row) => row.values[2 * i] ?? null;
      const before = (row: Row) => row.values[2 * i + 1] ?? null;
      const then = `${line.name}, ${t(compare === 'year' ? 'compare_year' : 'compare_previous')}`;
      return [
        { key: line.key, label: line.name, value, show: (row) => write(value(row)), numeric: true },
        ...(line.before ? [{ key: `${line.key}_before`, label: then, value: before, show: (row: Row) => write(before(row)), numeric: true }] : []),
      ];
    });
    return tableOf(title, rows, [
      { key: 'period', label: t('period'), value: (row) => row.period, show: (row) => period(row.period, interval ?? meta.interval ?? 'day') + mark(row.period) },
      ...columns,
    ]);
  };
}
