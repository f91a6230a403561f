// How the way in is doing, by what the server tells everybody: is it ready, does
// anything wait, was anything refused.

import { useCallback, useEffect, useState } from 'preact/hooks';
import { getText, Problem } from '../api/client';
import { parseMetrics, total, type Metrics } from '../api/metrics';
import { useWords, type Key, type Words } from '../i18n';
import { Stat } from '../ui/stat';
import { Failed, Loading } from '../ui/states';

/** lookAgain is how often the numbers are renewed, in milliseconds. */
const lookAgain = 10_000;

interface State {
  metrics: Metrics;
  notReady: Problem | null;
}

export function Health() {
  const [state, setState] = useState<State | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const look = useCallback(async () => {
    try {
      const metrics = parseMetrics(await getText('metrics'));
      const notReady = await getText('readyz').then(
        () => null,
        (error: unknown) => (error instanceof Problem ? error : null),
      );
      setState({ metrics, notReady });
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, 'unknown', String(error)));
    }
  }, []);
  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), lookAgain);
    return () => clearInterval(timer);
  }, [look]);
  if (problem) return <Failed problem={problem} retry={() => void look()} />;
  if (!state) return <Loading />;
  return <Shown state={state} />;
}

interface Figure {
  name: Key;
  metric: string;
  labels?: string;
  unit?: 'bytes' | 'seconds' | 'moment';
  /** Anything but zero wants somebody's attention. */
  alarming?: boolean;
}

const groups: { title: Key; figures: Figure[] }[] = [
  {
    title: 'health_in',
    figures: [
      { name: 'health_received', metric: 'ibarura_ingest_items_received_total' },
      { name: 'health_rows', metric: 'ibarura_loader_rows_total' },
      { name: 'health_duplicates', metric: 'ibarura_ingest_items_duplicate_total' },
      { name: 'health_rejected', metric: 'ibarura_ingest_items_rejected_total' },
      { name: 'health_overloaded', metric: 'ibarura_ingest_overloaded_total', alarming: true },
    ],
  },
  {
    title: 'health_waiting',
    figures: [
      { name: 'health_unloaded', metric: 'ibarura_spool_unloaded_bytes', unit: 'bytes' },
      { name: 'health_oldest', metric: 'ibarura_spool_oldest_unloaded_seconds', unit: 'seconds' },
      { name: 'health_disk', metric: 'ibarura_spool_disk_bytes', unit: 'bytes' },
      { name: 'health_full', metric: 'ibarura_spool_full_total', alarming: true },
    ],
  },
  {
    title: 'health_trouble',
    figures: [
      { name: 'health_quarantined', metric: 'ibarura_loader_quarantined_rows_total', alarming: true },
      { name: 'health_insert_errors', metric: 'ibarura_loader_insert_errors_total', alarming: true },
      { name: 'health_fsync_errors', metric: 'ibarura_spool_fsync_errors_total', alarming: true },
      { name: 'health_differing', metric: 'ibarura_verify_differing_rows', alarming: true },
      { name: 'health_verified', metric: 'ibarura_verify_last_success_timestamp_seconds', unit: 'moment' },
    ],
  },
];

function Shown({ state: { metrics, notReady } }: { state: State }) {
  const words = useWords();
  const { t } = words;
  return (
    <>
      <p class={`ready ${notReady ? 'down' : 'up'}`} role="status">
        {notReady ? t('not_ready', { reason: notReady.message }) : t('ready')}
      </p>
      {groups.map(({ title, figures }) => (
        <section key={title} class="part" aria-label={t(title)}>
          <h2>{t(title)}</h2>
          <dl class="stats">
            {figures.map((figure) => {
              const value = total(metrics, figure.metric, figure.labels);
              if (value === null) return null;
              return <Stat key={figure.name} name={t(figure.name)} value={value} alarming={figure.alarming === true && value > 0} format={writer(figure, words)} />;
            })}
          </dl>
        </section>
      ))}
      <p>{t('health_since')}</p>
    </>
  );
}

function writer({ unit }: Figure, { number, seconds, time, t }: Words): (value: number) => string {
  switch (unit) {
    case 'bytes':
      return (value) => (value < 1e6 ? `${number(Math.round(value / 1e3))} kB` : `${number(Math.round(value / 1e5) / 10)} MB`);
    case 'seconds':
      return seconds;
    case 'moment':
      return (value) => (value === 0 ? t('never') : time(new Date(value * 1000).toISOString(), Intl.DateTimeFormat().resolvedOptions().timeZone));
    default:
      return number;
  }
}
