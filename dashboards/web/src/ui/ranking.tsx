// A ranking of posts or tags, with how they have moved.

import type { Asked } from '../api/ask';
import type { Ranked } from '../api/types';
import { useWords } from '../i18n';
import { address, carried } from '../place';
import { usePlace } from '../router';
import { Panel } from './panel';
import { tableOf } from './tabledata';
import { Way } from './way';

interface Props {
  title: string;
  asked: Asked<Ranked[]>;
  of: 'post' | 'tag';
  /** All that there is to say of each, not people and events alone. */
  full?: boolean;
  wide?: boolean;
}

export function Ranking({ title, asked, of, full, wide }: Props) {
  const { t, number } = useWords();
  const { params } = usePlace();
  const link = (row: Ranked) =>
    of === 'post' ? address('post', carried(params), { object_id: row.post ?? '' }) : address('content', carried(params), { tag: row.tag ?? '' });
  const count = (key: 'users' | 'events' | 'views' | 'comments' | 'reactions' | 'shares', label: string) => ({
    key,
    label,
    value: (row: Ranked) => row[key],
    show: (row: Ranked) => number(row[key]),
    numeric: true,
  });
  return (
    <Panel
      title={title}
      asked={asked}
      wide={wide ?? false}
      table={({ data }) =>
        tableOf(title, data, [
          { key: of, label: t(of), value: (row) => row[of] ?? '', show: (row) => <Way to={link(row)}>{row[of]}</Way> },
          count('users', t('people')),
          count('events', t('events')),
          ...(full ? [count('views', t('views')), count('comments', t('comments')), count('reactions', t('reactions')), count('shares', t('shares'))] : []),
          { key: 'trend', label: t('trend'), value: (row) => row.trend, show: (row) => <Trend share={row.trend} />, numeric: true },
        ])
      }
    />
  );
}

function Trend({ share }: { share: number | null }) {
  const { t, change } = useWords();
  if (share === null) return <span class="trend">{t('new_here')}</span>;
  return <span class={`trend ${share > 0 ? 'up' : share < 0 ? 'down' : ''}`}>{change(share)}</span>;
}
