// Local dates without a time zone, and the ranges that one can choose by name.
// A range is half-open: `from` is in, `to` is out, as in the API.

export interface Range {
  from: string;
  to: string;
}

const dayMs = 86_400_000;

const toUTC = (date: string) => new Date(`${date}T00:00:00Z`);
const toDate = (at: Date) => at.toISOString().slice(0, 10);

export const isDate = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(toUTC(text).getTime());

export const addDays = (date: string, days: number) => toDate(new Date(toUTC(date).getTime() + days * dayMs));

const monthStart = (date: string, months: number) => {
  const at = toUTC(date);
  return toDate(new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1)));
};

const yearStart = (date: string, years: number) => `${Number(date.slice(0, 4)) + years}-01-01`;

export const daysOf = (range: Range) => (toUTC(range.to).getTime() - toUTC(range.from).getTime()) / dayMs;

/** today is the local date in a zone; an unknown zone is the server's to refuse. */
export function today(timezone: string, now = new Date()): string {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' }).format(now);
  } catch {
    return toDate(now);
  }
}

/** presets are the ranges by name, seen on a day; none reaches beyond it, where nothing can have happened yet. */
const presets = {
  '7d': (day: string) => ({ from: addDays(day, -6), to: addDays(day, 1) }),
  '30d': (day: string) => ({ from: addDays(day, -29), to: addDays(day, 1) }),
  '90d': (day: string) => ({ from: addDays(day, -89), to: addDays(day, 1) }),
  month: (day: string) => ({ from: monthStart(day, 0), to: addDays(day, 1) }),
  last_month: (day: string) => ({ from: monthStart(day, -1), to: monthStart(day, 0) }),
  '12m': (day: string) => ({ from: monthStart(day, -11), to: addDays(day, 1) }),
  year: (day: string) => ({ from: yearStart(day, 0), to: addDays(day, 1) }),
  last_year: (day: string) => ({ from: yearStart(day, -1), to: yearStart(day, 0) }),
  '5y': (day: string) => ({ from: yearStart(day, -4), to: addDays(day, 1) }),
} satisfies Record<string, (day: string) => Range>;

export type Preset = keyof typeof presets;

export const presetNames = Object.keys(presets) as Preset[];

export const isPreset = (name: string): name is Preset => Object.hasOwn(presets, name);

export const rangeOf = (name: Preset, day: string): Range => presets[name](day);

export const intervals = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;

export type Interval = (typeof intervals)[number];

/** intervalFor is what a chart can show well: some dozen to a hundred periods. */
export function intervalFor(range: Range): Interval {
  const days = daysOf(range);
  if (days <= 2) return 'hour';
  if (days <= 92) return 'day';
  if (days <= 200) return 'week';
  return days <= 3000 ? 'month' : 'year';
}
