// The project and its keys, for who signed in with an admin key.

import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks';
import { OverContext, SessionContext } from '../api/ask';
import { change, getJSON, Problem } from '../api/client';
import type { ApiKey, ProjectInfo } from '../api/types';
import { useWords } from '../i18n';
import { Links } from '../ui/links';
import { Select } from '../ui/select';
import { Failed, Loading } from '../ui/states';

const keysPath = 'api/v1/admin/keys';

const problemOf = (error: unknown) => (error instanceof Problem ? error : new Problem(0, 'unknown', String(error)));

interface State {
  keys: ApiKey[];
  project: ProjectInfo;
}

export function Keys() {
  const { t } = useWords();
  const { scope } = useContext(SessionContext);
  return scope === 'admin' ? <Managed /> : <p class="state">{t('keys_admin_only')}</p>;
}

function Managed() {
  const [state, setState] = useState<State | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const over = useContext(OverContext);
  const look = () => {
    setProblem(null);
    Promise.all([getJSON<{ keys: ApiKey[] }>(keysPath), getJSON<ProjectInfo>('api/v1/admin/project')]).then(
      ([{ keys }, project]) => setState({ keys, project }),
      (error: unknown) => {
        const why = problemOf(error);
        if (why.status === 401) over();
        setProblem(why);
      },
    );
  };
  useEffect(look, []);
  if (problem) return <Failed problem={problem} retry={look} />;
  if (!state) return <Loading />;
  return (
    <div class="grid">
      <AboutProject project={state.project} />
      <Making made={look} />
      <List keys={state.keys} changed={look} />
      <Links />
    </div>
  );
}

function AboutProject({ project }: { project: ProjectInfo }) {
  const { t, day, number } = useWords();
  const days = (count: number) => (count === 0 ? t('kept_for_ever') : t('kept_days', { count: number(count) }));
  const { raw, people, counters } = project.retention_days;
  const title = useId();
  return (
    <section class="panel" aria-labelledby={title}>
      <header>
        <h2 id={title}>{t('project', { name: project.project })}</h2>
      </header>
      <dl class="facts">
        <dt>{t('timezone')}</dt>
        <dd>
          {project.zones.map(({ zone, until }) => (
            <p key={zone + until}>{until ? t('zone_until', { zone, date: day(until) }) : zone}</p>
          ))}
        </dd>
        <dt>{t('kept_raw')}</dt>
        <dd>{days(raw)}</dd>
        <dt>{t('kept_people')}</dt>
        <dd>{days(people)}</dd>
        <dt>{t('kept_counters')}</dt>
        <dd>{days(counters)}</dd>
        <dt>{t('origins')}</dt>
        <dd>{project.origins.join(', ') || t('none')}</dd>
      </dl>
    </section>
  );
}

const scopes = ['write', 'read', 'admin'] as const;

/** Making asks for a new key, which is shown this once. */
function Making({ made }: { made: () => void }) {
  const { t } = useWords();
  const [scope, setScope] = useState<ApiKey['scope']>('write');
  const [label, setLabel] = useState('');
  const [secret, setSecret] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const title = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      setSecret((await change<ApiKey>('POST', keysPath, { scope, label: label.trim() })).key ?? '');
      setLabel('');
      made();
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  return (
    <section class="panel" aria-labelledby={title}>
      <header>
        <h2 id={title}>{t('key_make')}</h2>
      </header>
      <form class="confirm" onSubmit={submit}>
        <Select label={t('key_scope')} value={scope} options={scopes.map((name) => ({ value: name, label: t(`scope_${name}`) }))} choose={(name) => setScope(name as typeof scope)} />
        <label>
          {t('key_label')}
          <input required maxLength={100} value={label} onInput={(event) => setLabel(event.currentTarget.value)} />
        </label>
        {problem && <p role="alert">{problem.code === 'unreachable' ? t('unreachable') : problem.message}</p>}
        <button type="submit" disabled={busy}>
          {t('key_make')}
        </button>
      </form>
      <div role="status">
        {secret && (
          <p class="secret">
            {t('key_once')}
            <code>{secret}</code>
          </p>
        )}
      </div>
    </section>
  );
}

function List({ keys, changed }: { keys: ApiKey[]; changed: () => void }) {
  const { t, time } = useWords();
  const { timezone } = useContext(SessionContext);
  const title = useId();
  return (
    <section class="panel wide" aria-labelledby={title}>
      <header>
        <h2 id={title}>{t('keys')}</h2>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label={t('keys')}>
        <table class="keys">
          <thead>
            <tr>
              {(['key_label', 'key_scope', 'key_state', 'key_made', 'id'] as const).map((key) => (
                <th key={key} scope="col">
                  {t(key)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <tr key={key.id}>
                <th scope="row">
                  {key.label || '–'} {key.own && <small>{t('key_own')}</small>}
                </th>
                <td>{t(`scope_${key.scope}`)}</td>
                <td>{key.revoked_at ? t('key_revoked', { time: time(key.revoked_at, timezone) }) : <Revoking of={key} revoked={changed} />}</td>
                <td>{time(key.created_at, timezone)}</td>
                <td>
                  <code>{key.id}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Revoking asks once more: it cannot be undone, and one's own key ends the session. */
function Revoking({ of, revoked }: { of: ApiKey; revoked: () => void }) {
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const name = of.label || of.id;
  const revoke = async () => {
    try {
      await change('DELETE', `${keysPath}/${encodeURIComponent(of.id)}${of.own ? '?own=true' : ''}`);
      dialog.current?.close();
      revoked();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <>
      <button type="button" class="danger" aria-label={t('key_revoke_name', { name })} onClick={() => dialog.current?.showModal()}>
        {t('key_revoke')}
      </button>
      <dialog ref={dialog} aria-label={t('key_revoke_name', { name })}>
        <div class="confirm">
          <h2>{t('key_revoke_name', { name })}</h2>
          <p>
            {t('key_revoke_warning')} {of.own && t('key_revoke_own')}
          </p>
          {problem && <p role="alert">{problem.code === 'unreachable' ? t('unreachable') : problem.message}</p>}
          <div class="choices">
            <button type="button" onClick={() => dialog.current?.close()}>
              {t('cancel')}
            </button>
            <button type="button" class="danger" onClick={() => void revoke()}>
              {t('key_revoke')}
            </button>
          </div>
        </div>
      </dialog>
    </>
  );
}
