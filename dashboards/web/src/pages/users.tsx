// People: how many, how many more, who stays, and how often they come.

import { useQuestion } from '../api/ask';
import type { Lifecycle, Users as UsersData } from '../api/types';
import { useWords } from '../i18n';
import { Panel } from '../ui/panel';
import { SeriesPanel } from '../ui/series';
import { Stat } from '../ui/stat';
import { Stats } from '../ui/stats';
import { tableOf } from '../ui/tabledata';
import { Retention } from './retention';
import { Rolling, Stickiness } from './stickiness';

export function Users() {
  const { t, number } = useWords();
  const users = useQuestion<UsersData>('users');
  return (
    <>
      <Stats asked={users}>
        {({ totals, active, growth }, before) => (
          <>
            <Stat name={t('active_users')} value={totals.active_users} before={before?.totals.active_users} trend={active.map((p) => p.users)} color={1} />
            <Stat name={t('new_users')} value={totals.new_users} before={before?.totals.new_users} trend={growth.map((p) => p.new)} color={2} />
            <Stat name={t('total_users')} value={totals.total_users} before={before?.totals.total_users} trend={growth.map((p) => p.total)} color={4} />
            <Stat name={t('signups')} value={totals.signups} before={before?.totals.signups} />
            <Stat name={t('logins')} value={totals.logins} before={before?.totals.logins} />
          </>
        )}
      </Stats>
      <div class="grid">
        <SeriesPanel
          title={t('active_users')}
          asked={useQuestion<UsersData['active']>('users/active')}
          periods={(d) => d.map((p) => p.period)}
          lines={(d) => [{ key: 'users', name: t('active_users'), color: 0, values: d.map((p) => p.users) }]}
        />
        <SeriesPanel
          title={t('new_users')}
          asked={useQuestion<UsersData['growth']>('users/growth')}
          shape="bars"
          periods={(d) => d.map((p) => p.period)}
          lines={(d) => [{ key: 'new', name: t('new_users'), color: 1, values: d.map((p) => p.new) }]}
        />
        <Accounting />
        <Retention />
        <Rolling />
        <Stickiness />
        <SeriesPanel
          title={t('total_users')}
          asked={useQuestion<UsersData['growth']>('users/growth', { compare: '' })}
          periods={(d) => d.map((p) => p.period)}
          lines={(d) => [{ key: 'total', name: t('total_users'), color: 3, values: d.map((p) => p.total) }]}
        />
        <Panel
          title={t('roles')}
          asked={users}
          part="roles"
          empty={({ data }) => data.roles.length === 0}
          table={({ data }) =>
            tableOf(t('roles'), data.roles, [
              { key: 'role', label: t('role'), value: (row) => row.role, show: (row) => row.role || t('none') },
              { key: 'users', label: t('people'), value: (row) => row.users, show: (row) => number(row.users), numeric: true },
              { key: 'events', label: t('events'), value: (row) => row.events, show: (row) => number(row.events), numeric: true },
            ])
          }
        />
        <SeriesPanel
          title={t('logins')}
          asked={useQuestion<{ period: string; logins: number; users: number }[]>('users/logins', { compare: '' })}
          shape="bars"
          periods={(d) => d.map((p) => p.period)}
          lines={(d) => [
            { key: 'logins', name: t('logins'), color: 4, values: d.map((p) => p.logins) },
            { key: 'users', name: t('people'), color: 6, values: d.map((p) => p.users) },
          ]}
        />
      </div>
    </>
  );
}

/** Accounting shows who came, came back, stayed and left; those who left go down. */
function Accounting() {
  const { t } = useWords();
  return (
    <SeriesPanel
      title={t('lifecycle')}
      asked={useQuestion<Lifecycle[]>('users/lifecycle', { compare: '' })}
      shape="stack"
      wide
      periods={(d) => d.map((p) => p.period)}
      lines={(d) => [
        { key: 'retained', name: t('retained'), color: 0, values: d.map((p) => p.retained) },
        { key: 'resurrected', name: t('resurrected'), color: 1, values: d.map((p) => p.resurrected) },
        { key: 'new', name: t('new'), color: 2, values: d.map((p) => p.new) },
        { key: 'churned', name: t('churned'), color: 4, values: d.map((p) => -p.churned) },
      ]}
    />
  );
}
