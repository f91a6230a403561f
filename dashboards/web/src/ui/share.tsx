// Sharing what is looked at by a link, for admins.

import { useContext, useRef, useState } from 'preact/hooks';
import { SessionContext } from '../api/ask';
import { change, Problem } from '../api/client';
import type { ViewLink } from '../api/types';
import { useWords, type Key } from '../i18n';
import { usePlace } from '../router';
import { viewToShare } from '../share';
import { Copied } from './copied';

export const linksPath = 'api/v1/admin/links';

/** Share is the button and its dialog; nothing for who may only read, and where there is nothing to share. */
export function Share() {
  const { t } = useWords();
  const { scope } = useContext(SessionContext);
  const place = usePlace();
  const dialog = useRef<HTMLDialogElement>(null);
  const [round, setRound] = useState(0); // each time with an empty form
  const view = viewToShare(place);
  if (scope !== 'admin' || view === null) return null;
  return (
    <>
      <button
        type="button"
        class="quiet share"
        onClick={() => {
          setRound(round + 1);
          dialog.current?.showModal();
        }}
      >
        {t('share')}
      </button>
      <dialog ref={dialog} aria-label={t('share_title')}>
        <Making key={round} view={view} title={t(place.page as Key)} close={() => dialog.current?.close()} />
      </dialog>
    </>
  );
}

interface MakingProps {
  view: string;
  title: string;
  close: () => void;
}

function Making({ view, title, close }: MakingProps) {
  const { t } = useWords();
  const [name, setName] = useState(title);
  const [days, setDays] = useState('90');
  const [made, setMade] = useState<ViewLink | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      setMade(await change<ViewLink>('POST', linksPath, { name: name.trim(), view, days: Number(days) }));
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, 'unknown', String(error)));
    }
    setBusy(false);
  };
  if (made) return <Made link={made} close={close} />;
  return (
    <form class="confirm" onSubmit={submit}>
      <h2>{t('share_title')}</h2>
      <p>{t('share_help')}</p>
      <label>
        {t('link_name')}
        <input required maxLength={100} value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <label>
        {t('link_days')}
        <input required type="number" min={1} step={1} value={days} onInput={(event) => setDays(event.currentTarget.value)} />
      </label>
      {problem && <p role="alert">{problem.code === 'unreachable' ? t('unreachable') : problem.message}</p>}
      <div class="choices">
        <button type="button" onClick={close}>
          {t('cancel')}
        </button>
        <button type="submit" class="primary" disabled={busy}>
          {t('link_make')}
        </button>
      </div>
    </form>
  );
}

function Made({ link, close }: { link: ViewLink; close: () => void }) {
  const { t, day } = useWords();
  const url = linkAddress(link);
  return (
    <div class="confirm">
      <h2>{link.name}</h2>
      <p role="status">{t('link_made', { date: day(link.expires_at) })}</p>
      <Copied label={t('link_url')} text={url} />
      <Copied label={t('link_frame')} text={frame(url, link.name)} />
      <p>{t('link_frame_help')}</p>
      <div class="choices">
        <a href="#/keys" onClick={close}>
          {t('links')}
        </a>
        <button type="button" class="primary" onClick={close}>
          {t('close')}
        </button>
      </div>
    </div>
  );
}

/** linkAddress is the link itself: also below a path of a proxy, which the server does not know. */
export const linkAddress = ({ path = '' }: ViewLink) => new URL(path.replace(/^\//, ''), document.baseURI).href;

const inAttribute = (text: string) => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');

const frame = (url: string, name: string) =>
  `<iframe src="${inAttribute(url)}" title="${inAttribute(name)}" width="100%" height="900" style="border:0" loading="lazy" referrerpolicy="no-referrer"></iframe>`;
