// Notifications and messages: what was sent, and what became of it.

import { useContext } from 'preact/hooks';
import { useQuestion } from '../api/ask';
import type { Delivery } from '../api/types';
import { useWords, type Key } from '../i18n';
import { usePlace } from '../router';
import { SharedContext } from '../share';
import { Panel } from '../ui/panel';
import { Select } from '../ui/select';
import { Stat } from '../ui/stat';
import { Stats } from '../ui/stats';
import { tableOf, type Column } from '../ui/tabledata';

interface Report {
  totals: Delivery;
  rows: Delivery[];
}

const kinds = { 'channel,campaign': 'channel_campaign', channel: 'channel', campaign: 'campaign' } as const;

export function Messaging() {
  const { t } = useWords();
  const { params, change } = usePlace();
  const shared = useContext(SharedContext);
  const asked = params.get('by') ?? '';
  const by = Object.hasOwn(kinds, asked) ? asked : 'channel,campaign';
  return (
    <>
      {!shared && (
        <div class="tools">
          <Select label={t('by')} value={by} options={Object.entries(kinds).map(([value, key]) => ({ value, label: t(key) }))} choose={(name) => change({ by: name })} />
        </div>
      )}
      <Deliveries path="notifications" title="notifications" by={by} />
      <Deliveries path="messaging" title="messages" by={by} />
    </>
  );
}

const counts = ['sent', 'delivered', 'opened', 'clicked'] as const;

function Deliveries({ path, title: key, by }: { path: 'notifications' | 'messaging'; title: Key; by: string }) {
  const { t, number, percent } = useWords();
  const asked = useQuestion<Report>(path, { by, limit: '50' });
  const title = t(key);
  const text = (name: 'channel' | 'campaign'): Column<Delivery> => ({ key: name, label: t(name), value: (row) => row[name] ?? '', show: (row) => row[name] || t('none') });
  const rate = (name: 'open_rate' | 'click_rate'): Column<Delivery> => ({
    key: name,
    label: t(name),
    value: (row) => row[name],
    show: (row) => (row[name] === null ? '–' : percent(row[name] ?? 0)),
    numeric: true,
  });
  return (
    <section class="part">
      <Stats asked={asked}>
        {({ totals }, before) => (
          <>
            {counts.map((name) => (
              <Stat key={name} name={`${title}: ${t(name)}`} value={totals[name]} before={before?.totals[name]} />
            ))}
            <Stat name={t('open_rate')} value={totals.open_rate} before={before?.totals.open_rate} format={percent} />
            <Stat name={t('click_rate')} value={totals.click_rate} before={before?.totals.click_rate} format={percent} />
          </>
        )}
      </Stats>
      <Panel
        title={title}
        asked={asked}
        wide
        table={({ data }) =>
          tableOf(title, data.rows, [
            ...(by.includes('channel') ? [text('channel')] : []),
            ...(by.includes('campaign') ? [text('campaign')] : []),
            ...counts.map((name): Column<Delivery> => ({ key: name, label: t(name), value: (row) => row[name], show: (row) => number(row[name]), numeric: true })),
            rate('open_rate'),
            rate('click_rate'),
          ])
        }
      />
    </section>
  );
}
