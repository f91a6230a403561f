// Who comes back, and after how long.

import { useQuestion, useView } from '../api/ask';
import type { Cohort } from '../api/types';
import { Heatmap } from '../charts/heatmap';
import { useWords } from '../i18n';
import { daysOf } from '../range';
import { usePlace } from '../router';
import { Panel } from '../ui/panel';
import { Select } from '../ui/select';
import { tableOf } from '../ui/tabledata';

const kinds = ['on', 'on_or_after', 'streak'] as const;

/** cohortsBy are periods long enough for people to come back in: an hour is not. */
function cohortsBy(chosen: string, days: number): string {
  if (chosen && chosen !== 'hour') return chosen;
  if (days <= 21) return 'day';
  return days <= 200 ? 'week' : 'month';
}

export function Retention() {
  const { t, number, period } = useWords();
  const { params, change } = usePlace();
  const { range, intervalChosen } = useView();
  const interval = cohortsBy(intervalChosen, daysOf(range));
  const kind = kinds.find((name) => name === params.get('kind')) ?? 'on';
  const asked = useQuestion<Cohort[], { average: (number | null)[] }>('users/retention', { interval, kind, periods: '12', compare: '' });
  return (
    <Panel
      title={t('retention')}
      asked={asked}
      wide
      tools={
        <div class="tools">
          <Select label={t('retention_kind')} value={kind} options={kinds.map((name) => ({ value: name, label: t(`retention_${name}`) }))} choose={(name) => change({ kind: name })} />
        </div>
      }
      empty={({ data }) => data.every(({ size }) => size === 0)}
      chart={({ data, summary }) => <Heatmap caption={t('retention')} cohorts={data} average={summary?.average ?? []} interval={interval} />}
      table={({ data, summary }) =>
        tableOf(t('retention'), data, [
          { key: 'cohort', label: t('cohort'), value: (row) => row.cohort, show: (row) => period(row.cohort, interval) },
          { key: 'size', label: t('people'), value: (row) => row.size, show: (row) => number(row.size), numeric: true },
          ...(summary?.average ?? []).map((_, n) => ({
            key: `cell_${n}`,
            label: String(n),
            value: (row: Cohort) => row.cells[n] ?? null,
            show: (row: Cohort) => (row.cells[n] == null ? '' : number(row.cells[n] ?? 0)),
            numeric: true,
          })),
        ])
      }
    />
  );
}
