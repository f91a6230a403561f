// A view that a link shows, in a frame or on its own: the panels of its page, whose
// view it is, and nothing that leads elsewhere.

import type { FunctionComponent } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { forget, OverContext, SessionContext, useView } from './api/ask';
import { currentLink, Problem } from './api/client';
import type { SharedView } from './api/types';
import { isLanguage, LanguageContext, preferredLanguage, rememberLanguage, useWords, type Key, type Language } from './i18n';
import { Attendance } from './pages/attendance';
import { Content } from './pages/content';
import { Events } from './pages/events';
import { Funnel } from './pages/funnel';
import { Messaging } from './pages/messaging';
import { Overview } from './pages/overview';
import { Pages } from './pages/pages';
import { Post } from './pages/post';
import { Users } from './pages/users';
import { placeOf } from './place';
import { addDays } from './range';
import { PlaceContext } from './router';
import { SharedContext } from './share';
import { ShadeContext, themes, useTheme } from './theme';
import { useFilterName } from './ui/remarks';
import { Settings } from './ui/settings';
import { Failed, Loading } from './ui/states';

const shown: Partial<Record<string, { title: Key; show: FunctionComponent }>> = {
  overview: { title: 'overview', show: Overview },
  users: { title: 'users', show: Users },
  content: { title: 'content', show: Content },
  post: { title: 'post', show: Post },
  events: { title: 'events', show: Events },
  pages: { title: 'pages', show: Pages },
  attendance: { title: 'attendance', show: Attendance },
  messaging: { title: 'messaging', show: Messaging },
  funnel: { title: 'funnel', show: Funnel },
};

/** Shared shows the view; who embeds it may wish for a language and a theme behind the token. */
export function Shared({ wishes }: { wishes: URLSearchParams }) {
  const wished = wishes.get('language') ?? '';
  const [language, setLanguage] = useState<Language>(isLanguage(wished) ? wished : preferredLanguage());
  const { theme, shade, choose } = useTheme(themes.find((name) => name === wishes.get('theme')));
  document.documentElement.lang = language;
  const speak = (next: Language) => {
    rememberLanguage(next);
    setLanguage(next);
  };
  return (
    <LanguageContext.Provider value={language}>
      <ShadeContext.Provider value={shade}>
        <SharedContext.Provider value={true}>
          <main class="shared">
            <Opened />
            <Settings language={language} speak={speak} theme={theme} choose={choose} />
          </main>
        </SharedContext.Provider>
      </ShadeContext.Provider>
    </LanguageContext.Provider>
  );
}

/** Opened asks what the link shows. */
function Opened() {
  const [view, setView] = useState<SharedView | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const fail = useCallback((error: unknown) => setProblem(error instanceof Problem ? error : new Problem(0, 'unknown', String(error))), []);
  const look = useCallback(() => {
    setProblem(null);
    currentLink().then(setView, fail);
  }, [fail]);
  useEffect(look, [look]);
  if (problem) return <Closed problem={problem} retry={look} />;
  if (!view) return <Loading />;
  return (
    <SessionContext.Provider value={{ project: view.project, timezone: view.timezone, scope: 'read', key_id: '' }}>
      <OverContext.Provider value={fail}>
        <View of={view} />
      </OverContext.Provider>
    </SessionContext.Provider>
  );
}

const closed: Partial<Record<string, Key>> = { link_invalid: 'link_not_whole', link_expired: 'link_over', link_revoked: 'link_taken_back' };

/** Closed says why there is nothing to see, and what to do. */
function Closed({ problem, retry }: { problem: Problem; retry: () => void }) {
  const { t } = useWords();
  const why = closed[problem.code];
  if (!why) return <Failed problem={problem} retry={retry} />;
  return (
    <div class="state closed" role="status" data-code={problem.code}>
      <h1>{t(problem.code === 'link_invalid' ? 'link_unreadable' : 'link_closed')}</h1>
      <p>{t(why)}</p>
    </div>
  );
}

function View({ of: view }: { of: SharedView }) {
  const { t, day } = useWords();
  const [round, setRound] = useState(0);
  const place = useMemo(() => placeOf(view.view), [view.view]);
  const page = shown[place.page];
  useEffect(() => {
    document.title = `${view.name} – Ibarura`;
  }, [view.name]);
  if (!page) return <p class="state">{t('not_found')}</p>;
  return (
    <PlaceContext.Provider value={place}>
      <header class="about">
        <h1>{view.name}</h1>
        <About title={t(page.title)} />
        <button
          type="button"
          class="quiet"
          onClick={() => {
            forget();
            setRound(round + 1);
          }}
        >
          {t('refresh')}
        </button>
      </header>
      <page.show key={round} />
      <p class="whose">
        {t('link_whose', { project: view.project, date: day(view.expires_at) })}
      </p>
    </PlaceContext.Provider>
  );
}

/** About says what is looked at, which the panels do not. */
function About({ title }: { title: string }) {
  const { t, day } = useWords();
  const nameOf = useFilterName();
  const { preset, range, compare, timezone, filters } = useView();
  const said = [
    title,
    preset === 'custom' ? `${day(range.from)} – ${day(addDays(range.to, -1))}` : t(`range_${preset}`),
    ...(compare ? [`${t('compare')}: ${t(compare === 'year' ? 'compare_year' : 'compare_previous')}`] : []),
    ...Object.entries(filters).map(([name, value]) => `${nameOf(name)}: ${value}`),
    timezone,
  ];
  return <p>{said.join(' · ')}</p>;
}
