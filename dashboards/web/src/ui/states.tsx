// What a panel shows when it has nothing to show: each says what to do.

import { useContext } from 'preact/hooks';
import type { Problem } from '../api/client';
import { useView } from '../api/ask';
import { useWords } from '../i18n';
import { address } from '../place';
import { usePlace } from '../router';
import { SharedContext } from '../share';

export function Loading() {
  const { t } = useWords();
  return (
    <div class="state" role="status">
      <div class="skeleton" aria-hidden="true" />
      <span class="unseen">{t('loading')}</span>
    </div>
  );
}

/** Failed shows what the server said of it. */
export function Failed({ problem, retry }: { problem: Problem; retry: () => void }) {
  const { t } = useWords();
  return (
    <div class="state" role="alert">
      <strong>{t('failed')}</strong>
      <p>{problem.code === 'unreachable' ? t('unreachable') : problem.message}</p>
      {problem.status === 422 && <p>{t('too_much')}</p>}
      <button type="button" onClick={retry}>
        {t('retry')}
      </button>
      {problem.requestId && <small>{t('request_id', { id: problem.requestId })}</small>}
    </div>
  );
}

export function Empty() {
  const { t } = useWords();
  const { page, params, change } = usePlace();
  const { preset, filters } = useView();
  const shared = useContext(SharedContext);
  const names = Object.keys(filters);
  return (
    <div class="state">
      <strong>{t('empty')}</strong>
      {!shared && names.length > 0 && (
        <>
          <p>{t('empty_filters')}</p>
          <button type="button" onClick={() => change(Object.fromEntries(names.map((name) => [name, ''])))}>
            {t('filters_clear')}
          </button>
        </>
      )}
      {!shared && preset !== '5y' && <a href={address(page, params, { range: '5y', from: '', to: '' })}>{t('empty_try')}</a>}
    </div>
  );
}
