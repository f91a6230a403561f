// What happens now: who is there, how much comes, and the newest of it. Numbers
// move all the time, so that none of them is read out by itself; only whether the
// page is connected is.

import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { OverContext, useView } from '../api/ask';
import type { Problem } from '../api/client';
import { watchLive, type Connection } from '../api/live';
import type { LiveRow, LiveUpdate } from '../api/types';
import { useWords } from '../i18n';
import { usePlace } from '../router';
import { Filters } from '../ui/filters';
import { LiveLatest, type Listed } from '../ui/livelatest';
import { LiveRates } from '../ui/liverates';
import { Select } from '../ui/select';
import { Stat } from '../ui/stat';
import { Failed, Loading } from '../ui/states';

const kinds = ['event', 'page_view'] as const;

/** mostListed is how many rows the page keeps. */
const mostListed = 50;

export function Live() {
  const { t } = useWords();
  const { params, change } = usePlace();
  const { filters } = useView();
  const [stopped, setStopped] = useState(false);
  const kind = kinds.find((name) => name === params.get('kind')) ?? '';
  const asks = { ...filters, ...(kind && { kind }) };
  const live = useLive(asks, stopped);
  return (
    <>
      <section class="toolbar" aria-label={t('view')}>
        <Select
          label={t('live_kind')}
          value={kind}
          options={[{ value: '', label: t('live_all') }, { value: 'event', label: t('events') }, { value: 'page_view', label: t('page_views') }]}
          choose={(name) => change({ kind: name })}
        />
        <Filters />
        <button type="button" class="quiet" aria-pressed={stopped} onClick={() => setStopped(!stopped)}>
          {t(stopped ? 'live_resume' : 'live_stop')}
        </button>
      </section>
      {live.problem ? <Failed problem={live.problem} retry={live.retry} /> : <Shown live={live} stopped={stopped} filtered={Object.keys(asks).length > 0} />}
    </>
  );
}

interface Followed {
  connection: Connection;
  update: LiveUpdate | null;
  listed: Listed[];
  unlisted: number;
  problem: Problem | null;
  retry: () => void;
}

const nothing = { update: null, listed: [], unlisted: 0, problem: null };

/** useLive follows the stream of a filter while the page is shown. */
function useLive(asks: Record<string, string>, stopped: boolean): Followed {
  const [connection, setConnection] = useState<Connection>('connecting');
  const [shown, setShown] = useState<Omit<Followed, 'connection' | 'retry'>>(nothing);
  const [attempt, setAttempt] = useState(0);
  const over = useContext(OverContext);
  const which = JSON.stringify(asks);
  const count = useRef(0);
  const number = (row: LiveRow): Listed => ({ row, key: ++count.current });
  useEffect(() => setShown(nothing), [which, attempt]);
  useEffect(() => {
    if (stopped) {
      setConnection('resting');
      return undefined;
    }
    return watchLive(asks, {
      connection: setConnection,
      told: (update, whole) =>
        setShown((before) => ({
          update,
          // The newest comes first, and gets its number last.
          listed: [...update.latest.toReversed().map(number).reverse(), ...(whole ? [] : before.listed)].slice(0, mostListed),
          unlisted: update.unlisted + (whole ? 0 : before.unlisted),
          problem: null,
        })),
      refused: (problem) => {
        if (problem.status === 401) over();
        setShown({ ...nothing, problem });
      },
    });
  }, [which, stopped, attempt]);
  return { ...shown, connection, retry: () => setAttempt(attempt + 1) };
}

function Shown({ live, stopped, filtered }: { live: Followed; stopped: boolean; filtered: boolean }) {
  const { t } = useWords();
  const { update, connection } = live;
  const says = stopped ? 'live_stopped' : (`live_${connection}` as const);
  const now = () => (connection === 'open' && update ? (filtered ? update.matching : update).per_second : null);
  return (
    <>
      <p class={`connection ${stopped ? 'resting' : connection}`} role="status">
        <i aria-hidden="true" />
        {t(says)}
      </p>
      {update ? <Numbers update={update} /> : <Loading />}
      <div class="grid">
        <LiveRates title={t(filtered ? 'live_rates_filtered' : 'live_rates')} now={now} />
        <LiveLatest listed={live.listed} unlisted={live.unlisted} waiting={!update} />
      </div>
    </>
  );
}

function Numbers({ update }: { update: LiveUpdate }) {
  const { t, number } = useWords();
  const { active, per_second, last_30m } = update;
  const people = (value: number) => (active.exact ? '' : '≈ ') + number(value);
  const rate = (value: number) => number(Math.round(value * 10) / 10);
  return (
    <dl class="stats">
      <Stat name={t('live_active_5')} value={active.last_5m} format={people} />
      <Stat name={t('live_active_30')} value={active.last_30m} format={people} />
      <Stat name={t('live_events_second')} value={per_second.events} format={rate} />
      <Stat name={t('live_views_second')} value={per_second.page_views} format={rate} />
      <Stat name={t('live_events_30')} value={last_30m.events} />
      <Stat name={t('live_views_30')} value={last_30m.page_views} />
    </dl>
  );
}
