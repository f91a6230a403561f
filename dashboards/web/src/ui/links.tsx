// The links to views that there are, and a way to revoke them.

import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks';
import { OverContext, SessionContext } from '../api/ask';
import { change, getJSON, Problem } from '../api/client';
import type { ViewLink } from '../api/types';
import { useWords } from '../i18n';
import { linkAddress, linksPath } from './share';
import { Failed, Loading } from './states';

const problemOf = (error: unknown) => (error instanceof Problem ? error : new Problem(0, 'unknown', String(error)));

export function Links() {
  const { t } = useWords();
  const [links, setLinks] = useState<ViewLink[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const over = useContext(OverContext);
  const title = useId();
  const look = () => {
    setProblem(null);
    getJSON<{ links: ViewLink[] }>(linksPath).then(
      (list) => setLinks(list.links),
      (error: unknown) => {
        const why = problemOf(error);
        if (why.status === 401) over();
        setProblem(why);
      },
    );
  };
  useEffect(look, []);
  return (
    <section class="panel wide" aria-labelledby={title}>
      <header>
        <h2 id={title}>{t('links')}</h2>
      </header>
      {problem ? <Failed problem={problem} retry={look} /> : !links ? <Loading /> : links.length === 0 ? <p class="state">{t('links_none')}</p> : <List links={links} changed={look} />}
    </section>
  );
}

function List({ links, changed }: { links: ViewLink[]; changed: () => void }) {
  const { t, time } = useWords();
  const { timezone } = useContext(SessionContext);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('links')}>
      <table class="keys links">
        <thead>
          <tr>
            {(['link_name', 'link_view', 'key_state', 'key_made', 'link_expires'] as const).map((key) => (
              <th key={key} scope="col">
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {links.map((link) => (
            <tr key={link.id}>
              <th scope="row">{link.path ? <a href={linkAddress(link)}>{link.name}</a> : link.name}</th>
              <td>
                <a href={`#/${link.view}`}>{decoded(link.view)}</a>
              </td>
              <td>
                {link.state === 'good' && <Revoking of={link} revoked={changed} />}
                {link.state === 'expired' && t('link_expired')}
                {link.revoked_at && t('key_revoked', { time: time(link.revoked_at, timezone) })}
              </td>
              <td>{time(link.created_at, timezone)}</td>
              <td>{time(link.expires_at, timezone)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** decoded writes a view for people: the server took it, so that it can be read. */
function decoded(view: string): string {
  const [page = '', query = ''] = view.split('?', 2);
  const said = [...new URLSearchParams(query)].map(([name, value]) => `${name}=${value}`);
  return [page, ...said].join(' ');
}

/** Revoking asks once more: it cannot be undone. */
function Revoking({ of, revoked }: { of: ViewLink; revoked: () => void }) {
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const title = t('key_revoke_name', { name: of.name });
  const revoke = async () => {
    try {
      await change('DELETE', `${linksPath}/${encodeURIComponent(of.id)}`);
      dialog.current?.close();
      revoked();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <>
      <button type="button" class="danger" aria-label={title} onClick={() => dialog.current?.showModal()}>
        {t('key_revoke')}
      </button>
      <dialog ref={dialog} aria-label={title}>
        <div class="confirm">
          <h2>{title}</h2>
          <p>{t('link_revoke_warning')}</p>
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
