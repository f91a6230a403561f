// What people write and what becomes of it: posts and tags, with their trends.

import { useQuestion, useView } from '../api/ask';
import type { Posts, Ranked } from '../api/types';
import { useWords } from '../i18n';
import { address, carried } from '../place';
import { usePlace } from '../router';
import { Panel } from '../ui/panel';
import { Ranking } from '../ui/ranking';
import { SeriesPanel } from '../ui/series';
import { Stat } from '../ui/stat';
import { Stats } from '../ui/stats';
import { tableOf } from '../ui/tabledata';
import { Way } from '../ui/way';

export function Content() {
  const { t } = useWords();
  const { filters } = useView();
  const posts = useQuestion<Posts>('posts');
  const tag = filters['tag'];
  return (
    <>
      <Stats asked={posts}>
        {({ totals, created }, before) => (
          <>
            <Stat name={t('posts_created')} value={totals.created} before={before?.totals.created} trend={created.map((p) => p.posts)} color={4} />
            <Stat name={t('posts_active')} value={totals.posts} before={before?.totals.posts} />
            <Stat name={t('people')} value={totals.people} before={before?.totals.people} />
            <Stat name={t('views')} value={totals.views} before={before?.totals.views} />
            <Stat name={t('comments')} value={totals.comments} before={before?.totals.comments} />
            <Stat name={t('reactions')} value={totals.reactions} before={before?.totals.reactions} />
            <Stat name={t('shares')} value={totals.shares} before={before?.totals.shares} />
          </>
        )}
      </Stats>
      <div class="grid">
        <SeriesPanel
          title={t('posts_created')}
          asked={posts}
          part="created"
          shape="bars"
          wide
          periods={(d) => d.created.map((p) => p.period)}
          lines={(d) => [{ key: 'posts', name: t('posts_created'), color: 3, values: d.created.map((p) => p.posts) }]}
        />
        {tag && <Tagged tag={tag} />}
        <Ranking title={t('top_posts')} asked={useQuestion<Ranked[]>('posts/engagement', { limit: '25', compare: '' })} of="post" full wide />
        <Ranking title={t('top_tags')} asked={useQuestion<Ranked[]>('tags/engagement', { limit: '25', compare: '' })} of="tag" full wide />
      </div>
    </>
  );
}

/** Tagged is about the tag that is filtered by. */
function Tagged({ tag }: { tag: string }) {
  const { t, number } = useWords();
  const { params } = usePlace();
  const title = t('posts_of_tag', { name: tag });
  return (
    <>
      <SeriesPanel
        title={t('people_of_tag', { name: tag })}
        asked={useQuestion<{ period: string; users: number }[]>('users/active')}
        periods={(d) => d.map((p) => p.period)}
        lines={(d) => [{ key: 'users', name: t('people'), color: 0, values: d.map((p) => p.users) }]}
      />
      <Panel
        title={title}
        asked={useQuestion<{ post: string; users: number; events: number }[]>('posts/top', { limit: '10', compare: '' })}
        table={({ data }) =>
          tableOf(title, data, [
            { key: 'post', label: t('post'), value: (row) => row.post, show: (row) => <Way to={address('post', carried(params), { object_id: row.post, tag: '' })}>{row.post}</Way> },
            { key: 'users', label: t('people'), value: (row) => row.users, show: (row) => number(row.users), numeric: true },
            { key: 'events', label: t('events'), value: (row) => row.events, show: (row) => number(row.events), numeric: true },
          ])
        }
      />
    </>
  );
}
