import { useState } from 'preact/hooks';
import { Problem, signIn } from '../api/client';
import type { Session } from '../api/types';
import { useWords } from '../i18n';

interface Props {
  over: boolean; // a session was there, and is no more
  signedIn: (session: Session) => void;
}

/** SignIn asks for a key. It goes to the server once, and is not kept in the page. */
export function SignIn({ over, signedIn }: Props) {
  const { t } = useWords();
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      signedIn(await signIn(key.trim()));
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, 'unknown', String(error)));
      setBusy(false);
    }
  };
  return (
    <main class="signin">
      <form onSubmit={submit}>
        <h1>Ibarura</h1>
        <p>{t('sign_in_title')}</p>
        {over && !problem && <p role="status">{t('session_over')}</p>}
        <input type="text" name="username" autocomplete="username" value="ibarura" readOnly hidden />
        <label>
          {t('api_key')}
          <input
            type="password"
            name="key"
            autocomplete="current-password"
            required
            aria-invalid={problem !== null}
            aria-describedby="key-help"
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        {problem && <p role="alert">{useSentence(problem)}</p>}
        <button type="submit" class="primary" disabled={busy}>
          {t('sign_in')}
        </button>
        <small id="key-help">{t('key_help')}</small>
      </form>
    </main>
  );
}

function useSentence(problem: Problem): string {
  const { t } = useWords();
  switch (problem.code) {
    case 'unauthorized':
      return t('key_unknown');
    case 'forbidden':
      return t('key_writes');
    case 'unreachable':
      return t('unreachable');
    default:
      return problem.message;
  }
}
