// Which language is spoken, and how it writes numbers and dates.

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { keep, kept } from '../stored';
import { languages, messages, type Key, type Language } from './messages';

export type { Key, Language };
export { languages };

const stored = 'ibarura.language';

export const isLanguage = (name: string): name is Language => Object.hasOwn(languages, name);

/** preferredLanguage is the one chosen here before, or the browser's. */
export function preferredLanguage(): Language {
  const wanted = [kept(stored) ?? '', ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return wanted.find(isLanguage) ?? 'en';
}

export function rememberLanguage(language: Language): void {
  keep(stored, language);
}

export const LanguageContext = createContext<Language>('en');

/** Words are a language at work. */
export interface Words {
  language: Language;
  t: (key: Key, values?: Record<string, string | number>) => string;
  number: (n: number) => string;
  percent: (share: number) => string;
  change: (share: number) => string;
  seconds: (seconds: number) => string;
  period: (label: string, interval: string) => string;
  day: (date: string) => string;
  time: (moment: string, timezone: string) => string;
  clock: (moment: string, timezone: string) => string;
}

/** useWords returns the words of the language that is chosen. */
export function useWords(): Words {
  return wordsOf(useContext(LanguageContext));
}

const made = new Map<Language, Words>();

export function wordsOf(language: Language): Words {
  const known = made.get(language) ?? make(language);
  made.set(language, known);
  return known;
}

function make(language: Language): Words {
  // Browsers without Kinyarwanda write its numbers and dates as in English.
  const locale = [language, 'en'];
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const change = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' });
  return {
    language,
    t: (key, values = {}) => messages[key][language].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? '')),
    number: (n) => number.format(n),
    percent: (share) => percent.format(share),
    change: (share) => change.format(share),
    seconds: (seconds) => duration(seconds, number),
    period: (label, interval) => periodOf(label, interval, locale),
    day: (date) => dateOf(date, { dateStyle: 'medium' }, locale),
    clock: (moment, timeZone) => new Intl.DateTimeFormat(locale, { timeStyle: 'medium', timeZone }).format(new Date(moment)),
    time: (moment, timeZone) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(moment)),
  };
}

const dateOf = (date: string, options: Intl.DateTimeFormatOptions, locale: string[]) =>
  new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(new Date(`${date.slice(0, 10)}T00:00:00Z`));

/** periodOf writes the label of a period: a local date, or an hour with its offset. */
function periodOf(label: string, interval: string, locale: string[]): string {
  switch (interval) {
    case 'hour':
      return `${dateOf(label, { day: 'numeric', month: 'short' }, locale)} ${label.slice(11, 16)}`;
    case 'month':
      return dateOf(label, { month: 'short', year: 'numeric' }, locale);
    case 'quarter':
      return `Q${Math.floor(Number(label.slice(5, 7)) / 3) + 1} ${label.slice(0, 4)}`;
    case 'year':
      return label.slice(0, 4);
    default:
      return dateOf(label, { dateStyle: 'medium' }, locale);
  }
}

function duration(seconds: number, number: Intl.NumberFormat): string {
  if (seconds < 60) return `${number.format(Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  if (seconds < 86_400) return `${number.format(Math.round(seconds / 360) / 10)} h`;
  return `${number.format(Math.round(seconds / 8640) / 10)} d`;
}
