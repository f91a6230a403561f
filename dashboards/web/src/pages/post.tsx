// One post: who acted on it, and how, over time.

import { useContext } from 'preact/hooks';
import { useQuestion } from '../api/ask';
import type { Engagement } from '../api/types';
import { useWords } from '../i18n';
import { address, carried } from '../place';
import { usePlace } from '../router';
import { SharedContext } from '../share';
import { Lookup } from '../ui/lookup';
import { SeriesPanel } from '../ui/series';
import { Stat } from '../ui/stat';
import { Stats } from '../ui/stats';

interface OnePost {
  totals: Engagement;
  series: (Engagement & { period: string })[];
}

export function Post() {
  const { t } = useWords();
  const { params, change } = usePlace();
  const shared = useContext(SharedContext);
  const id = params.get('object_id') ?? '';
  return (
    <>
      {shared ? (
        <p>
          {t('post')}: <strong>{id}</strong>
        </p>
      ) : (
        <>
          <p class="back">
            <a href={address('content', carried(params))}>← {t('content')}</a>
          </p>
          <Lookup key={id} label={t('post_id')} value={id} find={(value) => change({ object_id: value })} />
        </>
      )}
      {id && <Found id={id} />}
    </>
  );
}

const numbers = ['users', 'events', 'views', 'comments', 'reactions', 'shares'] as const;

function Found({ id }: { id: string }) {
  const { t } = useWords();
  const post = useQuestion<OnePost>('posts/one', { object_id: id });
  const nameOf = (key: (typeof numbers)[number]) => (key === 'users' ? t('people') : t(key));
  return (
    <>
      <Stats asked={post}>
        {({ totals, series }, before) => numbers.map((key) => <Stat key={key} name={nameOf(key)} value={totals[key]} before={before?.totals[key]} trend={series.map((p) => p[key])} />)}
      </Stats>
      <div class="grid">
        <SeriesPanel
          title={t('people')}
          asked={post}
          part="series"
          periods={(d) => d.series.map((p) => p.period)}
          lines={(d) => [{ key: 'users', name: t('people'), color: 0, values: d.series.map((p) => p.users) }]}
        />
        <SeriesPanel
          title={t('what_happened')}
          asked={useQuestion<OnePost>('posts/one', { object_id: id, compare: '' })}
          part="series"
          shape="stack"
          periods={(d) => d.series.map((p) => p.period)}
          lines={(d) => (['views', 'comments', 'reactions', 'shares'] as const).map((key, i) => ({ key, name: t(key), color: i + 1, values: d.series.map((p) => p[key]) }))}
        />
      </div>
    </>
  );
}
