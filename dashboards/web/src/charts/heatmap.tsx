// Retention as a heat map, which is a table: every cell says its share, and is the
// darker the greater it is.

import type { Cohort } from '../api/types';
import { useWords } from '../i18n';

interface Props {
  caption: string;
  cohorts: Cohort[];
  average: (number | null)[];
  interval: string;
}

export function Heatmap({ caption, cohorts, average, interval }: Props) {
  const { t, number, period } = useWords();
  const width = average.length;
  return (
    <div class="scroll heat" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t('cohort')}</th>
            <th scope="col" class="number">
              {t('people')}
            </th>
            {Array.from({ length: width }, (_, n) => (
              <th key={n} scope="col" class="number">
                {n}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr class="average">
            <th scope="row">{t('average')}</th>
            <td class="number">{number(cohorts.reduce((sum, { size }) => sum + size, 0))}</td>
            {average.map((share, n) => (
              <Heat key={n} share={share} />
            ))}
          </tr>
          {cohorts.map((row) => (
            <tr key={row.cohort}>
              <th scope="row">{period(row.cohort, interval)}</th>
              <td class="number">{number(row.size)}</td>
              {row.cells.map((count, n) => (
                <Heat key={n} share={count === null || row.size === 0 ? null : count / row.size} count={count} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Heat is one cell; what is not over, or of nobody, is empty. The text keeps its contrast: the colour goes half way at most. */
function Heat({ share, count }: { share: number | null; count?: number | null }) {
  const { percent, number } = useWords();
  if (share === null) return <td />;
  const strength = Math.round(share * 42);
  return (
    <td class="number" title={count == null ? undefined : number(count)} style={{ background: `color-mix(in srgb, var(--series-1) ${strength}%, transparent)` }}>
      {percent(share)}
    </td>
  );
}
