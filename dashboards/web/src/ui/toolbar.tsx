// What is looked at: range, comparison, interval and zone. All of it goes into
// the address.

import { useContext, useState } from 'preact/hooks';
import { forget, SessionContext, useView } from '../api/ask';
import { useWords } from '../i18n';
import { addDays, intervals, presetNames } from '../range';
import { usePlace } from '../router';
import { Filters } from './filters';
import { Select } from './select';
import { Share } from './share';

interface Props {
  refreshed: () => void;
  /** Neither an interval nor a comparison makes sense. */
  plain: boolean;
}

export function Toolbar({ refreshed, plain }: Props) {
  const { t } = useWords();
  const { change } = usePlace();
  const view = useView();
  const [custom, setCustom] = useState(false);
  const ranges = [...presetNames, 'custom' as const].map((name) => ({ value: name, label: t(`range_${name}`) }));
  const chooseRange = (name: string) => {
    setCustom(name === 'custom');
    if (name !== 'custom') change({ range: name, from: '', to: '' });
  };
  const showDates = custom || view.preset === 'custom';
  return (
    <section class="toolbar" aria-label={t('view')}>
      <Select label={t('range')} value={showDates ? 'custom' : view.preset} options={ranges} choose={chooseRange} />
      {showDates && <Dates key={view.range.from + view.range.to} />}
      {!plain && <Comparing />}
      <Zone />
      <Filters />
      <button
        type="button"
        class="quiet"
        onClick={() => {
          forget();
          refreshed();
        }}
      >
        {t('refresh')}
      </button>
      <Share />
    </section>
  );
}

/** Comparing chooses what to compare with, and by which periods. */
function Comparing() {
  const { t } = useWords();
  const { change } = usePlace();
  const view = useView();
  const automatic = `${t('interval_auto')} (${t(`interval_${view.interval}`)})`;
  return (
    <>
      <Select
        label={t('compare')}
        value={view.compare || 'none'}
        options={(['previous', 'year', 'none'] as const).map((name) => ({ value: name, label: t(`compare_${name}`) }))}
        choose={(name) => change({ compare: name === 'previous' ? '' : name })}
      />
      <Select
        label={t('interval')}
        value={view.intervalChosen}
        options={[{ value: '', label: automatic }, ...intervals.map((name) => ({ value: name, label: t(`interval_${name}`) }))]}
        choose={(name) => change({ interval: name })}
      />
    </>
  );
}

/** Dates are a range of one's own. People name the last day, the API the first one after. */
function Dates() {
  const { t } = useWords();
  const { change } = usePlace();
  const { range } = useView();
  const [from, setFrom] = useState(range.from);
  const [last, setLast] = useState(addDays(range.to, -1));
  const wrong = last < from;
  const apply = (event: Event) => {
    event.preventDefault();
    if (!wrong && from && last) change({ range: '', from, to: addDays(last, 1) });
  };
  return (
    <form class="dates" onSubmit={apply}>
      <label>
        {t('from')}
        <input type="date" required value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
      </label>
      <label>
        {t('until')}
        <input type="date" required value={last} aria-invalid={wrong} onInput={(event) => setLast(event.currentTarget.value)} />
      </label>
      <button type="submit">{t('apply')}</button>
      {wrong && <p role="alert">{t('range_wrong')}</p>}
    </form>
  );
}

/** Zone lists the zones that the browser knows; another one is kept if the address has it. */
function Zone() {
  const { t } = useWords();
  const { change } = usePlace();
  const view = useView();
  const own = useContext(SessionContext).timezone;
  const known = Intl.supportedValuesOf('timeZone');
  const zones = view.timezoneChosen && !known.includes(view.timezoneChosen) ? [view.timezoneChosen, ...known] : known;
  return (
    <Select
      label={t('timezone')}
      value={view.timezoneChosen}
      options={[{ value: '', label: t('timezone_project', { name: own }) }, ...zones.map((name) => ({ value: name, label: name }))]}
      choose={(name) => change({ timezone: name })}
    />
  );
}
