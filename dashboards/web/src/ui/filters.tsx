// Filters by role, type, tag and so on: those that are set, and a way to add one.

import { useId, useState } from 'preact/hooks';
import { useQuestion, useView } from '../api/ask';
import type { Users } from '../api/types';
import { useWords } from '../i18n';
import { usePlace } from '../router';
import { filterNames } from '../view';
import { useFilterName } from './remarks';
import { Select } from './select';

export function Filters() {
  const { t } = useWords();
  const { change } = usePlace();
  const nameOf = useFilterName();
  const { filters } = useView();
  const [adding, setAdding] = useState(false);
  return (
    <div class="filters" role="group" aria-label={t('filters')}>
      {Object.entries(filters).map(([name, value]) => (
        <button key={name} type="button" class="chip" aria-label={t('filter_remove', { name: `${nameOf(name)}: ${value}` })} onClick={() => change({ [name]: '' })}>
          {nameOf(name)}: <b>{value}</b> <span aria-hidden="true">×</span>
        </button>
      ))}
      <button type="button" class="quiet" aria-expanded={adding} onClick={() => setAdding(!adding)}>
        {t('filter_add')}
      </button>
      {adding && <Adding done={() => setAdding(false)} />}
    </div>
  );
}

function Adding({ done }: { done: () => void }) {
  const { t } = useWords();
  const { change } = usePlace();
  const [by, setBy] = useState<(typeof filterNames)[number] | 'property'>('role');
  const [property, setProperty] = useState('');
  const [value, setValue] = useState('');
  const list = useId();
  const apply = (event: Event) => {
    event.preventDefault();
    const name = by === 'property' ? `property.${property.trim()}` : by;
    change({ [name]: value.trim() });
    done();
  };
  return (
    <form class="adding" onSubmit={apply}>
      <Select
        label={t('filter_by')}
        value={by}
        options={[...filterNames, 'property' as const].map((name) => ({ value: name, label: t(name) }))}
        choose={(name) => setBy(name as typeof by)}
      />
      {by === 'property' && (
        <label>
          {t('filter_property')}
          <input required value={property} onInput={(event) => setProperty(event.currentTarget.value)} />
        </label>
      )}
      <label>
        {t('filter_value')}
        <input required list={list} value={value} onInput={(event) => setValue(event.currentTarget.value)} />
      </label>
      <datalist id={list}>
        {by === 'role' && <Roles />}
        {by === 'type' && <Types />}
        {by === 'tag' && <Tags />}
        {by === 'bot' && ['true', 'false'].map((value) => <option key={value} value={value} />)}
      </datalist>
      <button type="submit">{t('apply')}</button>
    </form>
  );
}

const unfiltered = { role: '', type: '', tag: '', object_type: '', compare: '' };

function Roles() {
  const { answer } = useQuestion<Users>('users', unfiltered);
  return <>{answer?.data.roles.map(({ role }) => role && <option key={role} value={role} />)}</>;
}

function Types() {
  const { answer } = useQuestion<{ type: string }[]>('events/types', unfiltered);
  return <>{answer?.data.map(({ type }) => <option key={type} value={type} />)}</>;
}

function Tags() {
  const { answer } = useQuestion<{ tag: string }[]>('tags/top', { ...unfiltered, limit: '50' });
  return <>{answer?.data.map(({ tag }) => <option key={tag} value={tag} />)}</>;
}
