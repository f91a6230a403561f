// Everything at a glance: four numbers with their trend and comparison, the same
// as charts, and what was on top.

import { useQuestion, type Asked } from '../api/ask';
import type { Posts, Ranked, Sessions, Summary } from '../api/types';
import { useWords } from '../i18n';
import { Ranking } from '../ui/ranking';
import { SeriesPanel } from '../ui/series';
import { Stat } from '../ui/stat';
import { Stats } from '../ui/stats';

export function Overview() {
  const { t } = useWords();
  const summary = useQuestion<Summary>('summary');
  const sessions = useQuestion<Sessions>('sessions');
  const posts = useQuestion<Posts>('posts');
  return (
    <>
      <Numbers summary={summary} sessions={sessions} posts={posts} />
      <div class="grid">
        <SeriesPanel
          title={t('active_users')}
          asked={summary}
          part="series_active"
          periods={(d) => d.series.active.map((p) => p.period)}
          lines={(d) => [{ key: 'users', name: t('active_users'), color: 0, values: d.series.active.map((p) => p.users) }]}
        />
        <SeriesPanel
          title={t('sessions')}
          asked={sessions}
          part="series"
          periods={(d) => d.series.map((p) => p.period)}
          lines={(d) => [{ key: 'sessions', name: t('sessions'), color: 1, values: d.series.map((p) => p.sessions) }]}
        />
        <SeriesPanel
          title={t('events')}
          asked={summary}
          part="series_events"
          shape="bars"
          periods={(d) => d.series.events.map((p) => p.period)}
          lines={(d) => [{ key: 'events', name: t('events'), color: 2, values: d.series.events.map((p) => p.events) }]}
        />
        <SeriesPanel
          title={t('posts_created')}
          asked={posts}
          part="created"
          shape="bars"
          periods={(d) => d.created.map((p) => p.period)}
          lines={(d) => [{ key: 'posts', name: t('posts_created'), color: 3, values: d.created.map((p) => p.posts) }]}
        />
        <Ranking title={t('top_posts')} asked={useQuestion<Ranked[]>('posts/engagement', { limit: '8', compare: '' })} of="post" />
        <Ranking title={t('top_tags')} asked={useQuestion<Ranked[]>('tags/engagement', { limit: '8', compare: '' })} of="tag" />
      </div>
    </>
  );
}

interface NumbersProps {
  summary: Asked<Summary>;
  sessions: Asked<Sessions>;
  posts: Asked<Posts>;
}

function Numbers({ summary, sessions, posts }: NumbersProps) {
  const { t } = useWords();
  const visits = sessions.answer?.data;
  return (
    <Stats asked={summary}>
      {({ totals, series }, before) => (
        <>
          <Stat name={t('active_users')} value={totals.active_users} before={before?.totals.active_users} trend={series.active.map((p) => p.users)} color={1} />
          <Stat name={t('sessions')} value={visits?.totals.sessions ?? null} before={sessions.answer?.compare?.data.totals.sessions} trend={visits?.series.map((p) => p.sessions) ?? []} color={2} />
          <Stat name={t('events')} value={totals.events} before={before?.totals.events} trend={series.events.map((p) => p.events)} color={3} />
          <Stat name={t('posts_created')} value={totals.posts_created} before={before?.totals.posts_created} trend={posts.answer?.data.created.map((p) => p.posts) ?? []} color={4} />
          <Stat name={t('comments')} value={totals.comments} before={before?.totals.comments} />
          <Stat name={t('new_users')} value={totals.new_users} before={before?.totals.new_users} />
          <Stat name={t('page_views')} value={totals.page_views} before={before?.totals.page_views} trend={series.page_views.map((p) => p.page_views)} color={6} />
        </>
      )}
    </Stats>
  );
}
