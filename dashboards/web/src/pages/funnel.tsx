// A funnel that one builds by hand: which steps, in which order, within what time.

import { useContext } from 'preact/hooks';
import { useQuestion } from '../api/ask';
import type { Step } from '../api/types';
import { useWords, type Words } from '../i18n';
import { usePlace } from '../router';
import { SharedContext } from '../share';
import { Panel } from '../ui/panel';
import { tableOf } from '../ui/tabledata';
import { Builder } from './funnelbuilder';

export function Funnel() {
  const { t } = useWords();
  const { params } = usePlace();
  const shared = useContext(SharedContext);
  const steps = (params.get('steps') ?? '').split(',').filter(Boolean);
  return (
    <>
      {!shared && <Builder key={params.toString()} steps={steps} />}
      {steps.length > 0 ? (
        <div class="grid">
          <Result steps={steps} breakdown={params.get('breakdown') ?? ''} />
        </div>
      ) : (
        <p class="state">{t('funnel_start')}</p>
      )}
    </>
  );
}

function Result({ steps, breakdown }: { steps: string[]; breakdown: string }) {
  const words = useWords();
  const { t, number, percent } = words;
  const { params } = usePlace();
  const asked = useQuestion<Step[]>('funnel', {
    steps: steps.join(','),
    window: params.get('window') ?? '14d',
    order: params.get('order') ?? 'ordered',
    breakdown,
    times: 'true',
    type: '',
  });
  return (
    <Panel
      title={t('funnel')}
      asked={asked}
      wide
      empty={({ data }) => data.every(({ users }) => users === 0)}
      chart={breakdown ? undefined : ({ data, compare }) => <Steps steps={data} before={compare?.data} words={words} />}
      table={({ data }) =>
        tableOf(t('funnel'), data, [
          { key: 'step', label: t('step'), value: (row) => row.step },
          ...(breakdown ? [{ key: 'value', label: breakdown, value: (row: Step) => row.value ?? '', show: (row: Step) => row.value || t('none') }] : []),
          { key: 'users', label: t('people'), value: (row) => row.users, show: (row) => number(row.users), numeric: true },
          { key: 'share', label: t('of_first'), value: (row) => ofFirst(data, row), show: (row) => percent(ofFirst(data, row) ?? 0), numeric: true },
          { key: 'median_seconds', label: t('median'), value: (row) => row.median_seconds ?? null, show: (row) => time(row.median_seconds, words), numeric: true },
          { key: 'p90_seconds', label: t('p90'), value: (row) => row.p90_seconds ?? null, show: (row) => time(row.p90_seconds, words), numeric: true },
        ])
      }
    />
  );
}

const time = (seconds: number | null | undefined, words: Words) => (seconds == null ? '–' : words.seconds(seconds));

/** ofFirst is a step's share of the first step, of the same value where there is a breakdown; null of nobody. */
function ofFirst(all: Step[], step: Step): number | null {
  const first = all.find(({ value }) => value === step.value);
  return first && first.users > 0 ? step.users / first.users : null;
}

function Steps({ steps, before, words }: { steps: Step[]; before: Step[] | undefined; words: Words }) {
  const { t, number, percent } = words;
  const first = steps[0]?.users ?? 0;
  return (
    <ol class="funnel">
      {steps.map((step, i) => {
        const last = steps[i - 1]?.users ?? step.users;
        const share = first ? step.users / first : 0;
        return (
          <li key={step.step}>
            <strong>{step.step}</strong>
            <span class="track" aria-hidden="true">
              <i style={{ width: `${share * 100}%` }} />
            </span>
            <b>
              {number(step.users)} <small>{t('of_first_says', { share: percent(share) })}</small>
            </b>
            <small>
              {i > 0 && t('step_says', { share: percent(last ? step.users / last : 0), time: time(step.median_seconds, words) })}
              {before?.[i] && ` ${t('before', { value: number(before[i]?.users ?? 0) })}`}
            </small>
          </li>
        );
      })}
    </ol>
  );
}
