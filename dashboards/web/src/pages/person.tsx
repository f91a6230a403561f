// What one person did, the newest first. Who it is stands in the address, behind
// the #, and is sent to this server alone.

import { useState } from 'preact/hooks';
import { useAddress, useQuestion, type Asked } from '../api/ask';
import { analytics } from '../api/client';
import type { Answer, Moment } from '../api/types';
import { useWords } from '../i18n';
import { usePlace } from '../router';
import { Erase } from '../ui/erase';
import { Lookup } from '../ui/lookup';
import { Panel } from '../ui/panel';
import { Select } from '../ui/select';
import { tableOf } from '../ui/tabledata';

const kinds = ['user_id', 'anonymous_id'] as const;

export function Person() {
  const { t } = useWords();
  const { params, change } = usePlace();
  const known = kinds.find((name) => params.get(name));
  const [chosen, setChosen] = useState<(typeof kinds)[number]>(known ?? 'user_id');
  const id = params.get(chosen) ?? '';
  const linked = params.get('linked') === 'true';
  return (
    <>
      <div class="tools">
        <Select label={t('find_by')} value={chosen} options={kinds.map((name) => ({ value: name, label: t(name) }))} choose={(name) => setChosen(name as typeof chosen)} />
        <Lookup key={chosen + id} label={t('id')} value={id} find={(value) => change({ user_id: '', anonymous_id: '', erasure: '', [chosen]: value })} />
        <label class="check">
          <input type="checkbox" checked={linked} onChange={(event) => change({ linked: event.currentTarget.checked ? 'true' : '' })} />
          {t('linked')}
        </label>
      </div>
      <Erase who={id ? { id, anonymous: chosen === 'anonymous_id', linked } : null} />
      {id ? <Timeline key={chosen + id + linked} who={{ [chosen]: id, linked: String(linked) }} /> : <p class="state">{t('person_start')}</p>}
    </>
  );
}

interface Linked {
  linked: { user_id?: string; anonymous_id?: string }[];
}

function Timeline({ who }: { who: Record<string, string> }) {
  const { t } = useWords();
  const asked = useQuestion<Moment[], Linked>('users/timeline', { ...who, compare: '' });
  const [cursors, setCursors] = useState<string[]>([]);
  const next = asked.answer?.meta.next_cursor;
  const pages = cursors.length ? cursors : [];
  return (
    <div class="grid">
      <Moments asked={asked} title={t('timeline')} />
      {pages.map((cursor, i) => (
        <Later key={cursor} first={asked.address} cursor={cursor} title={`${t('timeline')} ${i + 2}`} goOn={(found) => setCursors([...pages, found])} last={i === pages.length - 1} />
      ))}
      {next && pages.length === 0 && (
        <button type="button" onClick={() => setCursors([next])}>
          {t('more')}
        </button>
      )}
    </div>
  );
}

interface LaterProps {
  first: string;
  cursor: string;
  title: string;
  last: boolean;
  goOn: (cursor: string) => void;
}

/** Later is a further page of the same question. */
function Later({ first, cursor, title, last, goOn }: LaterProps) {
  const { t } = useWords();
  const params = Object.fromEntries(new URLSearchParams(first.split('?')[1]));
  const asked = { ...useAddress<Answer<Moment[], Linked>>(analytics('users/timeline', { ...params, cursor })), unfit: [] };
  const next = asked.answer?.meta.next_cursor;
  return (
    <>
      <Moments asked={asked} title={title} />
      {last && next && (
        <button type="button" onClick={() => goOn(next)}>
          {t('more')}
        </button>
      )}
    </>
  );
}

function Moments({ asked, title }: { asked: Asked<Moment[], Linked>; title: string }) {
  const { t, time } = useWords();
  return (
    <Panel
      title={title}
      asked={asked}
      wide
      table={({ data, meta }) =>
        tableOf(title, data, [
          { key: 'at', label: t('when'), value: (row) => row.at, show: (row) => <time dateTime={row.at}>{time(row.at, meta.timezone)}</time> },
          { key: 'type', label: t('what'), value: (row) => row.type ?? row.kind, show: (row) => row.type ?? t('page_view') },
          { key: 'object', label: t('object'), value: aboutWhat },
          { key: 'role', label: t('role'), value: (row) => row.role ?? '' },
          { key: 'tags', label: t('tags'), value: (row) => row.tags?.join(' ') ?? '' },
          { key: 'properties', label: t('properties'), value: (row) => propertiesOf(row) },
        ])
      }
    />
  );
}

const aboutWhat = (row: Moment) => row.path ?? [row.object_type, row.object_id].filter(Boolean).join(' ');

const propertiesOf = (row: Moment) =>
  Object.entries(row.properties ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
