// Everything at a glance: four numbers with their trend and comparison, the same
// as charts, and what was on top.

import { useQuestion, type Asked } from '../api/ask';
import type { Answer, Posts, Ranked, Sessions, Summary, SessionNumbers } from '../api/types';
import { TimeChart } from '../charts/timechart';
import type { Shape } from '../charts/series';
import { useWords } from '../i18n';
import { Panel } from '../ui/panel';
import { Ranking } from '../ui/ranking';
import { Stat } from '../ui/stat';
import { Failed, Loading } from '../ui/states';
import { tableOf } from '../ui/table';

export function Overview() {
  const { t } = useWords();
  const summary = useQuestion<Summary>('summary');
  const sessions = useQuestion<Sessions>('sessions');
  const posts = useQuestion<Posts>('posts');
  return (
    <>
      <Numbers summary={summary} sessions={sessions} posts={posts} />
      <div class="grid">
        <Series title={t('active_users')} asked={summary} points={(d) => d.series.active.map((p) => [p.period, p.users])} color={0} />
        <Series title={t('sessions')} asked={sessions} points={(d) => d.series.map((p) => [p.period, p.sessions])} color={1} />
        <Series title={t('events')} asked={summary} points={(d) => d.series.events.map((p) => [p.period, p.events])} shape="bars" color={2} />
        <Series title={t('posts_created')} asked={posts} points={(d) => d.created.map((p) => [p.period, p.posts])} shape="bars" color={3} />
        <Ranking title={t('top_posts')} asked={useQuestion<Ranked[]>('posts/engagement', { limit: '8', compare: '' })} of="post" />
        <Ranking title={t('top_tags')} asked={useQuestion<Ranked[]>('tags/engagement', { limit: '8', compare: '' })} of="tag" />
      </div>
    </>
  );
}

function Numbers({ summary, sessions, posts }: { summary: Asked<Summary>; sessions: Asked<Sessions>; posts: Asked<Posts> }) {
  const { t } = useWords();
  if (summary.problem) return <Failed problem={summary.problem} retry={summary.retry} />;
  if (!summary.answer) return <Loading />;
  const { data, compare } = summary.answer;
  const [now, then] = [data.totals, compare?.data.totals];
  const [visits, visitsThen] = [sessions.answer?.data, sessions.answer?.compare?.data.totals];
  return (
    <dl class={`stats${summary.loading ? ' stale' : ''}`}>
      <Stat name={t('active_users')} value={now.active_users} before={then?.active_users} trend={data.series.active.map((p) => p.users)} color={1} />
      <Stat name={t('sessions')} value={visits?.totals.sessions ?? null} before={visitsThen?.sessions} trend={visits?.series.map((p: SessionNumbers) => p.sessions) ?? []} color={2} />
      <Stat name={t('events')} value={now.events} before={then?.events} trend={data.series.events.map((p) => p.events)} color={3} />
      <Stat name={t('posts_created')} value={now.posts_created} before={then?.posts_created} trend={posts.answer?.data.created.map((p) => p.posts) ?? []} color={4} />
      <Stat name={t('comments')} value={now.comments} before={then?.comments} color={5} />
      <Stat name={t('new_users')} value={now.new_users} before={then?.new_users} color={1} />
      <Stat name={t('page_views')} value={now.page_views} before={then?.page_views} trend={data.series.page_views.map((p) => p.page_views)} color={6} />
    </dl>
  );
}

interface SeriesProps<D> {
  title: string;
  asked: Asked<D>;
  points: (data: D) => [period: string, value: number][];
  color: number;
  shape?: Shape;
}

/** Series is a panel of one number by period. */
function Series<D>({ title, asked, points, color, shape = 'line' }: SeriesProps<D>) {
  const { t, period, number } = useWords();
  const interval = (answer: Answer<D>) => answer.meta.interval ?? 'day';
  return (
    <Panel
      title={title}
      asked={asked}
      empty={({ data, compare }) => [...points(data), ...(compare ? points(compare.data) : [])].every(([, value]) => value === 0)}
      chart={({ data, compare, meta }) => (
        <TimeChart
          name={title}
          periods={points(data).map(([label]) => label)}
          interval={meta.interval ?? 'day'}
          partial={meta.partial}
          shape={shape}
          series={[{ name: title, color, values: points(data).map(([, value]) => value), ...(compare && { before: points(compare.data).map(([, value]) => value) }) }]}
        />
      )}
      table={(answer) =>
        tableOf(
          title,
          points(answer.data).map(([label, value], i) => ({ label, value, before: answer.compare ? (points(answer.compare.data)[i]?.[1] ?? null) : null })),
          [
            { key: 'period', label: t('period'), value: (row) => row.label, show: (row) => period(row.label, interval(answer)) + (answer.meta.partial.includes(row.label) ? ` (${t('partial_mark')})` : '') },
            { key: 'value', label: title, value: (row) => row.value, show: (row) => number(row.value), numeric: true },
            { key: 'before', label: t('compare'), value: (row) => row.before, show: (row) => (row.before === null ? '–' : number(row.before)), numeric: true },
          ],
        )
      }
    />
  );
}
