// The newest rows of the live stream.

import { useId } from 'preact/hooks';
import { useView } from '../api/ask';
import type { LiveRow } from '../api/types';
import { useWords } from '../i18n';

/** Listed is a row with a number of its own, so that only new ones light up. */
export interface Listed {
  row: LiveRow;
  key: number;
}

interface Props {
  listed: Listed[];
  unlisted: number;
  /** Nothing was told yet. */
  waiting: boolean;
}

export function LiveLatest({ listed, unlisted, waiting }: Props) {
  const { t, number } = useWords();
  const id = useId();
  return (
    <section class="panel wide" aria-labelledby={id}>
      <header>
        <h2 id={id}>{t('live_latest')}</h2>
      </header>
      {listed.length > 0 ? <Rows listed={listed} /> : !waiting && <p class="state">{t('live_nothing')}</p>}
      {unlisted > 0 && <footer class="remarks">{t('live_unlisted', { count: number(unlisted) })}</footer>}
    </section>
  );
}

function Rows({ listed }: { listed: Listed[] }) {
  const { t, clock } = useWords();
  const { timezone } = useView();
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('live_latest')}>
      <table class="feed">
        <caption class="unseen">{t('live_latest')}</caption>
        <thead>
          <tr>
            {(['when', 'what', 'object', 'role'] as const).map((key) => (
              <th key={key} scope="col">
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {listed.map(({ row, key }) => (
            <tr key={key}>
              <td>
                <time dateTime={row.occurred_at}>{clock(row.occurred_at, timezone)}</time>
              </td>
              <th scope="row">{row.type ?? t('page_view')}</th>
              <td>{row.path ?? [row.object_type, row.object_id].filter(Boolean).join(' ')}</td>
              <td>{row.role}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
