// Erasing a person: ordered by who may, after typing the id once more, and then
// followed until it is done. Only the order's own id goes into the address.

import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks';
import { OverContext, SessionContext } from '../api/ask';
import { change, getJSON, Problem } from '../api/client';
import type { Receipt } from '../api/types';
import { useWords } from '../i18n';
import { usePlace } from '../router';
import { Failed, Loading } from './states';

const adminPath = 'api/v1/admin';

const problemOf = (error: unknown) => (error instanceof Problem ? error : new Problem(0, 'unknown', String(error)));

/** Who is to be erased, by one of the two ids. */
export interface Who {
  id: string;
  anonymous: boolean;
  linked: boolean;
}

/** Erase is the button and its dialog, and what has become of an order; nothing for who may only read. */
export function Erase({ who }: { who: Who | null }) {
  const { scope } = useContext(SessionContext);
  const { params, change: go } = usePlace();
  const ordered = params.get('erasure');
  if (scope !== 'admin') return null;
  return (
    <>
      {who && <Ordering who={who} ordered={(id) => go({ erasure: id })} />}
      {ordered && <Following key={ordered} id={ordered} />}
    </>
  );
}

function Ordering({ who, ordered }: { who: Who; ordered: (id: string) => void }) {
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const [round, setRound] = useState(0); // each time with an empty form
  return (
    <>
      <button
        type="button"
        class="danger"
        onClick={() => {
          setRound(round + 1);
          dialog.current?.showModal();
        }}
      >
        {t('erase')}
      </button>
      <dialog ref={dialog} aria-label={t('erase')}>
        <Confirm
          key={round}
          who={who}
          cancel={() => dialog.current?.close()}
          ordered={(id) => {
            dialog.current?.close();
            ordered(id);
          }}
        />
      </dialog>
    </>
  );
}

interface ConfirmProps {
  who: Who;
  cancel: () => void;
  ordered: (id: string) => void;
}

function Confirm({ who, cancel, ordered }: ConfirmProps) {
  const { t } = useWords();
  const [typed, setTyped] = useState('');
  const [block, setBlock] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const help = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const order = { [who.anonymous ? 'anonymous' : 'user']: who.id, linked: who.linked, block };
      ordered((await change<Receipt>('POST', `${adminPath}/erase`, order)).erasure);
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  return (
    <form class="confirm" onSubmit={submit}>
      <h2>{t('erase')}</h2>
      <p id={help}>
        {t('erase_warning')} {who.linked && t('erase_linked')}
      </p>
      <label>
        {t('erase_type', { id: who.id })}
        <input required autocomplete="off" spellcheck={false} aria-describedby={help} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
      </label>
      <label class="check">
        <input type="checkbox" checked={block} onChange={(event) => setBlock(event.currentTarget.checked)} />
        {t('erase_block')}
      </label>
      {problem && <p role="alert">{problem.code === 'unreachable' ? t('unreachable') : problem.message}</p>}
      <div class="choices">
        <button type="button" onClick={cancel}>
          {t('cancel')}
        </button>
        <button type="submit" class="danger" disabled={busy || typed !== who.id}>
          {t('erase_do')}
        </button>
      </div>
    </form>
  );
}

/** lookAgain is how often a receipt is renewed, in milliseconds. */
const lookAgain = 3000;

/** Following asks for the receipt until it is finished. */
function Following({ id }: { id: string }) {
  const [receipt, setReceipt] = useState<Receipt | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  const over = useContext(OverContext);
  useEffect(() => {
    let timer = 0;
    const gone = new AbortController();
    const look = async () => {
      try {
        const found = await getJSON<Receipt>(`${adminPath}/erasures/${encodeURIComponent(id)}`, gone.signal);
        setReceipt(found);
        if (!found.finished_at) timer = window.setTimeout(() => void look(), lookAgain);
      } catch (error) {
        if (gone.signal.aborted) return;
        const why = problemOf(error);
        if (why.status === 401) over();
        setProblem(why);
      }
    };
    setProblem(null);
    void look();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [attempt]);
  if (problem) return <Failed problem={problem} retry={() => setAttempt(attempt + 1)} />;
  return receipt ? <Shown receipt={receipt} /> : <Loading />;
}

function Shown({ receipt }: { receipt: Receipt }) {
  const { t, time, number } = useWords();
  const { timezone } = useContext(SessionContext);
  const title = useId();
  const steps = [
    ['erase_ordered', receipt.ordered_at],
    ['erase_purged', receipt.purged_at],
    ['erase_swept', receipt.swept_at],
    ['erase_finished', receipt.finished_at],
  ] as const;
  const deleted = Object.values(receipt.rows ?? {}).reduce((sum, rows) => sum + rows, 0);
  return (
    <section class="panel receipt" aria-labelledby={title}>
      <header>
        <h2 id={title}>{t('erase_receipt', { id: receipt.erasure })}</h2>
      </header>
      <p role="status" data-state={receipt.state}>
        {t(!receipt.finished_at ? 'erase_under_way' : receipt.clean ? 'erase_clean' : 'erase_found')}
      </p>
      <ol>
        {steps.map(([name, at]) => (
          <li key={name} class={at ? 'done' : ''}>
            {t(name)} <small>{at ? time(at, timezone) : t('erase_not_yet')}</small>
          </li>
        ))}
      </ol>
      {deleted > 0 && <p>{t('erase_rows', { count: number(deleted) })}</p>}
    </section>
  );
}
