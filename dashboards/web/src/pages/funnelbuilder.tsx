// Choosing the steps of a funnel. It is asked when it is ready, not at each change.

import { useId, useState } from 'preact/hooks';
import { useQuestion } from '../api/ask';
import { useWords } from '../i18n';
import { usePlace } from '../router';
import { Select } from '../ui/select';

const mostSteps = 10;

const windows = ['1h', '1d', '7d', '14d', '30d', '90d', '366d'];

const wasThere = (list: string[], value: string) => (list.includes(value) ? list : [...list, value]);

export function Builder({ steps: asked }: { steps: string[] }) {
  const { t } = useWords();
  const { params, change } = usePlace();
  const [steps, setSteps] = useState(asked.length ? asked : ['', '']);
  const [window, setWindow] = useState(params.get('window') ?? '14d');
  const [order, setOrder] = useState(params.get('order') ?? 'ordered');
  const [breakdown, setBreakdown] = useState(params.get('breakdown') ?? '');
  const submit = (event: Event) => {
    event.preventDefault();
    change({ steps: steps.map((step) => step.trim()).filter(Boolean).join(','), window, order, breakdown });
  };
  const breakdowns = wasThere(['', 'role', 'object_type'], breakdown);
  return (
    <form class="builder" onSubmit={submit}>
      <fieldset>
        <legend>{t('steps')}</legend>
        <Steps steps={steps} set={setSteps} />
      </fieldset>
      <div class="tools">
        <Select label={t('within')} value={window} options={wasThere(windows, window).map((value) => ({ value, label: value }))} choose={setWindow} />
        <Select label={t('order')} value={order} options={(['ordered', 'strict'] as const).map((value) => ({ value, label: t(`order_${value}`) }))} choose={setOrder} />
        <Select
          label={t('breakdown')}
          value={breakdown}
          options={breakdowns.map((value) => ({ value, label: value === '' ? t('none') : value === 'role' || value === 'object_type' ? t(value) : value }))}
          choose={setBreakdown}
        />
        <button type="submit">{t('show')}</button>
      </div>
    </form>
  );
}

function Steps({ steps, set }: { steps: string[]; set: (steps: string[]) => void }) {
  const { t } = useWords();
  const list = useId();
  const { answer } = useQuestion<{ type: string }[]>('events/types', { type: '', compare: '' });
  const put = (place: number, value: string) => set(steps.map((step, i) => (i === place ? value : step)));
  return (
    <>
      <datalist id={list}>
        {answer?.data.map(({ type }) => (
          <option key={type} value={type} />
        ))}
      </datalist>
      <ol class="steps">
        {steps.map((step, i) => (
          <li key={i}>
            <input required={i === 0} list={list} aria-label={t('step_n', { n: i + 1 })} value={step} onInput={(event) => put(i, event.currentTarget.value)} />
            {steps.length > 1 && (
              <button type="button" class="quiet" aria-label={t('step_remove', { n: i + 1 })} onClick={() => set(steps.filter((_, place) => place !== i))}>
                ×
              </button>
            )}
          </li>
        ))}
        {steps.length < mostSteps && (
          <li>
            <button type="button" class="quiet" onClick={() => set([...steps, ''])}>
              {t('step_add')}
            </button>
          </li>
        )}
      </ol>
    </>
  );
}
