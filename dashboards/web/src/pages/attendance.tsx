// Events that people attend: who registered, who came.

import { useQuestion } from '../api/ask';
import type { Attending } from '../api/types';
import { useWords } from '../i18n';
import { Panel } from '../ui/panel';
import { Stat } from '../ui/stat';
import { Stats } from '../ui/stats';
import { tableOf } from '../ui/tabledata';

interface Report {
  totals: Attending;
  events: (Attending & { event: string })[];
}

export function Attendance() {
  const { t, number, percent } = useWords();
  const asked = useQuestion<Report>('attendance', { limit: '50' });
  const title = t('attendance_by_event');
  return (
    <>
      <Stats asked={asked}>
        {({ totals }, before) => (
          <>
            <Stat name={t('registered')} value={totals.registered} before={before?.totals.registered} />
            <Stat name={t('attended')} value={totals.attended} before={before?.totals.attended} />
            <Stat name={t('cancelled')} value={totals.cancelled} before={before?.totals.cancelled} neutral />
            <Stat name={t('show_rate')} value={totals.show_rate} before={before?.totals.show_rate} format={percent} />
          </>
        )}
      </Stats>
      <div class="grid">
        <Panel
          title={title}
          asked={asked}
          part="events"
          wide
          table={({ data }) =>
            tableOf(title, data.events, [
              { key: 'event', label: t('event'), value: (row) => row.event },
              { key: 'registered', label: t('registered'), value: (row) => row.registered, show: (row) => number(row.registered), numeric: true },
              { key: 'attended', label: t('attended'), value: (row) => row.attended, show: (row) => number(row.attended), numeric: true },
              { key: 'cancelled', label: t('cancelled'), value: (row) => row.cancelled, show: (row) => number(row.cancelled), numeric: true },
              { key: 'show_rate', label: t('show_rate'), value: (row) => row.show_rate, show: (row) => (row.show_rate === null ? '–' : percent(row.show_rate)), numeric: true },
            ])
          }
        />
      </div>
    </>
  );
}
