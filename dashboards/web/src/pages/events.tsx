// What happens, by type, role or kind of object.

import { useQuestion } from '../api/ask';
import { useWords } from '../i18n';
import { address } from '../place';
import { usePlace } from '../router';
import { Panel } from '../ui/panel';
import { Select } from '../ui/select';
import { SeriesPanel, type Line } from '../ui/series';
import { Stat } from '../ui/stat';
import { Stats } from '../ui/stats';
import { tableOf } from '../ui/tabledata';
import { Way } from '../ui/way';

interface EventsData {
  totals: { events: number; users: number; types: number; page_views: number; bot_page_views: number };
  series: { period: string; events: number; page_views: number }[];
}

interface TypeCount {
  type: string;
  events: number;
  users: number;
}

export function Events() {
  const { t, number } = useWords();
  const { page, params } = usePlace();
  const events = useQuestion<EventsData>('events');
  const types = useQuestion<TypeCount[]>('events/types');
  const before = new Map(types.answer?.compare?.data.map((row) => [row.type, row.events]));
  return (
    <>
      <Stats asked={events}>
        {({ totals, series }, then) => (
          <>
            <Stat name={t('events')} value={totals.events} before={then?.totals.events} trend={series.map((p) => p.events)} color={3} />
            <Stat name={t('people')} value={totals.users} before={then?.totals.users} />
            <Stat name={t('types')} value={totals.types} before={then?.totals.types} />
            <Stat name={t('page_views')} value={totals.page_views} before={then?.totals.page_views} trend={series.map((p) => p.page_views)} color={6} />
            <Stat name={t('bot_page_views')} value={totals.bot_page_views} before={then?.totals.bot_page_views} />
          </>
        )}
      </Stats>
      <div class="grid">
        <ByKind />
        <Panel
          title={t('types')}
          asked={types}
          wide
          table={({ data }) =>
            tableOf(t('types'), data, [
              { key: 'type', label: t('type'), value: (row) => row.type, show: (row) => <Way to={address(page, params, { type: row.type })}>{row.type}</Way> },
              { key: 'events', label: t('events'), value: (row) => row.events, show: (row) => number(row.events), numeric: true },
              { key: 'users', label: t('people'), value: (row) => row.users, show: (row) => number(row.users), numeric: true },
              { key: 'events_before', label: t('events_before'), value: (row) => before.get(row.type) ?? null, show: (row) => number(before.get(row.type) ?? 0), numeric: true },
            ])
          }
        />
      </div>
    </>
  );
}

const kinds = ['type', 'role', 'object_type'] as const;

type Point = { period: string; events: number } & Partial<Record<(typeof kinds)[number], string>>;

/** ByKind is events over time, each kind in its colour. */
function ByKind() {
  const { t } = useWords();
  const { params, change } = usePlace();
  const by = kinds.find((name) => name === params.get('by')) ?? 'type';
  const lines = (data: Point[]): Line[] => {
    const found = new Map<string, number[]>();
    for (const point of data) {
      const name = point[by] || t('none');
      found.set(name, [...(found.get(name) ?? []), point.events]);
    }
    return [...found].map(([name, values], i) => ({ key: name, name, color: i % 8, values }));
  };
  return (
    <SeriesPanel
      title={t('events_over_time')}
      asked={useQuestion<Point[]>('events/series', { by, limit: '8', compare: '' })}
      shape="stack"
      wide
      tools={
        <div class="tools">
          <Select label={t('by')} value={by} options={kinds.map((name) => ({ value: name, label: t(name) }))} choose={(name) => change({ by: name === 'type' ? '' : name })} />
        </div>
      }
      periods={(data) => [...new Set(data.map((p) => p.period))]}
      lines={lines}
    />
  );
}
