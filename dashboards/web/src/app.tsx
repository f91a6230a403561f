// The frame of every page: who is signed in, where one is, and how it looks.

import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks';
import { OverContext, SessionContext, forget } from './api/ask';
import { currentSession, Problem, signOut } from './api/client';
import type { Session } from './api/types';
import { LanguageContext, preferredLanguage, rememberLanguage, useWords, type Language } from './i18n';
import { pages, type Page } from './pages';
import { address, carried, type Place } from './place';
import { PlaceContext, usePlaceOfWindow } from './router';
import { ShadeContext, useTheme } from './theme';
import { Settings } from './ui/settings';
import { SignIn } from './ui/signin';
import { Failed, Loading } from './ui/states';
import { Toolbar } from './ui/toolbar';

export function App() {
  const [language, setLanguage] = useState(preferredLanguage);
  const { theme, shade, choose } = useTheme();
  document.documentElement.lang = language;
  const speak = (next: Language) => {
    rememberLanguage(next);
    setLanguage(next);
  };
  const settings = <Settings language={language} speak={speak} theme={theme} choose={choose} />;
  return (
    <LanguageContext.Provider value={language}>
      <ShadeContext.Provider value={shade}>
        <Gate settings={settings} />
      </ShadeContext.Provider>
    </LanguageContext.Provider>
  );
}

/** Gate shows the dashboard to who is signed in, and the way to sign in to everybody else. */
function Gate({ settings }: { settings: preact.JSX.Element }) {
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [over, setOver] = useState(false);
  const fail = useCallback((error: unknown) => setProblem(error instanceof Problem ? error : new Problem(0, 'unknown', String(error))), []);
  const look = useCallback(() => {
    setProblem(null);
    currentSession().then(setSession, fail);
  }, [fail]);
  useEffect(look, [look]);
  const ended = useCallback(() => {
    forget();
    setOver(true);
    setSession(null);
  }, []);
  const leave = () =>
    signOut().then(() => {
      forget();
      setOver(false);
      setSession(null);
    }, fail);
  if (problem) return <main class="signin"><Failed problem={problem} retry={look} /></main>;
  if (session === undefined) return <main class="signin"><Loading /></main>;
  if (session === null) {
    return (
      <>
        <SignIn over={over} signedIn={setSession} />
        <div class="corner">{settings}</div>
      </>
    );
  }
  return (
    <SessionContext.Provider value={session}>
      <OverContext.Provider value={ended}>
        <Frame session={session} settings={settings} leave={leave} />
      </OverContext.Provider>
    </SessionContext.Provider>
  );
}

interface FrameProps {
  session: Session;
  settings: preact.JSX.Element;
  leave: () => Promise<void>;
}

function Frame({ session, settings, leave }: FrameProps) {
  const { t } = useWords();
  const place = usePlaceOfWindow();
  const [round, setRound] = useState(0);
  const page = pages.find(({ name }) => name === place.page);
  const main = useRef<HTMLElement>(null);
  const title = page ? t(page.name) : t('not_found');
  useEffect(() => {
    document.title = `${title} – Ibarura`;
  }, [title]);
  return (
    <PlaceContext.Provider value={place}>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {t('skip')}
      </button>
      <div class="frame">
        <aside>
          <div class="brand">
            <strong>Ibarura</strong>
            <small>{t('project', { name: session.project })}</small>
          </div>
          <Navigation place={place} />
          <div class="foot">
            {settings}
            <button type="button" class="quiet" onClick={() => void leave()}>
              {t('sign_out')}
            </button>
          </div>
        </aside>
        <main ref={main} tabIndex={-1}>
          <h1>{title}</h1>
          {page ? <Content key={`${page.name}${round}`} page={page} refreshed={() => setRound(round + 1)} /> : <a href="#/">{t('to_overview')}</a>}
        </main>
      </div>
    </PlaceContext.Provider>
  );
}

function Content({ page, refreshed }: { page: Page; refreshed: () => void }) {
  return (
    <>
      {!page.timeless && <Toolbar refreshed={refreshed} plain={page.plain === true} />}
      <page.show />
    </>
  );
}

function Navigation({ place }: { place: Place }) {
  const { t } = useWords();
  const { scope } = useContext(SessionContext);
  const params = carried(place.params);
  return (
    <nav aria-label={t('navigation')}>
      <ul>
        {pages
          .filter(({ hidden, admin }) => !hidden && (!admin || scope === 'admin'))
          .map(({ name }) => (
            <li key={name}>
              <a href={address(name, params)} aria-current={name === place.page ? 'page' : undefined}>
                {t(name)}
              </a>
            </li>
          ))}
      </ul>
    </nav>
  );
}
