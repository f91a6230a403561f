// Light or dark: as the system has it, unless one is chosen here.

import { createContext } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { keep, kept } from './stored';

export const themes = ['auto', 'light', 'dark'] as const;

export type Theme = (typeof themes)[number];

const stored = 'ibarura.theme';

const system = matchMedia('(prefers-color-scheme: dark)');

const chosen = (): Theme => themes.find((name) => name === kept(stored)) ?? 'auto';

/** ShadeContext says which one is shown, for what cannot be coloured by style sheets. */
export const ShadeContext = createContext<'light' | 'dark'>('light');

/** useTheme returns what is chosen, or wished for to begin with, what is shown, and how to choose. */
export function useTheme(wished?: Theme): { theme: Theme; shade: 'light' | 'dark'; choose: (theme: Theme) => void } {
  const [theme, setTheme] = useState(() => wished ?? chosen());
  const [systemDark, setSystemDark] = useState(system.matches);
  useEffect(() => {
    const follow = () => setSystemDark(system.matches);
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, []);
  const shade = theme === 'auto' ? (systemDark ? 'dark' : 'light') : theme;
  document.documentElement.dataset['shade'] = shade;
  const choose = (next: Theme) => {
    keep(stored, next);
    setTheme(next);
  };
  return { theme, shade, choose };
}
