// Visits: sessions, the pages they saw, where they came from, and their ways.

import { useQuestion } from '../api/ask';
import type { Sessions } from '../api/types';
import { useWords } from '../i18n';
import { usePlace } from '../router';
import { Panel } from '../ui/panel';
import { Select } from '../ui/select';
import { SeriesPanel } from '../ui/series';
import { Stat } from '../ui/stat';
import { Stats } from '../ui/stats';
import { tableOf, type Column } from '../ui/tabledata';

export function Pages() {
  const { t, number, percent, seconds } = useWords();
  const sessions = useQuestion<Sessions>('sessions');
  const { change, params } = usePlace();
  const by = kinds.find((name) => name === params.get('by')) ?? 'path';
  return (
    <>
      <Stats asked={sessions}>
        {({ totals, series }, before) => (
          <>
            <Stat name={t('sessions')} value={totals.sessions} before={before?.totals.sessions} trend={series.map((p) => p.sessions)} color={2} />
            <Stat name={t('page_views')} value={totals.page_views} before={before?.totals.page_views} trend={series.map((p) => p.page_views)} color={6} />
            <Stat name={t('pages_per_session')} value={totals.pages_per_session} before={before?.totals.pages_per_session} format={number} />
            <Stat name={t('bounce_rate')} value={totals.bounce_rate} before={before?.totals.bounce_rate} format={percent} neutral />
            <Stat name={t('session_length')} value={totals.median_seconds} before={before?.totals.median_seconds} format={seconds} />
          </>
        )}
      </Stats>
      <div class="grid">
        <SeriesPanel
          title={t('sessions')}
          asked={sessions}
          part="series"
          periods={(d) => d.series.map((p) => p.period)}
          lines={(d) => [{ key: 'sessions', name: t('sessions'), color: 1, values: d.series.map((p) => p.sessions) }]}
        />
        <SeriesPanel
          title={t('page_views')}
          asked={sessions}
          part="series"
          shape="bars"
          periods={(d) => d.series.map((p) => p.period)}
          lines={(d) => [{ key: 'page_views', name: t('page_views'), color: 5, values: d.series.map((p) => p.page_views) }]}
        />
        <Where by={by} choose={(name) => change({ by: name === 'path' ? '' : name })} />
        <Ways />
      </div>
    </>
  );
}

const kinds = ['path', 'entry', 'exit', 'source', 'utm_source', 'utm_medium', 'utm_campaign', 'device', 'browser', 'os', 'country', 'host'] as const;

type Kind = (typeof kinds)[number];

interface PageRow {
  value: string;
  page_views: number;
  visitors: number;
  average_seconds?: number | null;
  sessions?: number;
  bounces?: number;
  bounce_rate?: number;
}

/** Where ranks pages, sources, campaigns and browsers. */
function Where({ by, choose }: { by: Kind; choose: (name: string) => void }) {
  const { t, number, percent, seconds } = useWords();
  const title = t('where');
  const count = (key: 'page_views' | 'visitors' | 'sessions', label: string): Column<PageRow> => ({
    key,
    label,
    value: (row) => row[key] ?? 0,
    show: (row) => number(row[key] ?? 0),
    numeric: true,
  });
  const ofViews: Column<PageRow>[] = [
    count('page_views', t('page_views')),
    count('visitors', t('people')),
    { key: 'average_seconds', label: t('time_on_page'), value: (row) => row.average_seconds ?? null, show: (row) => (row.average_seconds == null ? '–' : seconds(row.average_seconds)), numeric: true },
  ];
  const ofSessions: Column<PageRow>[] = [
    count('sessions', t('sessions')),
    count('visitors', t('people')),
    { key: 'bounce_rate', label: t('bounce_rate'), value: (row) => row.bounce_rate ?? null, show: (row) => percent(row.bounce_rate ?? 0), numeric: true },
  ];
  return (
    <Panel
      title={title}
      asked={useQuestion<PageRow[]>('pages', { by, limit: '25', compare: '' })}
      wide
      tools={
        <div class="tools">
          <Select label={t('by')} value={by} options={kinds.map((name) => ({ value: name, label: t(`by_${name}`) }))} choose={choose} />
        </div>
      }
      table={({ data }) =>
        tableOf(title, data, [
          { key: by, label: t(`by_${by}`), value: (row) => row.value, show: (row) => row.value || t(by === 'source' ? 'direct' : 'none') },
          ...(by === 'entry' || by === 'exit' ? ofSessions : ofViews),
        ])
      }
    />
  );
}

/** Ways are the steps from page to page that sessions take most often. */
function Ways() {
  const { t, number } = useWords();
  return (
    <Panel
      title={t('ways')}
      asked={useQuestion<{ from: string; to: string; count: number; sessions: number }[]>('pages/paths', { limit: '15', compare: '' })}
      wide
      table={({ data }) =>
        tableOf(t('ways'), data, [
          { key: 'from', label: t('way_from'), value: (row) => row.from },
          { key: 'to', label: t('way_to'), value: (row) => row.to },
          { key: 'count', label: t('times'), value: (row) => row.count, show: (row) => number(row.count), numeric: true },
          { key: 'sessions', label: t('sessions'), value: (row) => row.sessions, show: (row) => number(row.sessions), numeric: true },
        ])
      }
    />
  );
}
