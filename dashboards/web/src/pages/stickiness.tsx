// How often people come: active by day, week and month, and on how many days.

import { useQuestion } from '../api/ask';
import { Bars } from '../charts/bars';
import { useWords } from '../i18n';
import { Panel } from '../ui/panel';
import { SeriesPanel } from '../ui/series';
import { tableOf } from '../ui/tabledata';

interface Day {
  period: string;
  dau: number;
  wau: number;
  mau: number;
}

interface Ratios {
  stickiness: { period: string; ratio: number | null }[];
}

export function Rolling() {
  const { t, percent } = useWords();
  const asked = useQuestion<Day[], Ratios>('users/rolling', { interval: '', compare: '' });
  const periods = (d: Day[]) => d.map((p) => p.period);
  return (
    <>
      <SeriesPanel
        title={t('rolling')}
        asked={asked}
        interval="day"
        periods={periods}
        lines={(d) => [
          { key: 'mau', name: t('mau'), color: 3, values: d.map((p) => p.mau) },
          { key: 'wau', name: t('wau'), color: 1, values: d.map((p) => p.wau) },
          { key: 'dau', name: t('dau'), color: 0, values: d.map((p) => p.dau) },
        ]}
      />
      <SeriesPanel
        title={t('stickiness_ratio')}
        asked={asked}
        interval="day"
        format={percent}
        periods={periods}
        lines={(_, summary) => [{ key: 'ratio', name: t('stickiness_ratio'), color: 4, values: summary?.stickiness.map((p) => p.ratio) ?? [] }]}
      />
    </>
  );
}

/** mostBars is how many numbers of days are drawn; the table has all. */
const mostBars = 20;

export function Stickiness() {
  const { t, number } = useWords();
  return (
    <Panel
      title={t('stickiness')}
      asked={useQuestion<{ days: number; users: number }[]>('users/stickiness', { compare: '' })}
      chart={({ data }) => <Bars color={7} bars={data.slice(0, mostBars).map(({ days, users }) => ({ name: t('days', { n: number(days) }), value: users, says: number(users) }))} />}
      table={({ data }) =>
        tableOf(t('stickiness'), data, [
          { key: 'days', label: t('active_days'), value: (row) => row.days, numeric: false },
          { key: 'users', label: t('people'), value: (row) => row.users, show: (row) => number(row.users), numeric: true },
        ])
      }
    />
  );
}
